# SPDX-License-Identifier: Apache-2.0
"""Few cases out of many: every two values of different factors meet in one of them. The same ones
on every machine."""

import collections
import itertools


def pairs_of(case):
    """Of a case, or of what is decided of it so far: {factor: value}."""
    return set(itertools.combinations(sorted(case.items()), 2))


def product(factors, is_allowed=lambda case: True):
    """Every case, as {factor: value}. `factors`: {name: values}."""
    cases = (dict(zip(factors, values)) for values in itertools.product(*factors.values()))
    return [case for case in cases if is_allowed(case)]


def pairwise(factors, is_allowed=lambda case: True):
    """Cases of the product in which all pairs of values stand that any allowed case has. Each is
    the one that brings most pairs of those still missing, by the values that are rarest so far."""
    cases = [(case, pairs_of(case)) for case in product(factors, is_allowed)]
    missing = set().union(*(pairs for _, pairs in cases))
    chosen, used = [], collections.Counter()
    while missing:
        counts = [len(pairs & missing) for _, pairs in cases]
        most = max(counts)
        best = [one for one, count in zip(cases, counts) if count == most]
        case, pairs = min(best, key=lambda one: sum(used[value] for value in one[0].items()))
        missing -= pairs
        used.update(case.items())
        chosen.append(case)
    return chosen

# SPDX-License-Identifier: Apache-2.0
"""docs/figures.md, and how figures stand on it."""

import statistics

from kit import SOURCE

PAGE = SOURCE / "docs/figures.md"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def verdict(figure, aim):
    return "met" if figure <= aim else "**missed**"


def spread(values, form=""):
    """Their median, the least and the most."""
    return "{:{form}} ({:{form}} to {:{form}})".format(
        statistics.median(values), min(values), max(values), form=form)

# SPDX-License-Identifier: Apache-2.0
"""Runs the tests of a program, side by side where it says so, because most of their time they wait
for a phone that waits for a server. Results are told in the order in which the tests stand.

A test program has TestCases and may have
    NEEDS      functions of kit.needs; where something is missing the program ends with 77
    WORKERS    how many of its tests run at the same time
    prepare    what all its tests stand on: a function of an ExitStack, with which it goes
    main       a function of the words behind the program's name, instead of all of it
"""

import contextlib
import importlib
import pathlib
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from kit import TESTS

SIDE_BY_SIDE = 12
SKIPPED = 77


def flat(suite):
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from flat(one)
        else:
            yield one


def method_of(test):
    return getattr(test, test.id().rsplit(".", 1)[-1]).__func__


def line_of(test):
    """Those of a table stand where it does."""
    method = method_of(test)
    return getattr(method, "line", method.__code__.co_firstlineno)


def name_of(test):
    words = (method_of(test).__doc__ or "").strip().split("\n")[0]
    return ": ".join(filter(None, [".".join(test.id().split(".")[-2:]), words]))


def run_one(test):
    result = unittest.TestResult()
    began_s = time.monotonic()
    test.run(result)
    return result, time.monotonic() - began_s


def report(test, result, seconds):
    """Prints one line, and what went wrong. True when nothing did."""
    failures = [text for _, text in result.failures + result.errors]
    verdict = "ok" if not failures else "FAILED"
    if result.skipped:
        verdict = f"skipped ({result.skipped[0][1]})"
    print(f"{verdict:6} {seconds:5.1f} s  {name_of(test)}", flush=True)
    for text in failures:
        print("    " + text.replace("\n", "\n    "), flush=True)
    return not failures


def run_tests(module, wanted):
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    tests = sorted((test for test in flat(suite)
                    if not wanted or any(word in name_of(test) for word in wanted)), key=line_of)
    began = sorted(tests, key=lambda test: not getattr(method_of(test), "is_slow", False))
    with ThreadPoolExecutor(getattr(module, "WORKERS", 1)) as pool:
        futures = {test: pool.submit(run_one, test) for test in began}
        failed = sum(not report(test, *futures[test].result()) for test in tests)
    print(f"{len(tests)} tests, {failed} failed")
    return 1 if failed or not tests else 0


def main(words):
    script = pathlib.Path(words[0]).resolve().relative_to(TESTS)
    module = importlib.import_module(".".join(script.with_suffix("").parts))
    for need in getattr(module, "NEEDS", ()):
        if missing := need():
            print(f"skipped: {missing}")
            return SKIPPED
    if hasattr(module, "main"):
        return module.main(words[1:])
    with contextlib.ExitStack() as stack:
        if hasattr(module, "prepare"):
            module.prepare(stack)
        return run_tests(module, words[1:])

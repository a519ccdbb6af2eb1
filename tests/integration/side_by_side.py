# SPDX-License-Identifier: Apache-2.0
"""Runs the tests of a script in threads, because most of their time they wait for a phone that
waits for a server. Results are told in the order in which the tests stand in the file.

    if __name__ == "__main__":
        sys.exit(run())            # SCRIPT [WORDS ...]: only tests with one of these in their name

A test stands alone: setUp, tearDown and clean-ups as ever, nothing for a whole class or module.
"""

import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

WORKERS = 12


def slow(method):
    """Marks a test that waits for a bound of many seconds; it starts before the others."""
    method.is_slow = True
    return method


def flat(suite):
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from flat(one)
        else:
            yield one


def method_of(test):
    return getattr(test, test.id().rsplit(".", 1)[-1])


def line_of(test):
    return method_of(test).__func__.__code__.co_firstlineno


def name_of(test):
    words = (method_of(test).__doc__ or test.id()).strip().split("\n")[0]
    return f"{test.id().removeprefix('__main__.')}: {words}"


def run_one(test):
    result = unittest.TestResult()
    began_s = time.monotonic()
    test.run(result)
    return test, result, time.monotonic() - began_s


def report(test, result, seconds):
    """Prints one line, and what went wrong. True when nothing did."""
    failures = [text for _, text in result.failures + result.errors]
    verdict = "ok" if not failures else "FAILED"
    if result.skipped:
        verdict = f"skipped ({result.skipped[0][1]})"
    print(f"{verdict:6} {seconds:5.1f} s  {name_of(test)}")
    for text in failures:
        print("    " + text.replace("\n", "\n    "))
    return not failures


def run(workers=WORKERS):
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    wanted = sys.argv[1:]
    tests = sorted((test for test in flat(suite)
                    if not wanted or any(word in name_of(test) for word in wanted)), key=line_of)
    began = sorted(tests, key=lambda test: not getattr(method_of(test), "is_slow", False))
    with ThreadPoolExecutor(workers) as pool:
        futures = {test: pool.submit(run_one, test) for test in began}
        failed = sum(not report(*futures[test].result()) for test in tests)
    print(f"{len(tests)} tests, {failed} failed")
    return 1 if failed or not tests else 0

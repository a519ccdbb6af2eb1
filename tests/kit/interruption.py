# SPDX-License-Identifier: Apache-2.0
"""SIGTERM and its like as an exception, which waits where it would tear something in two. To block
the signal is not enough: another thread takes it, and Python raises in this one."""

import contextlib
import signal

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

waiting = []  # numbers of signals that came while they were held
depth = 0


class Interrupted(Exception):
    """By the signal of this number."""


def _take(number, _):
    if depth:
        waiting.append(number)
    else:
        raise Interrupted(number)


def begin():
    for number in ENDING:
        signal.signal(number, _take)


def end():
    """From now on nothing may cut the cleaning up short."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def held():
    """What is inside is done whole, and the exception comes after it."""
    global depth
    depth += 1
    try:
        yield
    finally:
        depth -= 1
    if waiting and not depth:
        raise Interrupted(waiting.pop())

# SPDX-License-Identifier: Apache-2.0
"""Waiting: always with a bound, and with words of what was waited for."""

import threading
import time

from kit import KitError

TICK_S = 0.005
LIMIT_S = 20


def pause(seconds):
    """Time passes."""
    threading.Event().wait(seconds)


def wait_until(look, what, limit_s=LIMIT_S, stamp=None):
    """Looks again and again until there is something to see, and returns it. A look that costs
    much is repeated only when `stamp`, a function that costs little, returns something else.
    Raises KitError."""
    end_s = time.monotonic() + limit_s
    while True:
        before = stamp and stamp()
        if seen := look():
            return seen
        while True:
            if time.monotonic() > end_s:
                raise KitError(f"{what}: not within {limit_s} s")
            pause(TICK_S)
            if not stamp or stamp() != before:
                break


def stamp_of(path):
    """Changes whenever the file at the path does; None while there is none."""
    try:
        about = path.stat()
    except FileNotFoundError:
        return None
    return about.st_ino, about.st_size, about.st_mtime_ns

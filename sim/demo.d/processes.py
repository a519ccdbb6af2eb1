# SPDX-License-Identifier: Apache-2.0
"""Programs that the demonstration starts: each in a session of its own, so that Ctrl-C reaches
only the demonstration, and each told to end should the demonstration itself be killed."""

import ctypes
import os
import signal
import subprocess
import time

STEP_S = 0.01  # between two looks at something that is about to happen
PR_SET_PDEATHSIG = 1


class DemoError(Exception):
    """What went wrong, in words for a person."""


def _end_with_parent():
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(argv, **options):
    """A running program; the caller owes it stop()."""
    try:
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, start_new_session=True,
                                preexec_fn=_end_with_parent, **options)
    except FileNotFoundError:
        raise DemoError(f"{argv[0]} is not installed; sim/demo without --no-build "
                        "installs what is missing") from None


def stop(process, ask=signal.SIGTERM, wait_s=3):
    """Asks the program to end, ends it if it does not, and whatever it left in its session."""
    if process.poll() is None:
        process.send_signal(ask)
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(argv, what, limit_s=20):
    """Runs a program to its end and returns what it wrote. Raises DemoError in the words
    `what`, with the program's own last line."""
    process = start(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        out, complaint = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        raise DemoError(f"{what}: no end after {limit_s} s") from None
    finally:
        stop(process)
    if process.returncode != 0:
        words = complaint.strip().split("\n")[-1] or f"status {process.returncode}"
        raise DemoError(f"{what}: {words}")
    return out


def wait_until(is_so, what, limit_s=5):
    """Looks again and again until `is_so()`. Raises DemoError."""
    end = time.monotonic() + limit_s
    while not is_so():
        if time.monotonic() > end:
            raise DemoError(f"{what}: not within {limit_s} s")
        time.sleep(STEP_S)

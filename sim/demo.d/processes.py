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
LIBC = ctypes.CDLL(None, use_errno=True)
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

started = []  # and not stopped yet


class DemoError(Exception):
    """What went wrong, in words for a person."""


def _begin(mask):
    """In the new process: its signals as ever, and its end with its parent's."""
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(argv, **options):
    """A running program; the caller owes it stop(). No signal comes between its beginning and its
    being known to stop_all()."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        process = subprocess.Popen(argv, start_new_session=True, preexec_fn=lambda: _begin(mask),
                                   **{"stdin": subprocess.DEVNULL, **options})
        started.append(process)
    except FileNotFoundError:
        raise DemoError(f"{argv[0]} is not installed; sim/demo without --no-build "
                        "installs what is missing") from None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return process


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
    if process in started:
        started.remove(process)


def stop_all():
    """Those whose caller was interrupted before it knew of them."""
    for process in list(started):
        stop(process)


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

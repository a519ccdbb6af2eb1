# SPDX-License-Identifier: Apache-2.0
"""Programs that are started: to their end (run, ask), or until they are stopped (start, stop). The
latter are in a session of their own, so that Ctrl-C reaches only us, and end when we do."""

import contextlib
import os
import pathlib
import select
import shutil
import signal
import subprocess

from kit import KitError
from kit.interruption import held

COMMAND_S = 20
STOP_S = 5
END_S = 60
NOT_INSTALLED = "is not installed; toolchains/bootstrap installs what is missing"

running = set()  # started and not stopped yet


def ask(words, limit_s=COMMAND_S, **options):
    """Runs a program to its end: a CompletedProcess with all it wrote. Raises KitError if it is
    not there, or has no end."""
    words = [str(word) for word in words]
    if "input" not in options:
        options.setdefault("stdin", subprocess.DEVNULL)
    try:
        return subprocess.run(words, timeout=limit_s, check=False,
                              **{"capture_output": True, "text": True, **options})
    except FileNotFoundError:
        raise KitError(f"{words[0]} {NOT_INSTALLED}") from None
    except subprocess.TimeoutExpired:
        raise KitError(f"{words[0]}: no end after {limit_s} s") from None


def run(words, allowed=(0,), **options):
    """What a program writes that goes well. Raises KitError with its last words."""
    done = ask(words, **options)
    if done.returncode not in allowed:
        told = done.stderr or done.stdout
        told = told if isinstance(told, str) else told.decode("utf-8", "replace")
        last = (told.strip() or f"status {done.returncode}").splitlines()[-1]
        raise KitError(f"{' '.join(map(str, words[:3]))[:80]}: {last}")
    return done.stdout


def start(words, log=None, dies_by="TERM", **options):
    """A running program; the caller owes it stop(). `log`: the file that gets what it says.
    `dies_by`: the signal it gets when this process ends; with None it stays."""
    words = [str(word) for word in words]
    if shutil.which(words[0]) is None:
        raise KitError(f"{words[0]} {NOT_INSTALLED}")
    with held(), contextlib.ExitStack() as stack:
        if log:
            file = stack.enter_context(open(log, "ab"))
            options = {"stdout": file, "stderr": file, **options}
        leash = ["setpriv", "--pdeathsig", dies_by] if dies_by else []
        process = subprocess.Popen([*leash, *words], start_new_session=True,
                                   **{"stdin": subprocess.DEVNULL, **options})
        running.add(process)
    return process


def stop(process, ask_by=signal.SIGTERM, limit_s=STOP_S):
    """As an init system does it: first a word, then force, also for what it left in its session.
    What it wrote can be read as ever, if it wrote into pipes: (stdout, stderr)."""
    running.discard(process)
    if process.returncode is None:
        descriptor = os.pidfd_open(process.pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, ask_by)
        select.select([descriptor], [], [], limit_s)
        os.close(descriptor)
        kill_group(process)
    try:
        return process.communicate(timeout=limit_s)
    except (subprocess.TimeoutExpired, ValueError):
        return None, None  # somebody else has its pipes, or they were closed


def kill_group(process):
    """Nothing if the process has been waited for: its number may be another's by now."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def wait_for_end(process, limit_s=END_S):
    """(stdout, stderr) at its end. Raises KitError; it is ended by force then."""
    try:
        return process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        kill_group(process)
        process.communicate()
        raise KitError(f"{' '.join(process.args[3:6])}: no end after {limit_s} s") from None
    finally:
        running.discard(process)


def children_of(pid):
    """The numbers of a process's children."""
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(number) for number in text.split()]


def state_of(pid):
    """A letter: R runs, S sleeps, T stands still."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return text.rpartition(")")[2].split()[0]


def watches_a_folder(pid):
    """Whether it has the kernel watch a folder, and sleeps until something happens there."""
    notes = pathlib.Path(f"/proc/{pid}/fdinfo")
    try:
        return state_of(pid) == "S" and any("inotify" in one.read_text() for one in notes.iterdir())
    except OSError:
        return False


def stop_all():
    """Those whose caller was interrupted before it knew of them."""
    for process in list(running):
        stop(process)

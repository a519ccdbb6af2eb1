# SPDX-License-Identifier: Apache-2.0
"""Peak resident memory of a command's processes.

    python3 peak.py COMMAND...      prints its exit status and its processes as JSON, in the order
                                    of their end: process, parent, program, peak_kib, together_kib

The kernel's own figure for a child (ru_maxrss of wait4) also holds what the process was before it
became the command, here a Python. Therefore each process is stopped at its end and its VmHWM is
read, which begins anew with exec. together_kib is what all processes that live at that moment
hold, a page that several share counted once (Pss). Needs no rights but those over one's own
processes.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys

TRACEME, CONT, SETOPTIONS = 0, 7, 0x4200
TRACE_FORK, TRACE_VFORK, TRACE_EXEC, TRACE_EXIT = 2, 4, 0x10, 0x40
EXIT_KILL = 0x100000
EVENT_EXIT = 6
WALL = 0x40000000
LIMIT_S = 120

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(request, process, data=0):
    if LIBC.ptrace(request, process, None, data) < 0:
        raise OSError(ctypes.get_errno(), "ptrace: " + os.strerror(ctypes.get_errno()))


def status_of(process):
    with open(f"/proc/{process}/status", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def shared_out_kib(process):
    """Its pages, each divided by the number of processes that map it."""
    try:
        with open(f"/proc/{process}/smaps_rollup", encoding="utf-8") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except (FileNotFoundError, ProcessLookupError, StopIteration):
        return 0  # has ended already


def begin(words):
    process = os.fork()
    if process == 0:
        ptrace(TRACEME, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        os.execvp(words[0], words)
    os.waitpid(process, WALL)
    ptrace(SETOPTIONS, process, TRACE_FORK | TRACE_VFORK | TRACE_EXEC | TRACE_EXIT | EXIT_KILL)
    ptrace(CONT, process)
    return process


def measure(words):
    """The exit status of the command, and its processes in the order of their end."""
    leader, status, found, known = begin(words), 0, [], set()
    known.add(leader)
    while True:
        try:
            process, state = os.waitpid(-1, WALL)
        except ChildProcessError:
            return status, found
        if not os.WIFSTOPPED(state):
            status = os.waitstatus_to_exitcode(state) if process == leader else status
            known.discard(process)
            continue
        event, number = state >> 16, os.WSTOPSIG(state)
        if event == EVENT_EXIT:
            about = status_of(process)
            found.append({"program": about["Name"], "process": process,
                          "parent": int(about["PPid"]), "peak_kib": int(about["VmHWM"].split()[0]),
                          "together_kib": sum(map(shared_out_kib, known))})
        is_first_stop = process not in known and number == signal.SIGSTOP
        known.add(process)
        is_own = event != 0 or is_first_stop or number == signal.SIGTRAP
        ptrace(CONT, process, 0 if is_own else number)


def peaks(words, statuses=(0,)):
    """measure() in a process of its own, which waits for nobody else's children."""
    ended = subprocess.run([sys.executable, __file__, *map(str, words)], capture_output=True,
                           text=True, timeout=LIMIT_S, check=False, stdin=subprocess.DEVNULL)
    if ended.returncode != 0:
        raise OSError(ended.stderr.strip())
    told = json.loads(ended.stdout.splitlines()[-1])
    if told["status"] not in statuses:
        raise OSError(f"{words[0]} ended with {told['status']}")
    return told["processes"]


def largest_kib(processes):
    return max(one["peak_kib"] for one in processes)


def main():
    signal.alarm(LIMIT_S)
    status, found = measure(sys.argv[1:])
    print(json.dumps({"status": status, "processes": found}))


if __name__ == "__main__":
    main()

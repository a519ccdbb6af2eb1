# SPDX-License-Identifier: Apache-2.0
"""Code of this process that runs in another network namespace: in a thread of its own, which alone
is elsewhere. Sockets keep the namespace in which they were made, and threads are born in that of
the thread that starts them."""

import ctypes
import os
import socket
import threading

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def enter(path):
    with open(path, "rb") as file:
        if LIBC.setns(file.fileno(), CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"setns {path}: {os.strerror(number)}")


def call_inside(path, function):
    """What the function returns; raises what it raises."""
    outcome = []

    def run():
        try:
            enter(path)
            outcome.extend((function(), None))
        except OSError as error:
            outcome.extend((None, error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if not outcome or outcome[1]:
        raise outcome[1] if outcome else OSError(f"nothing came back from {path}")
    return outcome[0]


def run_inside(path, function):
    """A thread that runs the function there for as long as it likes."""
    def run():
        enter(path)
        function()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def bound_socket(path, kind, address):
    def make():
        made = socket.socket(socket.AF_INET, kind)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        return made

    return call_inside(path, make)

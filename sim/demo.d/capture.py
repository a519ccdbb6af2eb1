# SPDX-License-Identifier: Apache-2.0
"""Writes every frame of an interface into a capture file until SIGTERM comes.

    python3 capture.py INTERFACE FILE

Says "ready" on standard output once nothing can be missed any more. Frames that wait in the socket
when SIGTERM comes are written too. Runs inside a namespace, started by the demonstration.
"""

import os
import select
import signal
import socket
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from ladder.pcap import FRAME_BYTES, file_header, record

ETH_P_ALL = 0x0003
SO_TIMESTAMPNS = 35
RECEIVE_BUFFER_BYTES = 32 * 1024 * 1024
LIMIT_BYTES = 64 * 1024 * 1024  # of the file; what comes later is not written
LIMIT_S = 30 * 60


def open_socket(interface):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    raw.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    raw.bind((interface, 0))
    raw.setblocking(False)
    return raw


def write_waiting(raw, file):
    """Writes what the socket holds; false when there is no room for more."""
    while True:
        try:
            frame, fields, _, _ = raw.recvmsg(FRAME_BYTES, socket.CMSG_SPACE(16))
        except BlockingIOError:
            return True
        at_us = 0
        for level, kind, data in fields:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack("@ll", data)
                at_us = seconds * 1_000_000 + nanoseconds // 1000
        if file.tell() + len(frame) + 16 > LIMIT_BYTES:
            return False
        file.write(record(at_us, frame))


def main():
    interface, path = sys.argv[1:]
    # The signal becomes a byte in a pipe, so that it cannot come between a look and a wait.
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    signal.signal(signal.SIGTERM, lambda *_: None)
    raw = open_socket(interface)
    with open(path, "wb") as file:
        file.write(file_header())
        print("ready", flush=True)
        is_asked_to_end, has_room = False, True
        while has_room and not is_asked_to_end:
            readable, _, _ = select.select([raw, reader], [], [], LIMIT_S)
            is_asked_to_end = reader in readable or not readable
            has_room = write_waiting(raw, file)


if __name__ == "__main__":
    main()

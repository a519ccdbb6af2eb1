# SPDX-License-Identifier: Apache-2.0
"""Every frame that passes a host's interface, with the time at which the kernel had it. Nothing is
missed from the beginning to stop(), which also takes what waits in the socket."""

import contextlib
import select
import socket
import struct

from kit.closing import Closing
from kit.network import HERE
from ladder.packets import decode
from ladder.pcap import FRAME_BYTES, Packet, file_header, record
from ladder.sip_messages import read_sip

ETH_P_ALL = 0x0003
SO_TIMESTAMPNS = 35
RECEIVE_BUFFER_BYTES = 32 * 1024 * 1024
LIMIT_BYTES = 64 * 1024 * 1024  # of frames; what comes later is not kept


class Capture(Closing):
    def __init__(self, interface, host=HERE):
        self.packets, self.bytes = [], 0
        self.socket = host.call(lambda: open_socket(interface))
        self.waker, self.wake = socket.socketpair()
        self.thread = host.thread(self._run)

    def _run(self):
        while self.wake not in select.select([self.socket, self.wake], [], [])[0]:
            self._take_waiting()
        self._take_waiting()

    def _take_waiting(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                frame, fields, _, _ = self.socket.recvmsg(FRAME_BYTES, socket.CMSG_SPACE(16))
                self.bytes += len(frame)
                if self.bytes <= LIMIT_BYTES:
                    self.packets.append(Packet(time_us_of(fields), frame))

    def stop(self):
        """The packets."""
        if self.thread:
            self.waker.close()
            self.thread.join()
            self.thread = None
            self.wake.close()
            self.socket.close()
        return self.packets

    close = stop

    def save(self, path):
        with open(path, "wb") as file:
            file.write(file_header())
            for packet in self.packets:
                file.write(record(packet.at_us, packet.data))

    def segments(self):
        """Of everything until now; the capture is over then."""
        return [segment for segment in map(decode, self.stop()) if segment]

    def sip(self):
        """[(time in s, segment, SipMessage)] of the SIP datagrams."""
        rows = [(segment.at_us / 1e6, segment, read_sip(segment.payload))
                for segment in self.segments() if segment.protocol == "udp"]
        return [row for row in rows if row[2]]


def open_socket(interface):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    raw.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    raw.bind((interface, 0))
    raw.setblocking(False)
    return raw


def time_us_of(fields):
    for level, kind, data in fields:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("@ll", data)
            return seconds * 1_000_000 + nanoseconds // 1000
    return 0

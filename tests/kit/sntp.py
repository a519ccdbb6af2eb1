# SPDX-License-Identifier: Apache-2.0
"""A time server (SNTP, RFC 4330) that tells the time of a test's choice, or the right one."""

import socket
import struct
import time

from kit.network import HERE
from kit.server import Server

NTP_EPOCH_S = 2_208_988_800
PORT = 123


class TimeServer(Server):
    kind = socket.SOCK_DGRAM

    def __init__(self, address, wall_s=None, host=HERE):
        self.wall_s = wall_s
        super().__init__(host, address, PORT)

    def take(self, listener):
        asked, client = listener.recvfrom(512)
        wall_s = time.time() if self.wall_s is None else self.wall_s
        now = struct.pack("!Q", int((wall_s + NTP_EPOCH_S) * 2**32) & (2**64 - 1))
        head = struct.pack("!BBbb3I", 4 << 3 | 4, 1, 0, -20, 0, 0, 0x4C4F434C)
        listener.sendto(head + now + asked[40:48] + now + now, client)

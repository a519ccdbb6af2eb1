# SPDX-License-Identifier: Apache-2.0
"""A NAT for UDP in user space, between the network of a phone and another one: each port of the
phone's gets one of the NAT's own for as long as something was sent from it within a time that a
test chooses. What comes to such a port reaches the phone, whoever sent it (a full cone).

    nat = Nat(router, inner="eth0", outer_address="198.51.100.7", timeout_s=30)
    nat.outer_port(7547), nat.forget()

The router's kernel forwards nothing itself.
"""

import select
import socket
import struct
import threading
import time
from dataclasses import dataclass

IP_BYTES, UDP_BYTES = 20, 8
ETHERTYPE_IP, IPPROTO_RAW = 0x0800, 255


@dataclass
class Way:
    inner: tuple           # address and port of the phone
    outer: socket.socket
    used_s: float


class Nat:
    def __init__(self, host, inner, outer_address, timeout_s):
        self.host, self.outer_address, self.timeout_s = host, outer_address, timeout_s
        self.ways, self.lock = [], threading.Lock()
        self.frames = host.call(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                                      socket.htons(ETHERTYPE_IP)))
        self.frames.bind((inner, ETHERTYPE_IP))
        self.raw = host.call(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, IPPROTO_RAW))
        self.waker, self.wake = socket.socketpair()
        self.thread = host.thread(self.run)

    def close(self):
        self.waker.close()
        self.thread.join()
        self.forget()
        for one in (self.frames, self.raw, self.wake):
            one.close()

    def outer_port(self, inner_port):
        """Where the phone's port is seen; None while it is not."""
        with self.lock:
            return next((one.outer.getsockname()[1] for one in self.ways
                         if one.inner[1] == inner_port), None)

    def forget(self):
        """All ways, as after a restart."""
        with self.lock:
            for one in self.ways:
                one.outer.close()
            self.ways.clear()

    def run(self):
        while True:
            with self.lock:
                sockets = [one.outer for one in self.ways]
            ready = select.select([self.frames, self.wake, *sockets], [], [], 0.05)[0]
            if self.wake in ready:
                return
            with self.lock:
                self.drop_unused()
                if self.frames in ready:
                    self.take_out()
                for one in self.ways:
                    if one.outer in ready:
                        self.take_in(one)

    def drop_unused(self):
        now_s = time.monotonic()
        for one in [one for one in self.ways if now_s - one.used_s >= self.timeout_s]:
            one.outer.close()
            self.ways.remove(one)

    def take_out(self):
        packet, (_, _, direction, *_) = self.frames.recvfrom(2048)
        is_udp = len(packet) >= IP_BYTES + UDP_BYTES and packet[0] == 0x45 and packet[9] == 17
        if direction == socket.PACKET_OUTGOING or not is_udp:
            return
        source, destination = (socket.inet_ntoa(packet[at:at + 4]) for at in (12, 16))
        ports = struct.unpack("!HHH", packet[IP_BYTES:IP_BYTES + 6])
        # What goes to the router itself is nothing to be forwarded.
        if destination.startswith(source.rpartition(".")[0] + "."):
            return
        payload = packet[IP_BYTES + UDP_BYTES:IP_BYTES + ports[2]]
        self.way_of((source, ports[0])).outer.sendto(payload, (destination, ports[1]))

    def way_of(self, inner):
        way = next((one for one in self.ways if one.inner == inner), None)
        if way is None:
            outer = self.host.socket(socket.SOCK_DGRAM, self.outer_address, 0)
            way = Way(inner, outer, 0)
            self.ways.append(way)
        way.used_s = time.monotonic()
        return way

    def take_in(self, way):
        """As if it came from the sender himself. The kernel fills in the checksum of IP; that of
        UDP may be 0."""
        payload, sender = way.outer.recvfrom(2048)
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 0, 0, 0, 64, 17, 0,
                           socket.inet_aton(sender[0]), socket.inet_aton(way.inner[0]))
        ports = struct.pack("!HHHH", sender[1], way.inner[1], UDP_BYTES + len(payload), 0)
        self.raw.sendto(head + ports + payload, (way.inner[0], 0))

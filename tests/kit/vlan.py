# SPDX-License-Identifier: Apache-2.0
"""Two switches joined by a trunk that carries 802.1Q tags, for a kernel that has no VLAN devices: a
thread copies frames between taps, each the network interface of a host.

    trunk = Trunk()
    trunk.access.connect(phone, "p0", vlan=10)
    trunk.core.connect(server, "s0", vlan=10)
    trunk.access.move("p0", 20)             # an administrator gives the port another VLAN
    trunk.access.set_carrier("p0", False)   # the port goes down, which the phone sees
    trunk.tags_from(mac)                    # of the frames from there that have passed the trunk
"""

import fcntl
import os
import select
import socket
import struct
import threading
from collections import namedtuple

from kit.network import HERE

TUNSETIFF, TUNSETCARRIER = 0x400454CA, 0x400454E2
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
FRAME_BYTES = 65536
ADDRESSES_BYTES = 12  # destination and source, before the tag
TPID = b"\x81\x00"    # IEEE 802.1Q 9.6
VLAN_BITS = 0x0FFF
TUN = "/dev/net/tun"

# `vlan` of a frame on the trunk, and the frame without its tag.
Passed = namedtuple("Passed", "vlan frame")


def tagged(frame, vlan):
    return frame[:ADDRESSES_BYTES] + TPID + struct.pack("!H", vlan) + frame[ADDRESSES_BYTES:]


def untagged(frame):
    """A frame without a tag has no place on a trunk."""
    assert frame[ADDRESSES_BYTES:ADDRESSES_BYTES + 2] == TPID
    control, = struct.unpack_from("!H", frame, ADDRESSES_BYTES + 2)
    return Passed(control & VLAN_BITS, frame[:ADDRESSES_BYTES] + frame[ADDRESSES_BYTES + 4:])


class Switch:
    """Floods: it has no table of addresses. `trunk`: a socket whose other end is another switch."""

    def __init__(self, trunk):
        self.trunk = trunk
        self.taps = {}   # name: descriptor
        self.vlans = {}  # descriptor: VLAN of that access port
        self.down = set()  # descriptors of ports that are switched off

    def connect(self, host, name, vlan):
        """Gives `host` an interface of that name, up, at a port in that VLAN."""
        tap = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
        made = fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", b"port%d", IFF_TAP | IFF_NO_PI))
        HERE.ip("link", "set", made[:16].rstrip(b"\0").decode(), "netns", host.path, "name", name)
        host.up(name)
        self.taps[name] = tap
        self.vlans[tap] = vlan

    def move(self, name, vlan):
        self.vlans[self.taps[name]] = vlan

    def set_carrier(self, name, is_up):
        tap = self.taps[name]
        (self.down.discard if is_up else self.down.add)(tap)
        fcntl.ioctl(tap, TUNSETCARRIER, struct.pack("i", is_up))

    def from_port(self, tap):
        frame, vlan = os.read(tap, FRAME_BYTES), self.vlans[tap]
        if tap in self.down:
            return
        self.to_ports(Passed(vlan, frame), but=tap)
        self.trunk.send(tagged(frame, vlan))

    def from_trunk(self):
        """Passed."""
        passed = untagged(self.trunk.recv(FRAME_BYTES))
        self.to_ports(passed)
        return passed

    def to_ports(self, passed, but=None):
        for tap, vlan in list(self.vlans.items()):
            if vlan == passed.vlan and tap != but and tap not in self.down:
                os.write(tap, passed.frame)

    def close(self):
        for tap in self.vlans:
            os.close(tap)
        self.trunk.close()


class Trunk:
    """Until close()."""

    def __init__(self):
        ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.access, self.core = (Switch(end) for end in ends)
        self.passed = []
        self.wake, self.waker = os.pipe()
        self.thread = threading.Thread(target=self.run)
        self.is_running = False

    def start(self):
        """Frames move from now on; ports stay what they are but for their VLAN and carrier."""
        self.is_running = True
        self.thread.start()

    def run(self):
        sources = {tap: switch for switch in (self.access, self.core) for tap in switch.vlans}
        trunks = {switch.trunk.fileno(): switch for switch in (self.access, self.core)}
        while True:
            for ready in select.select([self.wake, *sources, *trunks], [], [])[0]:
                if ready == self.wake:
                    return
                if ready in trunks:
                    self.passed.append(trunks[ready].from_trunk())
                else:
                    sources[ready].from_port(ready)

    def tags_from(self, mac):
        """VLANs of the frames of that host that have passed, in order."""
        return [passed.vlan for passed in list(self.passed) if passed.frame[6:12] == mac]

    def close(self):
        os.write(self.waker, b"x")
        if self.is_running:
            self.thread.join()
        for end in (self.wake, self.waker):
            os.close(end)
        self.access.close()
        self.core.close()

# SPDX-License-Identifier: Apache-2.0
"""Hosts with a network of their own each, joined by cables (veth pairs).

A host's namespace has no name, only an open file of this process: it is gone with the process and
with the last program inside, however they end. Interfaces are made inside, so nothing of the
machine's own network is touched. Works for root, and for the root of a user namespace.
"""

import ctypes
import os
import pathlib
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

from kit import KitError
from kit.processes import run
from kit.waiting import wait_until

CLONE_NEWNET = 0x40000000
LISTENING = {"tcp": "0A", "udp": "07"}  # states in /proc/net
LIBC = ctypes.CDLL(None, use_errno=True)


class ThisHost:
    """The network that this process itself is in."""

    path = "/proc/self/ns/net"

    def inside(self, words):
        """The command line `words`, to be run on this host."""
        return [str(word) for word in words]

    def call(self, function):
        """What the function returns, run on this host; raises what it raises."""
        return function()

    def thread(self, function):
        """A thread on this host; so are those that it starts, and the sockets that they make."""
        made = threading.Thread(target=self.call, args=(function,), daemon=True)
        made.start()
        return made

    def socket(self, kind, address, port):
        """One that is bound, IPv6 if the address is such."""
        def make():
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            made = socket.socket(family, kind)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((address, port))
            return made
        return self.call(make)

    def listens(self, port, kind="tcp", address=""):
        """Whether anybody has the port, at this IPv4 address or at all of them; whichever it is if
        none is named."""
        def tables():
            return [pathlib.Path(f"/proc/thread-self/net/{name}").read_text(encoding="ascii")
                    for name in (kind, kind + "6")]
        octets = "".join(f"{int(octet):02X}" for octet in reversed(address.split("."))) \
            if "." in address else "[0-9A-F]+"
        wanted = re.compile(rf" (?:{octets}|00000000):{port:04X} [0-9A-F]+:0000 {LISTENING[kind]} ")
        return any(map(wanted.search, self.call(tables)))

    def ip(self, *words):
        """What `ip` says on this host."""
        return run(self.inside(["ip", *words]))

    def up(self, *interfaces, is_quiet=False):
        """`is_quiet`: without a link-local address, so that the kernel's own neighbour talk does
        not fill a capture."""
        for interface in interfaces:
            if is_quiet:
                self.ip("link", "set", interface, "addrgenmode", "none")
            self.ip("link", "set", interface, "up")

    def add_address(self, interface, address, *options):
        """`address` with its prefix's length."""
        self.ip("address", "add", address, *options, "dev", interface)

    def join_group(self, interface, group):
        """What is sent to the multicast group reaches every socket of the host that is bound to
        no address, as a server's is that cannot join a group itself."""
        if f" {group}/32 " not in self.ip("address", "show", "dev", interface):
            self.add_address(interface, f"{group}/32", "autojoin")

    def wait_for_carrier(self, interface):
        """The kernel takes up to a second to notice that both ends are up."""
        wait_until(lambda: " state UP " in self.ip("-o", "link", "show", interface),
                   f"carrier on {interface}")

    def cable(self, name, there, other_name, *, mac="", other_mac="", is_quiet=False):
        """Joins this host and another by interfaces of these names, which are up afterwards."""
        macs = [["address", one] if one else [] for one in (mac, other_mac)]
        self.ip("link", "add", name, *macs[0], "type", "veth", "peer", "name", other_name,
                *macs[1], "netns", there.path)
        self.up(name, is_quiet=is_quiet)
        there.up(other_name, is_quiet=is_quiet)

    def add_switch(self, *ports):
        """A bridge of this name's host, to which these interfaces belong."""
        self.ip("link", "add", "switch", "type", "bridge", "mcast_snooping", "0")
        self.up("switch", is_quiet=True)
        for port in ports:
            self.plug(port)

    def plug(self, port):
        self.ip("link", "set", port, "master", "switch")

    def add_tap(self, interface, tap):
        """A socket for the cable of a machine that an emulator runs on this host: what comes out
        of it goes through the host's interface, as through a switch."""
        self.ip("tuntap", "add", "dev", tap, "mode", "tap")
        self.add_switch(interface, tap)
        self.up(tap, is_quiet=True)


HERE = ThisHost()


class Host(ThisHost):
    """A network of its own, until close()."""

    def __init__(self):
        self.descriptor = apart(self._make)
        self.up("lo")

    @staticmethod
    def _make():
        """In a thread that ends afterwards: it alone has gone over there."""
        if LIBC.unshare(CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise KitError(f"a network namespace cannot be made: {os.strerror(number)}")
        return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    @property
    def path(self):
        """The namespace as nsenter and ip take it."""
        return f"/proc/{os.getpid()}/fd/{self.descriptor}"

    def inside(self, words):
        return ["nsenter", f"--net={self.path}", "--", *map(str, words)]

    def enter(self):
        """The thread that calls goes there."""
        if LIBC.setns(self.descriptor, CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"setns: {os.strerror(number)}")

    def call(self, function):
        def there():
            self.enter()
            return function()
        return apart(there)

    def thread(self, function):
        def there():
            self.enter()
            function()
        made = threading.Thread(target=there, daemon=True)
        made.start()
        return made

    def close(self):
        os.close(self.descriptor)


def apart(function):
    """What the function returns in a thread of its own; raises what it raises."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()

# SPDX-License-Identifier: Apache-2.0
"""A network of namespaces: one for each host, joined by a cable (a veth pair).

A namespace has no name, only an open file of this process: it is gone with the process and with
the last program inside, however they end. Interfaces are made inside, so nothing of the machine's
own network is touched. Works for root, and for the root of a user namespace of one's own
(`unshare --user --map-root-user`).
"""

import os
import select
import subprocess

from processes import DemoError, run, start, stop, wait_until

PREFIX_LENGTH = 16
START_S = 5


class Network:
    """Taken away with close(), however far it came."""

    def __init__(self):
        self.files = {}  # host: descriptor of its namespace

    def path(self, host):
        """The namespace as nsenter and ip take it."""
        return f"/proc/{os.getpid()}/fd/{self.files[host]}"

    def inside(self, host, argv):
        """`argv`, to be run on that host."""
        return ["nsenter", f"--net={self.path(host)}", *argv]

    def add_host(self, host):
        # A program that has just been born in a namespace of its own says so by an echo.
        maker = start(["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                      stderr=subprocess.PIPE)
        try:
            maker.stdin.write(b".")
            maker.stdin.flush()
            is_made, _, _ = select.select([maker.stdout], [], [], START_S)
            if not is_made or maker.stdout.read(1) != b".":
                maker.kill()
                words = maker.stderr.read().decode("utf-8", "replace").strip()
                raise DemoError(f"a network namespace cannot be made: {words or 'no answer'}")
            self.files[host] = os.open(f"/proc/{maker.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        except BrokenPipeError:
            raise DemoError("a network namespace cannot be made") from None
        finally:
            stop(maker)
            for pipe in (maker.stdin, maker.stdout, maker.stderr):
                close_quietly(pipe)
        self.ip(host, "link", "set", "lo", "up")

    def join(self, first, second):
        """A cable between two hosts; each end is (host, interface, MAC, IPv4 address or None)."""
        (here, name, mac, _), (there, other_name, other_mac, _) = first, second
        self.ip(here, "link", "add", name, "address", mac, "type", "veth",
                "peer", "name", other_name, "address", other_mac, "netns", self.path(there))
        for end in (first, second):
            self._bring_up(end)

    def add_tap(self, host, interface, tap):
        """A socket for the cable of a machine that an emulator runs on that host: what comes out
        of it goes through the host's interface, as through a switch."""
        self.ip(host, "link", "add", "switch", "type", "bridge", "mcast_snooping", "0")
        self.ip(host, "tuntap", "add", "dev", tap, "mode", "tap")
        for name in ("switch", tap):
            self.ip(host, "link", "set", name, "addrgenmode", "none")
        for name in (interface, tap):
            self.ip(host, "link", "set", name, "master", "switch")
        for name in (tap, "switch"):
            self.ip(host, "link", "set", name, "up")

    def _bring_up(self, end):
        host, interface, _, address = end
        # No link-local address: the kernel's own neighbour talk would fill the capture.
        self.ip(host, "link", "set", interface, "addrgenmode", "none")
        if address:
            self.ip(host, "address", "add", f"{address}/{PREFIX_LENGTH}", "broadcast", "+",
                    "dev", interface)
        self.ip(host, "link", "set", interface, "up")

    def join_group(self, host, interface, group):
        """What is sent to the multicast group reaches every socket of the host that is bound to
        no address, as a server's is that cannot join a group itself."""
        self.ip(host, "address", "add", f"{group}/32", "dev", interface, "autojoin")

    def wait_for_carrier(self, host, interface):
        """The kernel takes up to a second to notice that both ends are up."""
        wait_until(lambda: " state UP " in self.ip(host, "-o", "link", "show", interface),
                   f"{host}: carrier on {interface}")

    def ip(self, host, *words):
        """What `ip` says on that host. Raises DemoError."""
        return run(self.inside(host, ["ip", *words]), f"{host}: ip {' '.join(words)}")

    def close(self):
        for descriptor in self.files.values():
            os.close(descriptor)
        self.files = {}


def close_quietly(pipe):
    try:
        pipe.close()
    except OSError:
        pass  # what was in it finds no reader any more

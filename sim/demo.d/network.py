# SPDX-License-Identifier: Apache-2.0
"""A network of namespaces: one for each host, joined by a cable (a veth pair). Names are unique to
this run, and interfaces are made inside the namespaces, so nothing of the machine's own network is
touched."""

import os
import secrets
import subprocess

from processes import DemoError, run, start, stop, wait_until

PREFIX_LENGTH = 16


class Network:
    """Made with hosts(), taken away with close(), however far it came."""

    def __init__(self):
        self.tag = f"dialtone-{os.getpid()}-{secrets.token_hex(2)}"
        self.namespaces = []

    def namespace(self, host):
        return f"{self.tag}-{host}"

    def inside(self, host, argv):
        """`argv`, to be run on that host."""
        return ["ip", "netns", "exec", self.namespace(host), *argv]

    def add_host(self, host):
        name = self.namespace(host)
        self.namespaces.append(name)
        run(["ip", "netns", "add", name], "a network namespace cannot be made")
        self._ip(host, ["link", "set", "lo", "up"])
        # Without it the kernel's own neighbour talk fills the capture.
        for scope in ("all", "default"):
            path = f"/proc/sys/net/ipv6/conf/{scope}/disable_ipv6"
            run(self.inside(host, ["sh", "-c", f"[ ! -e {path} ] || echo 1 > {path}"]),
                "IPv6 cannot be turned off in the namespace")

    def join(self, first, second):
        """A cable between two hosts; each end is (host, interface, MAC, address)."""
        (here, name, mac, _), (there, other_name, other_mac, _) = first, second
        run(["ip", "link", "add", name, "address", mac, "netns", self.namespace(here),
             "type", "veth", "peer", "name", other_name, "address", other_mac,
             "netns", self.namespace(there)], "a veth pair cannot be made")
        for host, interface, _, address in (first, second):
            self._ip(host, ["address", "add", f"{address}/{PREFIX_LENGTH}", "dev", interface])
            self._ip(host, ["link", "set", interface, "up"])

    def wait_for_carrier(self, host, interface):
        """The kernel takes up to a second to notice that both ends are up."""
        argv = ["ip", "-n", self.namespace(host), "-o", "link", "show", interface]
        wait_until(lambda: " state UP " in run(argv, "ip link"), f"{host}: carrier on {interface}")

    def _ip(self, host, argv):
        run(["ip", "-n", self.namespace(host), *argv], f"{host}: ip {' '.join(argv)}")

    def close(self):
        for name in self.namespaces:
            deletion = start(["ip", "netns", "delete", name], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
            try:
                deletion.wait(5)
            except subprocess.TimeoutExpired:
                stop(deletion)
        self.namespaces = []


def demand_root():
    if os.geteuid() != 0:
        raise DemoError("network namespaces need root: sudo sim/demo")

# SPDX-License-Identifier: Apache-2.0
"""A phone and a DHCP server on one cable, and the phone's lease: for the tests of the way from one
to the other."""

import os

from kit import udhcpc
from kit.dnsmasq import DhcpServer
from kit.phone import runtime_file
from kit.program import text_of
from kit.testcase import PhoneTest
from kit.waiting import stamp_of, wait_until

SERVER, NETMASK = "10.7.0.1", "255.255.255.0"
FIRST, LAST = "10.7.0.50", "10.7.0.60"


def hex_of(text):
    return (text if isinstance(text, bytes) else text.encode()).hex()


class LeaseTest(PhoneTest):
    """`phone` and `server` are hosts; the phone's interface is p0, the server's s0."""

    def setUp(self):
        self.phone = None
        self.join_hosts()
        self.folder = self.scratch_folder()
        self.state = f"{self.folder}/state"
        self.resolv_conf = self.folder / "resolv.conf"
        self.environment = udhcpc.environment(self.folder)
        self.dhcp = None

    def join_hosts(self):
        self.phone, self.server = self.host(), self.host()
        self.phone.cable("p0", self.server, "s0")
        self.server.add_address("s0", f"{SERVER}/24")

    def serve_dhcp(self, *options):
        self.dhcp = self.keep(DhcpServer(self.folder, self.server, "s0", (FIRST, LAST, NETMASK),
                                         *options).start())

    def life_of(self, *settings, **named):
        """A phone there, with the state directory that the DHCP client knows."""
        return self.new_phone(*settings, host=self.phone, interface="p0", state=self.state, **named)

    def start_client(self, *options):
        """It is ended with the test; until then it keeps the lease."""
        return self.start(self.phone.inside(udhcpc.command("p0", self.state, *options)),
                          env={**os.environ, **self.environment})

    def bind(self, *options):
        """A client that has its lease; the lines of the lease file."""
        self.start_client(*options)
        return self.wait_for_news("bound")

    def check_interface(self):
        """The lease's address and route are the interface's."""
        self.assertRegex(self.phone.ip("-4", "address", "show", "dev", "p0"),
                         r" 10\.7\.0\.(5\d|60)/24 ")
        self.assertIn(f"default via {SERVER}", self.phone.ip("-4", "route"))

    def lease_path(self, family=4):
        return runtime_file(self.state, f".p0.lease{family}")

    def lease_lines(self, family=4):
        return text_of(self.lease_path(family)).splitlines()

    def wait_for_news(self, news, family=4):
        """The lines of the lease file once it has these news."""
        def lines():
            found = self.lease_lines(family)
            return found if f"news={news}" in found else None

        return wait_until(lines, f"a lease that is {news}",
                          stamp=lambda: stamp_of(self.lease_path(family)))

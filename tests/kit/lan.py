# SPDX-License-Identifier: Apache-2.0
"""A LAN with a switch, a phone, its server, and a second server, a rival's or an attacker's: each
on a network of its own. For tests with PBXs and DHCP servers that are real.

    lan = Lan(folder)
    sipp = lan.sipp("assign", url)
    life = lan.phone("order=pnp").live()
    sipp.check()

The test's program enters needs.private_system() before.
"""

import itertools
import pathlib

from kit.capture import Capture
from kit.closing import Keeper
from kit.configuration import OWN_FILE
from kit.dnsmasq import DhcpServer
from kit.network import Host
from kit.pbx import BEHAVIOURS, PORT, Pbx
from kit.phone import Phone
from kit.processes import stop
from kit.sipp import Sipp
from kit.udhcpc import start_udhcpc
from kit.web import WebServer, tls_context

PHONE, SERVER, OTHER = "172.18.32.197", "172.18.0.10", "172.18.0.66"
PREFIX_LENGTH, NETMASK = 16, "255.255.0.0"
HTTP, HTTP_PORT = 5481, 80  # the second one of a server that is named by its host alone


class Lan(Keeper):
    """Until close(). The phone has its address, unless it is to get one."""

    def __init__(self, folder, phone_address=PHONE):
        super().__init__()
        self.folder, self.numbers = pathlib.Path(folder), itertools.count()
        switch = self.keep(Host())
        switch.add_switch()
        self.hosts = {}
        for address in (PHONE, SERVER, OTHER):
            host, port = self.keep(Host()), f"port{len(self.hosts)}"
            switch.cable(port, host, "eth0")
            switch.plug(port)
            self.hosts[address] = host
            if address != PHONE or phone_address:
                self.add_address(address)

    def add_address(self, address):
        self.hosts[address].add_address("eth0", f"{address}/{PREFIX_LENGTH}", "broadcast", "+")

    def scratch(self):
        """One more folder."""
        made = self.folder / str(next(self.numbers))
        made.mkdir()
        return made

    def phone(self, *settings):
        return self.keep(Phone(self.scratch(), *settings, host=self.hosts[PHONE],
                               interface="eth0"))

    def web(self, at=SERVER, certificate=(), port=HTTP, address=None):
        """`address`: another one of the host's own than the one it is known by."""
        return self.keep(LanWeb(self.hosts[at], address or at, port, certificate))

    def dhcp(self, *options, at=SERVER, offered=PHONE):
        """dnsmasq, with one address to give away."""
        return self.keep(DhcpServer(self.scratch(), self.hosts[at], "eth0",
                                    (offered, offered, NETMASK), *options).start())

    def dhcp_client(self, state):
        """busybox udhcpc as the phone's image starts it."""
        self.stack.callback(stop, start_udhcpc(self.hosts[PHONE], "eth0", state, self.folder))

    def sipp(self, scenario, *options, at=SERVER, port=PORT, url=""):
        return self.keep(Sipp(self.scratch(), self.hosts[at], at, url, scenario, options,
                              port).start())

    def pbx(self, behaviour, url="", at=SERVER, words=()):
        return self.keep(Pbx(at, url, self.hosts[at], BEHAVIOURS[behaviour], words))

    def capture(self):
        """What passes the phone's interface."""
        return self.keep(Capture("eth0", self.hosts[PHONE]))


class LanWeb(WebServer):
    """With a folder gs/ of configuration files."""

    def __init__(self, host, address, port, certificate):
        super().__init__(tls=tls_context(*certificate) if certificate else None, host=host,
                         address=address, port=port)
        self.folder_url, self.file_url = self.url("gs"), self.url(f"gs/{OWN_FILE}")

    def offer(self, content):
        """In the folder gs/, and beside it for whoever is given the host alone."""
        self.put(f"/gs/{OWN_FILE}", content)
        self.put(f"/{OWN_FILE}", content)

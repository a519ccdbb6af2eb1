# SPDX-License-Identifier: Apache-2.0
"""A phone whose access port is moved from VLAN 10 to VLAN 20. In each VLAN a DHCP server names, in
option 66, a server of its own; the phone runs dialtoned, and busybox udhcpc with the image's
script. The switch tells it by a link that goes and comes, or not at all: then the renewal of the
lease finds out, as the new VLAN's server says NAK."""

import os
import signal

from kit.configuration import OWN_FILE, config_file, encrypted
from kit.dnsmasq import DhcpServer, option
from kit.lease import LeaseTest, hex_of
from kit.needs import private_system
from kit.runner import SIDE_BY_SIDE
from kit.testcase import Cases
from kit.vlan import TUN, Trunk
from kit.web import WebServer

VLANS = OLD, NEW = 10, 20
PASSWORD = "hush hush"
EVENT_S = 40  # three renewals of udhcpc go unheard before it asks everybody


def server_of(vlan):
    return f"10.{vlan}.0.1"


def tun():
    return "" if os.access(TUN, os.R_OK | os.W_OK) else f"{TUN} is not there for this user"


NEEDS, WORKERS = (tun, private_system), SIDE_BY_SIDE


class VlanTest(LeaseTest):
    def setUp(self):
        super().setUp()
        self.sites = {vlan: self.serve(vlan) for vlan in VLANS}
        for vlan in VLANS:
            self.put(vlan, config_file({"P47": f"vlan{vlan}.example"}))
        self.client = None
        self.life = self.life_of("order=dhcp", "dhcp.inform=0")

    def join_hosts(self):
        self.phone, *servers = (self.host() for _ in range(3))
        self.servers = dict(zip(VLANS, servers))
        self.trunk = self.keep(Trunk())
        self.trunk.access.connect(self.phone, "p0", OLD)
        for vlan, host in self.servers.items():
            self.trunk.core.connect(host, "s0", vlan)
            host.add_address("s0", f"{server_of(vlan)}/24")
        self.trunk.start()

    def serve(self, vlan):
        """DHCP and HTTP in that VLAN; both servers."""
        folder = self.scratch_folder()
        dhcp = self.keep(DhcpServer(folder, self.servers[vlan], "s0",
                                    (f"10.{vlan}.0.50", f"10.{vlan}.0.60"),
                                    option(66, server_of(vlan))).start())
        web = self.keep(WebServer(host=self.servers[vlan], address=server_of(vlan), port=80))
        return dhcp, web

    def put(self, vlan, content):
        self.sites[vlan][1].put(f"/{OWN_FILE}", content)

    # --- the phone --------------------------------------------------------------------------------

    def start_phone(self, *settings):
        """In VLAN 10, up and at rest with what the server there has."""
        self.client = self.client or self.start_client()
        self.assertIn(f"66={hex_of(server_of(OLD))}", self.wait_for_news("bound"))
        self.life.start(*settings)
        self.life.wait_for("rest")
        self.check_config(self.life, f"P47=vlan{OLD}.example\n")
        self.entries = len(self.life.last_life())

    def flap(self):
        """The port goes down and comes back in VLAN 20; what watches the link in a phone (ifplugd)
        gives the lease up and asks for one anew."""
        self.trunk.access.set_carrier("p0", False)
        self.life.wait_for("link_down")
        self.client.send_signal(signal.SIGUSR2)
        self.wait_for_news("lost")
        self.trunk.access.move("p0", NEW)
        self.trunk.access.set_carrier("p0", True)
        self.client.send_signal(signal.SIGUSR1)

    def creep(self):
        """Nothing tells; after a while, which SIGUSR1 cuts short, udhcpc renews its lease."""
        self.trunk.access.move("p0", NEW)
        self.client.send_signal(signal.SIGUSR1)

    # --- what is found ----------------------------------------------------------------------------

    def wait_for_new(self, kind, **fields):
        """A journal line since the phone came to rest in VLAN 10."""
        return self.life.wait_for(kind, since=self.entries, limit_s=EVENT_S, **fields)

    def check_asks_new_server(self):
        # The trial that follows asks the same URL, and nobody names it then.
        self.wait_for_new("source_url", url=f"http://{server_of(NEW)}",
                          server="option 66 of the lease")
        self.assertIn(f" 10.{NEW}.0.", self.phone.ip("-4", "address", "show", "dev", "p0"))
        self.assertNotIn(f" 10.{OLD}.0.", self.phone.ip("-4", "address", "show", "dev", "p0"))
        mac = bytes.fromhex(self.phone.ip("-o", "link", "show", "p0").split()[-3].replace(":", ""))
        tags = self.trunk.tags_from(mac)
        self.assertEqual((set(tags), tags), ({OLD, NEW}, sorted(tags)))

    def check_applies(self):
        self.check_asks_new_server()
        self.wait_for_new("applied")
        self.wait_for_new("trial_confirmed")
        self.check_config(self.life, f"P47=vlan{NEW}.example\n")

    def check_keeps(self):
        self.check_asks_new_server()
        refused = self.wait_for_new("file_refused")
        self.assertIn("trust.pin", refused["sentence"])
        self.wait_for_new("rest")
        self.check_config(self.life, f"P47=vlan{OLD}.example\n")
        self.assertEqual(self.life.files(), self.files)

    def start_phone_that_trusts(self):
        """Its configuration came encrypted; the password is known to it no more."""
        plain = config_file({"P47": f"vlan{OLD}.example"})
        self.put(OLD, encrypted(plain, PASSWORD))
        self.client = self.start_client()
        self.wait_for_news("bound")
        self.check_life(self.life, 0, settings=(f"config.password={PASSWORD}",))
        self.put(OLD, plain)
        self.start_phone()
        self.files = self.life.files()

    # --- the tests --------------------------------------------------------------------------------

    def check_move(self, start, move, check_end, is_refused=None):
        """`is_refused`: whether the new VLAN's server said NAK; None if that does not matter."""
        start(self)
        move(self)
        check_end(self)
        if is_refused is not None:
            self.assertEqual("DHCPNAK" in self.sites[NEW][0].words(), is_refused)

    moves = Cases(
        check_move,
        ("flap",
         "The link goes and comes: the phone asks the new VLAN's server and applies what it has.",
         start_phone, flap, check_applies, False),
        ("no_flap",
         "Nobody tells: the renewal is refused, a new lease names the new VLAN's server.",
         start_phone, creep, check_applies, True),
        ("flap_trust",
         "The link goes and comes: what is without proof in the new VLAN changes nothing.",
         start_phone_that_trusts, flap, check_keeps),
        ("no_flap_trust", "Nobody tells: what is without proof in the new VLAN changes nothing.",
         start_phone_that_trusts, creep, check_keeps))

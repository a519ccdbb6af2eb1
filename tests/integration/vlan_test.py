#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A phone whose access port is moved from VLAN 10 to VLAN 20. In each VLAN a DHCP server names, in
option 66, a server of its own; the phone runs dialtoned, and busybox udhcpc with the image's
script. The switch tells it by a link that goes and comes, or not at all: then the renewal of the
lease finds out, as the new VLAN's server says NAK."""

import os
import pathlib
import signal
import subprocess
import sys

sys.dont_write_bytecode = True

from lease import LeaseTest, hex_of, text_of
from network import Network, enter_private_system
from phone import OWN_FILE, Phone, config_file, start, wait_until
from side_by_side import run
from vlan import TUN, Trunk

INSIDE = "DIALTONE_VLAN_TEST_INSIDE"
VLANS = OLD, NEW = 10, 20
PASSWORD = "hush hush"
EVENT_S = 40  # three renewals of udhcpc go unheard before it asks everybody


def server_of(vlan):
    return f"10.{vlan}.0.1"


def encrypted(content):
    return subprocess.run(["openssl", "enc", "-aes-256-cbc", "-md", "sha256", "-pass",
                           f"pass:{PASSWORD}"], input=content, capture_output=True, check=True,
                          timeout=20).stdout


class VlanTest(LeaseTest):
    def setUp(self):
        super().setUp()
        self.roots = {vlan: self.serve(vlan) for vlan in VLANS}
        for vlan in VLANS:
            self.put(vlan, config_file({"P47": f"vlan{vlan}.example"}))
        self.client = None
        self.life = Phone(self, "order=dhcp", "dhcp.inform=0", state=self.state,
                          prefix=self.phone.inside([]))

    def join_hosts(self):
        network = Network(self)
        self.phone, *servers = (network.host() for _ in range(3))
        self.servers = dict(zip(VLANS, servers))
        self.trunk = Trunk(self)
        self.trunk.access.connect(self.phone, "p0", OLD)
        for vlan, host in self.servers.items():
            self.trunk.core.connect(host, "s0", vlan)
            host.ip("address", "add", f"{server_of(vlan)}/24", "dev", "s0")
        self.trunk.start()

    def serve(self, vlan):
        """DHCP and HTTP in that VLAN; returns the folder that is served."""
        root = pathlib.Path(self.folder, f"root{vlan}")
        root.mkdir()
        host, log = self.servers[vlan], self.dhcp_log(vlan)
        start(self, host.inside([
            "/usr/sbin/dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--pid-file=",
            f"--log-facility={log}", "--interface=s0", "--no-ping", "--dhcp-authoritative",
            f"--dhcp-range=10.{vlan}.0.50,10.{vlan}.0.60",
            f"--dhcp-leasefile={self.folder}/leases{vlan}",
            f"--dhcp-option-force=66,{server_of(vlan)}"]))
        start(self, host.inside(["busybox", "httpd", "-f", "-p", f"{server_of(vlan)}:80", "-h",
                                 root]))
        wait_until(self, lambda: text_of(log), lambda words: "DHCP, IP range" in words, log.stat,
                   "dnsmasq")
        return root

    def dhcp_log(self, vlan):
        return pathlib.Path(self.folder, f"dnsmasq{vlan}.log")

    def put(self, vlan, content):
        (self.roots[vlan] / OWN_FILE).write_bytes(content)

    # --- the phone --------------------------------------------------------------------------------

    def start_phone(self, *settings):
        """In VLAN 10, up and at rest with what the server there has."""
        self.client = self.client or self.start_client()
        self.assertIn(f"66={hex_of(server_of(OLD))}", self.wait_for_news("bound"))
        start(self, [*self.life.command("splay=0", *settings, once=False), "--interface", "p0"])
        self.life.wait_for("rest")
        self.check_config(self.life, f"P47=vlan{OLD}.example\n")
        self.entries = len(self.life.last_life())

    def flap(self):
        """The port goes down and comes back in VLAN 20; what watches the link in a phone (ifplugd)
        gives the lease up and asks for one anew."""
        self.trunk.access.carrier("p0", False)
        self.life.wait_for("link_down")
        self.client.send_signal(signal.SIGUSR2)
        self.wait_for_news("lost")
        self.trunk.access.move("p0", NEW)
        self.trunk.access.carrier("p0", True)
        self.client.send_signal(signal.SIGUSR1)

    def creep(self):
        """Nothing tells; after a while, which SIGUSR1 cuts short, udhcpc renews its lease."""
        self.trunk.access.move("p0", NEW)
        self.client.send_signal(signal.SIGUSR1)

    # --- what is found ----------------------------------------------------------------------------

    def wait_for_new(self, kind, **fields):
        """A journal line since the phone came to rest in VLAN 10."""
        def stamp():
            about = (self.life.seen / "journal").stat()
            return about.st_ino, about.st_size

        def found():
            return [entry for entry in self.life.last_life()[self.entries:]
                    if entry["kind"] == kind and
                    all(entry["fields"].get(name) == value for name, value in fields.items())]

        return wait_until(self, found, bool, stamp, f"{kind} after the move", EVENT_S)[-1]

    def check_asks_new_server(self):
        named = self.wait_for_new("source_url", url=f"http://{server_of(NEW)}")
        self.assertIn("option 66 of the lease", named["sentence"])
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
        plain = (self.roots[OLD] / OWN_FILE).read_bytes()
        self.put(OLD, encrypted(plain))
        self.client = self.start_client()
        self.wait_for_news("bound")
        ended = self.life.live(f"config.password={PASSWORD}", options=["--interface", "p0"])
        self.check_end(ended, 0)
        self.put(OLD, plain)
        self.start_phone()
        self.files = self.life.files()

    # --- the tests --------------------------------------------------------------------------------

    def test_flap(self):
        """The link goes and comes: the phone asks the new VLAN's server and applies what it has."""
        self.start_phone()
        self.flap()
        self.check_applies()
        self.assertNotIn("DHCPNAK", text_of(self.dhcp_log(NEW)))

    def test_no_flap(self):
        """Nobody tells: the renewal is refused, a new lease names the new VLAN's server."""
        self.start_phone()
        self.creep()
        self.check_applies()
        self.assertIn("DHCPNAK", text_of(self.dhcp_log(NEW)))

    def test_flap_trust(self):
        """The link goes and comes: what is without proof in the new VLAN changes nothing."""
        self.start_phone_that_trusts()
        self.flap()
        self.check_keeps()

    def test_no_flap_trust(self):
        """Nobody tells: what is without proof in the new VLAN changes nothing."""
        self.start_phone_that_trusts()
        self.creep()
        self.check_keeps()


if __name__ == "__main__":
    if not os.access(TUN, os.R_OK | os.W_OK):
        print(f"{TUN} is not there for this user; the test needs it, or root")
        sys.exit(77)
    enter_private_system(INSIDE)
    sys.exit(run())

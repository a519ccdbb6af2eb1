# SPDX-License-Identifier: Apache-2.0
"""A phone and a DHCP server on one cable, and the phone's lease: for the tests of the way from one
to the other. A DHCP server is one of dhcp_servers.py."""

import hashlib
import os
import pathlib

from network import Network, scratch_folder
from phone import BIN, SOURCE, PhoneTest, start, wait_until

ROOTFS = SOURCE / "rootfs/usr"
LEASES = pathlib.Path("/run/dialtone")


def text_of(path):
    return path.read_text(encoding="utf-8") if path.exists() else ""


def hex_of(text):
    return (text if isinstance(text, bytes) else text.encode()).hex()


class LeaseTest(PhoneTest):
    """A phone and a DHCP server on one cable."""

    def setUp(self):
        self.phone = None
        self.join_hosts()
        self.folder = scratch_folder(self)
        self.state = f"{self.folder}/state"
        self.resolv_conf = pathlib.Path(self.folder, "resolv.conf")
        self.dialtoned = None
        self.environment = {
            **os.environ,
            "DIALTONE": str(BIN / "dialtone"),
            "DIALTONE_RESOLV_CONF": str(self.resolv_conf),
            "DIALTONE_UDHCPC_SCRIPT": str(ROOTFS / "share/dialtone/udhcpc.script"),
        }

    def join_hosts(self):
        network = Network(self)
        self.phone, self.server = network.host(), network.host()
        network.cable(self.phone, "p0", self.server, "s0")
        self.server.ip("address", "add", "10.7.0.1/24", "dev", "s0")

    def serve_dhcp(self, *options):
        self.server_log = pathlib.Path(self.folder, "dnsmasq.log")
        words = ["/usr/sbin/dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0",
                 "--pid-file=", f"--log-facility={self.server_log}", "--log-dhcp",
                 "--interface=s0", "--dhcp-range=10.7.0.50,10.7.0.60,1h",
                 f"--dhcp-leasefile={self.folder}/leases", *options]
        start(self, self.server.inside(words))
        wait_until(self, self.server_words, lambda words: "lease time 1h" in words,
                   self.server_log.stat, "dnsmasq")

    def server_words(self):
        return text_of(self.server_log)

    def client_command(self, *options):
        return self.phone.inside([ROOTFS / "sbin/dialtone-udhcpc", "--interface", "p0",
                                  "--state", self.state, *options])

    def start_client(self, *options):
        """It is ended with the test; until then it keeps the lease."""
        words = ["env", *(f"{name}={value}" for name, value in self.environment.items()
                          if name.startswith("DIALTONE")), *self.client_command(*options)]
        return start(self, words)

    def lease_path(self, interface="p0", family=4, state=None):
        name = hashlib.sha256(os.path.realpath(state or self.state).encode()).hexdigest()[:16]
        return LEASES / f"{name}.{interface}.lease{family}"

    def lease_lines(self):
        return text_of(self.lease_path()).splitlines()

    def wait_for_news(self, news):
        """The lines of the lease file once it has these news."""
        def stamp():
            about = self.lease_path().stat()
            return about.st_ino, about.st_mtime_ns

        return wait_until(self, self.lease_lines, lambda lines: f"news={news}" in lines, stamp,
                          f"lease that is {news}")

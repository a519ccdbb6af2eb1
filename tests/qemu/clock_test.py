# SPDX-License-Identifier: Apache-2.0
"""A phone that has no clock of its own, and a server with a certificate: its time is never before
its own build, a certificate or a time server helps further."""

import datetime
import pathlib

from kit.certificates import Authority, names
from kit.configuration import OWN_FILE, config_file
from kit.sntp import TimeServer
from kit.web import tls_context
from qemu.testbed import MACHINE_NEEDS, RESTS, SERVER_ADDRESS, MachineTest

NEEDS, prepare = MACHINE_NEEDS, MachineTest.prepare
NO_CLOCK = ("-rtc", "base=1970-01-01T00:00:00")
class ClockTest(MachineTest):
    def setUp(self):
        self.authority = Authority(f"{self.folder}/{self._testMethodName}",
                                   begin="20150101000000Z")
        # Valid since a minute ago, which is after the phone's build: later than its floor.
        young = datetime.datetime.utcnow() - datetime.timedelta(seconds=5)
        self.young = self.context(young.strftime("%Y%m%d%H%M%SZ"))
        self.server = self.serve(tls=self.young)
        self.server.put(f"/{OWN_FILE}", config_file({"P47": "sip.example"}))
        self.phone = self.machine(*NO_CLOCK)

    def context(self, begin):
        """Of a server whose certificate counts from that time."""
        return tls_context(*self.authority.issue("server", names(SERVER_ADDRESS), begin))

    def tell_server(self, *settings):
        self.tell(self.phone, f"static.url={self.server.url()}",
                  "tls.ca=/factory/authority.crt", *settings,
                  **{"authority.crt": pathlib.Path(self.authority.certificate).read_bytes()})

    def test_without_a_time_server_a_young_certificate_is_taken_and_shows_the_time(self):
        self.tell_server()
        self.phone.power_on()
        at = self.phone.wait_for("The phone's clock stood at .*, which cannot be.*; it goes on")
        for pattern in ("is safely stored and active", "s  The phone reboots", RESTS):
            at = self.phone.wait_for(pattern, since=at)
        self.assertNotIn("valid only from", self.phone.console())
        self.phone.power_cut()

    def test_a_time_server_makes_the_young_certificate_valid(self):
        self.keep(TimeServer(SERVER_ADDRESS, host=self.server_host))
        self.tell_server(f"clock.sntp={SERVER_ADDRESS}")
        self.phone.power_on()
        at = 0
        for pattern in (f"The time server {SERVER_ADDRESS} set the clock",
                        "is safely stored and active"):
            at = self.phone.wait_for(pattern, since=at)
        self.assertNotIn("valid only from", self.phone.console())
        self.phone.power_cut()

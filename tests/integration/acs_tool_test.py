# SPDX-License-Identifier: Apache-2.0
"""What an administrator is told of a phone that an ACS manages: dialtone acs and dialtone model."""

import json
import re

from kit.acs import AcsServer
from kit.runner import SIDE_BY_SIDE
from kit.testcase import PhoneTest
from kit.waiting import wait_until

WORKERS = SIDE_BY_SIDE
PASSWORD = "secret-of-the-acs"
# Of phones that run side by side all but one would have another port, and report that.
NOBODY_ASKS = "tr069.connection_request_port=0"
INTERVAL = "Device.ManagementServer.PeriodicInformInterval"
REPLY_LINES = 128  # of one answer of the daemon
MESSAGE = re.compile(r" *\d+\.\d{3} s  (phone|ACS) +(\S+) +(.*\S)")


class ToolTest(PhoneTest):
    def managed_phone(self, acs, *settings):
        return self.new_phone(f"tr069.acs_url={acs.acs_url()}?token={PASSWORD}", "tr069.user=phone",
                              f"tr069.password={PASSWORD}", NOBODY_ASKS, *settings)

    def report(self, phone):
        """Has a phone report every second."""
        self.assertEqual(phone.tool("set", "tr069.periodic_interval=1").returncode, 0)

    def running_phone(self, *settings):
        """After its first session, in which the ACS has set something and got a fault."""
        acs = self.keep(AcsServer())
        acs.call("GetParameterValues", ("ParameterNames", ["Device.DeviceInfo."]))
        acs.set_values([(INTERVAL, "unsignedInt", "1800")], "key")
        acs.call("GetParameterValues", ("ParameterNames", ["Device.Nothing"]))
        phone = self.managed_phone(acs, *settings)
        phone.start()
        phone.wait_for("acs_session")
        return acs, phone


class Sessions(ToolTest):
    def test_messages(self):
        """Each message of a session is a line, with who spoke, the method, its ID and result."""
        _, phone = self.running_phone()
        told = self.told(phone, "acs")
        self.assertEqual([match.groups() for match in map(MESSAGE.fullmatch, told.splitlines())
                          if match],
                         [("phone", "Inform", "1            sent: 0 BOOTSTRAP, 1 BOOT"),
                          ("phone", "(empty)", "the Inform is taken, and the ACS has its turn"),
                          ("ACS", "GetParameterValues", "acs <1>      answered"),
                          ("ACS", "SetParameterValues", "acs <2>      answered"),
                          ("ACS", "GetParameterValues",
                           "acs <3>      fault 9005: there is no parameter Device.Nothing")])
        self.assertIn("ended well after 3 calls", told)
        self.assertRegex(told, r"\nNext: The next periodic report, due at \d{4}-.* UTC, or a ")
        self.assertNotIn(PASSWORD, told)

    def test_stopped(self):
        """The sessions are there without the daemon, and as JSON."""
        _, phone = self.running_phone()
        phone.close()
        self.assertIn("Next: Nothing until dialtoned is started", self.told(phone, "acs"))
        told = json.loads(self.told(phone, "acs", "--json", "--last", "1"))
        session, = told["sessions"]
        self.assertTrue(session["url"].endswith("/acs?***"))
        self.assertEqual([entry["kind"] for entry in session["entries"]],
                         ["acs_inform", "acs_turn", *["acs_call"] * 3, "acs_session"])
        self.assertNotIn(PASSWORD, json.dumps(told))

    def test_follow(self):
        """Those who follow see a session as it happens."""
        acs, phone = self.running_phone()
        follower = self.followed(phone, "acs")
        self.read_to(follower, "ended well after 3 calls")
        acs.call("GetRPCMethods")
        self.report(phone)
        lines = self.read_to(follower, "ended well after 1 calls")
        self.assertIn("sent: 2 PERIODIC\n", "".join(lines))
        self.assertIn("GetRPCMethods", "".join(lines))

    def test_failed(self):
        """A session that failed says at what, why, and when the next one is tried."""
        acs = self.keep(AcsServer(credentials=("basic", "phone", "another")))
        phone = self.managed_phone(acs)
        phone.start()
        phone.wait_for("acs_failed")
        told = self.told(phone, "acs")
        self.assertRegex(told, r"failed at Inform: it does not accept the user and password "
                               r"\(status 401\); the next try follows in \d+ s\.")
        self.assertRegex(told, r"\nNext: The next try, due at \d{4}-.* UTC\.\n\Z")

    def test_none(self):
        """A phone without an ACS says what would make it speak to one."""
        phone = self.new_phone("static.url=http://127.0.0.1:9/", NOBODY_ASKS)
        phone.start()
        phone.wait_for("pass_begins")
        self.assertIn("tr069.acs_url", self.told(phone, "acs"))


class Tree(ToolTest):
    def test_whole(self):
        """The tree of a running phone is whole, with access, notification and value."""
        acs, phone = self.running_phone()
        accounts = ("P47=one.example", "P402=two.example", "P502=three.example")
        self.assertEqual(phone.tool("set", *accounts).returncode, 0)
        phone.wait_for("applied", 2)
        lines = self.told(phone, "model").splitlines()
        self.assertGreater(len(lines), REPLY_LINES)
        self.assertIn(f"RW  off      {INTERVAL} = 1800", lines)
        self.assertIn("RO  active   Device.DeviceInfo.SoftwareVersion = 1.0.2.7", lines)
        self.assertIn("RW  -        Device.Services.VoiceService.1.VoiceProfile.", lines)
        self.assertIn("RW  off      Device.ManagementServer.Password = ***", lines)
        self.assertIn(f"RW  off      Device.ManagementServer.URL = {acs.acs_url()}?***", lines)
        self.assertNotIn(PASSWORD, "".join(lines))
        # The ACS sees the same names.
        acs.call("GetParameterNames", ("ParameterPath", ""), ("NextLevel", "false"))
        self.report(phone)
        wait_until(lambda: acs.finished > 1, "another session")
        seen = [one.findtext("Name") for one in acs.replies[-1].find("ParameterList")]
        self.assertEqual([line.split()[2] for line in lines], seen)

    def test_part(self):
        """An object has what is in it, a parameter is one line, and programs get JSON."""
        _, phone = self.running_phone()
        part = self.told(phone, "model", "Device.LAN")
        self.assertTrue(part.startswith("RO  -        Device.LAN.\n"))
        told = json.loads(self.told(phone, "model", INTERVAL, "--json"))
        self.assertEqual(told["names"], [{"path": INTERVAL, "writable": True,
                                          "notification": "off", "value": "1800"}])

    def test_unknown(self):
        """bad input: a name that there is not is answered with the nearest"""
        _, phone = self.running_phone()
        asked = phone.tool("model", "Device.ManagementServer.PeriodicInformIntervall")
        self.assertEqual((asked.returncode, asked.stdout), (1, ""))
        self.assertIn(f"did you mean {INTERVAL}?", asked.stderr)
        self.assertIn(f"but {INTERVAL}", phone.tool("model", "periodicinforminterval").stderr)
        phone.close()
        self.assertIn("no dialtoned runs", phone.tool("model").stderr)

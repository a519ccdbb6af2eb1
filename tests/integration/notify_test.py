# SPDX-License-Identifier: Apache-2.0
"""A NOTIFY that the phone's own SIP stack has accepted reaches the agent: by `dialtone notify`, and
by the line on the control socket that a SIP stack can say by itself."""

import socket

from kit.configuration import OWN_FILE, config_file
from kit.pbx import unasked_notify
from kit.phone import runtime_file
from kit.testcase import PhoneTest

CHECK_SYNC = unasked_notify("201@127.0.0.1:5060", "127.0.0.1:5070", "check-sync;reboot=false")
OTHER_EVENT = CHECK_SYNC.replace(b"check-sync;reboot=false", b"message-summary")


class NotifyTest(PhoneTest):
    def setUp(self):
        self.server = self.serve({f"/{OWN_FILE}": config_file({"P47": "one.example"})})
        self.phone = self.new_phone(f"static.url={self.server.url()}")

    def notify(self, *words, message=b""):
        return self.phone.tool("notify", *words, input=message, text=False)

    def say(self, line):
        """What the daemon answers to a line on its control socket."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(20)
            control.connect(str(runtime_file(self.phone.state, ".control")))
            control.sendall(line)
            return control.makefile("rb").read()

    def start_and_rest(self):
        self.phone.provision()
        self.phone.start()
        self.phone.wait_for("rest")  # which only a daemon does

    def test_ways(self):
        """By file, by standard input and by a line of the SIP stack's own."""
        self.start_and_rest()
        path = self.phone.file("message.sip", CHECK_SYNC)
        for told in (self.notify(path), self.notify("-", message=CHECK_SYNC),
                     self.notify(message=CHECK_SYNC)):
            self.assertEqual((told.returncode, told.stderr), (0, b""))
            self.assertRegex(told.stdout, rb"\A[^\n]+\n\Z")
        self.assertRegex(self.say(b"notify " + CHECK_SYNC.hex().upper().encode() + b"\n"),
                         rb"\Aok [^\n]+\n\Z")
        self.phone.wait_for("notified", 4)

    def test_no_daemon(self):
        """bad input: without a daemon nobody takes a NOTIFY"""
        self.phone.provision()
        told = self.notify(message=CHECK_SYNC)
        self.assertEqual((told.returncode, told.stdout), (1, b""))
        self.assertIn(b"no dialtoned runs", told.stderr)

    def test_refused(self):
        """bad input: what is no NOTIFY, asks nothing of the agent, or is too long"""
        self.start_and_rest()
        for message in (b"", b"hello", b"\0\xff\n" * 100, OTHER_EVENT, CHECK_SYNC + b"x" * 9000):
            told = self.notify(message=message)
            self.assertEqual((told.returncode, told.stdout), (1, b""), told)
            self.assertRegex(told.stderr, rb"\Adialtone: [^\n]+\n\Z")
        missing = self.notify("/nowhere/message.sip")
        self.assertEqual(missing.returncode, 1)
        self.assertIn(b"/nowhere/message.sip: No such file", missing.stderr)
        self.assertEqual(self.say(b"notify " + CHECK_SYNC[:40] + b"\n"),
                         b"error notify takes hex digits\n")
        self.assertNotIn("notified", [entry["kind"] for entry in self.phone.last_life()])

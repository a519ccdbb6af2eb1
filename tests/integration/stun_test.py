# SPDX-License-Identifier: Apache-2.0
"""Connection requests through a NAT (TR-069 Annex G): the real dialtoned behind a NAT of our own,
a STUN server on its other side, and an ACS."""

import re
import socket

from kit.acs import AcsServer
from kit.coturn import Coturn
from kit.nat import Nat
from kit.needs import private_system, programs
from kit.stun_server import StunServer, connection_request
from kit.testcase import PhoneTest, slow
from kit.waiting import wait_until

NEEDS = (programs("turnserver"), private_system)
PHONE, ROUTER, OUTER, SERVER = "10.0.0.2", "10.0.0.1", "198.51.100.7", "198.51.100.1"
USER, PASSWORD = "acs", "secret-of-the-knock"
STUN_PASSWORD = "secret-of-the-stun"
MODEL = "Device.ManagementServer."
ASKED = [("6 CONNECTION REQUEST", "")]


class StunTest(PhoneTest):
    def setUp(self):
        super().setUp()
        self.phone_host, self.router, self.outside = self.host(), self.host(), self.host()
        self.router.cable("inner", self.phone_host, "eth0")
        self.router.cable("outer", self.outside, "eth0")
        for host, interface, address in ((self.phone_host, "eth0", PHONE),
                                         (self.router, "inner", ROUTER),
                                         (self.router, "outer", OUTER),
                                         (self.outside, "eth0", SERVER)):
            host.add_address(interface, f"{address}/24")
        self.phone_host.ip("route", "add", "default", "via", ROUTER)
        self.acs = self.keep(AcsServer(host=self.router, address=ROUTER))

    def managed(self, *settings):
        """A phone behind the NAT whose first session is over."""
        phone = self.new_phone(f"tr069.acs_url={self.acs.acs_url()}", "tr069.periodic_enable=0",
                               f"tr069.connection_request_user={USER}",
                               f"tr069.connection_request_password={PASSWORD}",
                               "tr069.stun_enable=1", f"tr069.stun_server={SERVER}", *settings,
                               host=self.phone_host, interface="eth0")
        phone.start()
        wait_until(lambda: self.acs.finished == 1, "the first session")
        return phone

    def nat(self, timeout_s=60):
        return self.keep(Nat(self.router, "inner", OUTER, timeout_s))

    def knock(self, address, port, *datagrams):
        sender = self.outside.socket(socket.SOCK_DGRAM, SERVER, 0)
        with sender:
            for one in datagrams:
                sender.sendto(one, (address, port))

    def test_binding(self):
        """A phone tells where it is seen, and takes one session from three equal datagrams."""
        nat = self.nat()
        server = self.keep(StunServer(SERVER, self.outside))
        phone = self.managed()
        told = phone.wait_for("stun_binding")["fields"]["address"]
        self.assertEqual(told, f"{OUTER}:{nat.outer_port(7547)}")
        wait_until(lambda: len(server.bindings) >= 2, "the change that is told")
        self.assertEqual([one.is_change for one in server.of_connection_requests()[:2]],
                         [False, True])
        self.acs.call("GetParameterValues", ("ParameterNames", [MODEL]))
        self.knock(*server.bindings[-1], *[connection_request(USER, PASSWORD)] * 3)
        wait_until(lambda: self.acs.finished == 2, "a session that the ACS has asked for")
        self.assertEqual(self.acs.informs[-1].events, ASKED)
        values = self.acs.told_values(self.acs.replies[-1])
        self.assertEqual(values[MODEL + "UDPConnectionRequestAddress"], told)
        self.assertEqual(values[MODEL + "NATDetected"], "1")
        self.assertEqual(phone.journal_kinds().count("connection_request"), 1)
        self.assertEqual(server.complaints + self.acs.complaints, [])
        phone.check_secrets(phone.settings, "")

    def test_refused(self):
        """What is not signed with the password is no connection request, and nobody is answered."""
        nat = self.nat()
        server = self.keep(StunServer(SERVER, self.outside))
        phone = self.managed()
        wait_until(lambda: len(server.bindings) >= 2, "a binding")
        right = connection_request(USER, PASSWORD)
        wrong = [connection_request(USER, "other"), connection_request("other", PASSWORD),
                 right.replace(b"&id=", b"&id=1"), right[:-6], b"GET / HTTP/1.1\r\n\r\n", b"", b"G",
                 right.replace(b"GET", b"PUT")]
        sender = self.keep(self.outside.socket(socket.SOCK_DGRAM, SERVER, 0))
        for one in wrong:
            sender.sendto(one, (OUTER, nat.outer_port(7547)))
        sender.sendto(right, (OUTER, nat.outer_port(7547)))
        wait_until(lambda: self.acs.finished == 2, "the session of the right one")
        sender.setblocking(False)
        self.assertRaises(BlockingIOError, sender.recv, 2048)
        kinds = phone.journal_kinds()
        self.assertEqual(kinds.count("connection_request"), 1)
        self.assertEqual(kinds.count("connection_request_refused"), 6)
        self.assertEqual(len(self.acs.informs), 2)

    def test_coturn(self):
        """coturn, which knows no RESPONSE-ADDRESS, tells where it sees the phone, and the phone is
        asked for a session there."""
        nat = self.nat()
        self.keep(Coturn(self.scratch_folder(), self.outside, SERVER).start())
        phone = self.managed()
        told = phone.wait_for("stun_binding")["fields"]["address"]
        self.assertEqual(told, f"{OUTER}:{nat.outer_port(7547)}")
        self.knock(OUTER, nat.outer_port(7547), connection_request(USER, PASSWORD))
        wait_until(lambda: self.acs.finished == 2, "a session that the ACS has asked for")
        self.assertEqual(self.acs.informs[-1].events, ASKED)
        self.assertNotIn("stun_failed", phone.journal_kinds())

    def test_credentials(self):
        """A server that wants messages protected gets them so."""
        self.nat()
        server = self.keep(StunServer(SERVER, self.outside, ("phone", STUN_PASSWORD)))
        phone = self.managed("tr069.stun_user=phone", f"tr069.stun_password={STUN_PASSWORD}")
        phone.wait_for("stun_binding")
        self.assertEqual([one.is_protected for one in server.asked[:2]], [False, True])
        self.assertEqual({one.user for one in server.asked}, {"phone"})
        self.assertEqual(server.complaints, [])
        phone.check_secrets(phone.settings, "")

    def test_wrong_credentials(self):
        """One that does not take the password is told in the journal, and changes nothing else."""
        self.nat()
        self.keep(StunServer(SERVER, self.outside, ("phone", "other")))
        phone = self.managed("tr069.stun_user=phone", f"tr069.stun_password={STUN_PASSWORD}")
        self.assertIn("401", phone.wait_for("stun_failed")["sentence"])

    def test_new_way(self):
        """A NAT that has forgotten all is noticed; the server and the journal are told."""
        nat = self.nat()
        server = self.keep(StunServer(SERVER, self.outside))
        phone = self.managed("tr069.stun_min_s=1", "tr069.stun_max_s=1")
        phone.wait_for("stun_binding")
        before = server.bindings[-1]
        nat.forget()
        phone.wait_for("stun_binding", count=2)
        wait_until(lambda: server.of_connection_requests()[-1].is_change or
                   server.bindings[-2] != before, "the change that is told")
        self.assertNotEqual(server.bindings[-1], before)

    @slow
    def test_lifetime(self):
        """How long the NAT keeps a way open is found out, and used."""
        self.nat(timeout_s=9)
        server = self.keep(StunServer(SERVER, self.outside))
        phone = self.managed("tr069.stun_min_s=1", "tr069.stun_max_s=12")

        def longest_pause():
            at_s = [one.at_s for one in server.of_connection_requests()]
            return max((after - before for before, after in zip(at_s, at_s[1:])), default=0)
        wait_until(lambda: longest_pause() > 6, "a longer time between two messages", 40)
        # By halving between 1 and 12 s, of which it keeps 9: 7, and never one that it forgets.
        self.assertLess(longest_pause(), 8)
        self.assertEqual(phone.journal_kinds().count("stun_binding"), 1)
        probes = [one for one in server.asked if one.answer_to]
        self.assertGreaterEqual(len(probes), 2)
        self.assertFalse(any(one.hears_requests for one in probes))
        self.assertEqual(server.complaints, [])

    def test_no_nat(self):
        """Where nothing stands between, the phone is seen as it is."""
        self.keep(StunServer(ROUTER, self.router))
        phone = self.managed(f"tr069.stun_server={ROUTER}")
        told = phone.wait_for("stun_binding")
        self.assertEqual(told["fields"]["address"], f"{PHONE}:7547")
        self.assertFalse(re.search("NAT", told["sentence"]))

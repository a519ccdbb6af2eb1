# SPDX-License-Identifier: Apache-2.0
"""An attacker on the phone's own LAN: forged answers to its SUBSCRIBE, forged NOTIFYs at any time,
a rogue DHCP server, and web servers of his own. A phone that holds a configuration from verified
TLS, or one that came encrypted, keeps it, does not reboot, and says in its journal why."""

from kit import attacker
from kit.attacker import EVIL, AttackedTest
from kit.configuration import encrypted
from kit.lan import HTTP_PORT, OTHER, PHONE
from kit.needs import private_system
from kit.runner import SIDE_BY_SIDE
from kit.waiting import pause

NEEDS, WORKERS = (private_system,), SIDE_BY_SIDE
GUESSED = "guess"
FORGERY_S = 2
prepare = attacker.prepare


class Forger(AttackedTest):
    """A PBX that answers first, and names his own server."""

    def check_lured(self, phone, evil, *refused):
        """The phone falls for the NOTIFY and not for the file; the chain goes on to its server."""
        forger = self.lan.pbx("assigns", evil.file_url, OTHER)
        life = self.check_life(phone, 0, settings=("order=pnp,static",))
        self.assertIn(f"{PHONE} 200", forger.heard())
        self.check_words(life, "source_url", "pnp", evil.file_url, OTHER)
        self.check_untouched(phone, life, *refused)
        self.check_words(life, "plan_unchanged", self.good.folder_url)

    def test_plain_after_tls(self):
        """bad input: after verified TLS a forged NOTIFY to a plain server changes nothing"""
        phone = self.phone_of_verified_server()
        evil = self.evil_web()
        self.check_lured(phone, evil, "file_refused", "trust.pin", evil.file_url)
        self.assertEqual(phone.status()["proof"], "tls")

    def test_stranger_after_tls(self):
        """bad input: nor does one to a server of an unknown authority, which is asked nothing"""
        phone = self.phone_of_verified_server()
        evil = self.evil_web(self.certificate(self.stranger, OTHER))
        self.check_lured(phone, evil, "request_failed", "signed by an unknown authority")
        self.assertEqual(evil.paths(), [])

    def test_plain_after_key(self):
        """bad input: after an encrypted file a forged NOTIFY to a plain file changes nothing"""
        phone = self.phone_of_encrypted_file()
        evil = self.evil_web()
        self.check_lured(phone, evil, "file_refused", evil.file_url)

    def test_guessed_after_key(self):
        """bad input: nor does one to a file that another password encrypts"""
        phone = self.phone_of_encrypted_file()
        evil = self.evil_web()
        evil.offer(encrypted(EVIL, GUESSED))
        self.check_lured(phone, evil, "file_refused", evil.file_url)

    def test_new_phone(self):
        """A phone that holds nothing has nothing to compare with: the first answer counts."""
        evil = self.evil_web()
        self.lan.pbx("assigns", evil.file_url, OTHER)
        phone = self.lan.phone("order=pnp")
        self.check_provisions(phone, "P47=evil.example\n")
        self.assertEqual(phone.status()["proof"], "none")


class Storm(AttackedTest):
    def test_notifies(self):
        """bad input: forged NOTIFYs of every kind, again and again, neither change nor reboot it"""
        phone = self.phone_of_verified_server()
        evil = self.evil_web()
        self.lan.pbx("forges", evil.file_url, OTHER, words=[PHONE])
        phone.start("order=pnp,static")
        phone.wait_for("rest")
        forgeries = self.lan.capture()
        self.wait_for_forgeries(forgeries)
        entries = phone.last_life()
        self.assertEqual([e["kind"] for e in entries if e["kind"] in ("reboot", "applied")], [])
        self.assertEqual(len([e for e in entries if e["kind"] == "boot"]), 1)
        self.check_config(phone, "P47=one.example\n")
        self.assertEqual(phone.files(), self.before)
        self.assertTrue(any("trust.pin" in e["sentence"] for e in entries
                            if e["kind"] == "file_refused"))

    def wait_for_forgeries(self, capture):
        """A while, in which many came."""
        pause(FORGERY_S)
        self.assertGreater(len(capture.sip()), 50)


class Rogue(AttackedTest):
    """A DHCP server that names the attacker's web server; the phone takes its lease from it."""

    phone_address = None

    def lease(self, phone, *options):
        self.lan.dhcp(*options, at=OTHER)
        self.lan.dhcp_client(phone.state)

    def phone_with_address(self):
        """Provisioned before the attacker came, with an address that was taken away again."""
        self.lan.add_address(PHONE)
        phone = self.phone_of_verified_server()
        self.lan.hosts[PHONE].ip("address", "flush", "dev", "eth0")
        return phone

    def check_lured(self, phone, evil, *words):
        life = self.check_life(phone, 0, "source_url", "dhcp", *words,
                               settings=("order=dhcp,static",))
        self.check_untouched(phone, life, "file_refused", "trust.pin", evil)
        self.check_words(life, "plan_unchanged", self.good.folder_url)

    def test_host(self):
        """bad input: a rogue lease with a host in option 66 changes nothing"""
        phone = self.phone_with_address()
        self.evil_web(port=HTTP_PORT)
        self.lease(phone, f"--dhcp-option-force=66,{OTHER}")
        self.check_lured(phone, f"http://{OTHER}", OTHER)

    def test_url(self):
        """bad input: a rogue lease with a URL in option 66 changes nothing"""
        phone = self.phone_with_address()
        evil = self.evil_web()
        self.lease(phone, f"--dhcp-option-force=66,{evil.folder_url}")
        self.check_lured(phone, evil.folder_url, evil.folder_url)

    def test_vendor_option(self):
        """bad input: a rogue lease with a URL in option 43 changes nothing"""
        phone = self.phone_with_address()
        evil = self.evil_web()
        self.lease(phone, f"--dhcp-option-force=43,{evil.folder_url}")
        self.check_lured(phone, evil.folder_url, evil.folder_url)

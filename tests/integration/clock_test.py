# SPDX-License-Identifier: Apache-2.0
"""The time of day on a hostile LAN: a machine whose clock is wrong, a forged time server, a Date
of anybody's, and phones that start in 1970. Certificates are judged by evidence, and one wrong
answer is forgotten as soon as he who gave it is gone."""

import calendar
import time

from kit import BIN, attacker, durable
from kit.attacker import EVIL, ONE, AttackedTest, take_over
from kit.certificates import names
from kit.configuration import config_file
from kit.lan import OTHER, SERVER
from kit.needs import private_system
from kit.runner import SIDE_BY_SIDE
from kit.sntp import TimeServer
from kit.testcase import Cases
from kit.web import Answer

NEEDS, WORKERS = (private_system,), SIDE_BY_SIDE
prepare = attacker.prepare
TWO = config_file({"P47": "two.example"})
TIME = "172.18.0.123"  # of the time server, whose place the attacker takes
CLOCK = f"{BIN}/libmachine_clock.so"


def start_of(year):
    """Seconds since 1970."""
    return calendar.timegm((year, 1, 1, 0, 0, 0))


def told_as(year):
    """How the journal names a moment of its first days: the first digits of those seconds."""
    return str(start_of(year))[:6]


class Clock(AttackedTest):
    """Who says what time it is, and what his word is worth."""

    def live_in(self, phone, year=None):
        """A life whose machine has a clock that stands in this year, or is right."""
        offset_s = start_of(year) - int(time.time()) if year else 0
        return phone.live("order=static", environment={
            "LD_PRELOAD": CLOCK, "DIALTONE_CLOCK_OFFSET_S": offset_s})

    def good_until(self, year, **dates):
        """The good server, with a certificate that ends then."""
        self.good = self.secure_web(end=f"{year}0101000000Z", **dates)
        self.good.offer(ONE)

    def time_server(self, year, at):
        """This host has the time server's address from now on."""
        host = self.lan.hosts[at]
        take_over(host, TIME)
        return self.keep(TimeServer(TIME, year and start_of(year), host))

    def check_right_again(self, phone, year=None):
        """What the server offers is taken as ever, now that nobody lies. The last life."""
        life = self.live_in(phone, year)
        self.check_end(life, 0)
        self.check_words(life, "plan_unchanged")
        self.good.offer(TWO)
        life = self.live_in(phone, year)
        self.check_end(life, 0)
        self.check_config(phone, "P47=two.example\n")
        self.assertEqual(phone.status()["proof"], "tls")
        return life

    def test_hardware(self):
        """bad input: a machine's clock that stands in 2096 makes no certificate expired"""
        self.good_until(2060)
        phone = self.provisioned(self.trusting())
        life = self.live_in(phone, 2096)
        self.check_end(life, 0)
        self.assertIn(told_as(2096), life.sentences())
        self.check_right_again(phone)

    def check_forged_answer(self, year):
        """A phone without a clock of its own; who has the time server's address says so."""
        self.good_until(2040)
        phone = self.provisioned(self.trusting(), f"clock.sntp={TIME}")
        liar = self.time_server(year, OTHER)
        life = self.live_in(phone, 1970)
        self.check_untouched(phone, life)
        told = life.sentences()
        self.assertTrue(told_as(year) in told or f"{year}-01-01" in told, told)
        liar.close()
        self.lan.hosts[OTHER].ip("address", "del", f"{TIME}/32", "dev", "eth0")
        self.time_server(None, SERVER)
        self.check_words(self.check_right_again(phone, 1970), "clock_set", TIME)

    forged_answers = Cases(
        check_forged_answer,
        ("of_2090", "bad input: a forged answer of 2090 counts no longer than the forger is there",
         2090),
        ("of_2045", "bad input: a forged answer of 2045, by which the certificate has expired, "
         "counts no longer than the forger is there", 2045))

    def test_date(self):
        """bad input: the Date of a server that PnP names, with a certificate, does not count"""
        self.good_until(2060)
        phone = self.provisioned(self.trusting())
        evil = self.evil_secure_web()
        evil.offer(Answer(EVIL, fields={"Date": "Sun, 01 Jan 2090 00:00:00 GMT"}))
        self.name_by("pnp", evil.folder_url)
        self.check_end(phone.live("order=pnp,static"), 0)
        self.assertTrue(evil.requests)
        self.check_right_again(phone)

    def test_journal(self):
        """bad input: a journal that an earlier release left in 2096 makes no certificate expired"""
        self.good_until(2060)
        phone = self.lan.phone(f"static.url={self.good.folder_url}", self.trusting())
        phone.seen.mkdir(0o700)
        (phone.seen / durable.JOURNAL).write_text(f"0\t{start_of(2096)}\trest\n")
        self.check_provisions(phone, "P47=one.example\n", "order=static")
        self.assertEqual(phone.status()["proof"], "tls")

    def phone_of_2050(self):
        """A verified certificate that begins in June 2050 has shown it how late it is."""
        self.good_until(2060, begin="20500601000000Z")
        return self.provisioned(self.trusting())

    def test_begins_later(self):
        """A certificate that begins after the phone's time is taken while nobody but the machine
        has said what time it is; from then on it is as late as that."""
        phone = self.phone_of_2050()
        old = self.server_of_2049()
        life = self.check_life(phone, 4, "request_failed", "expired", "2049",
                               settings=("order=static", f"static.url={old.folder_url}"))
        self.assertGreaterEqual(life.entries[-1]["wall_s"], start_of(2050))

    def server_of_2049(self):
        server = self.lan.web(port=443, certificate=self.authority.issue(
            "server", names(SERVER), end="20491201000000Z"))
        server.offer(TWO)
        return server

    def test_factory_reset(self):
        """A factory reset takes the clock back to what the build knows."""
        phone = self.phone_of_2050()
        old = self.server_of_2049()
        phone.start("order=static", f"static.url={old.folder_url}")
        phone.wait_for("request_failed")
        self.told(phone, "factory-reset")
        phone.wait_for("applied")
        self.check_config(phone, "P47=two.example\n")

    def test_words(self):
        """An answer of the time server that cannot be true is told as what it was, and why not."""
        phone = self.phone_of_2050()
        self.time_server(2030, SERVER)
        self.check_life(phone, 0, "clock_unset", TIME, told_as(2030),
                        settings=("order=static", f"clock.sntp={TIME}"))

    def test_none(self):
        """A phone that starts in 1970 is provisioned over TLS without a time server, and its next
        start is as late as the certificate."""
        self.good_until(2060, begin="20300101000000Z")
        phone = self.lan.phone(f"static.url={self.good.folder_url}", self.trusting())
        for _ in range(2):
            life = self.live_in(phone, 1970)
            self.check_end(life, 0)
        self.assertGreaterEqual(life.entries[-1]["wall_s"], start_of(2030))
        self.assertEqual(phone.status()["proof"], "tls")

    def test_none_but_time_server(self):
        """One that starts in 1970 has the time of a time server."""
        self.good_until(2060)
        self.time_server(None, SERVER)
        phone = self.lan.phone(f"static.url={self.good.folder_url}", self.trusting(),
                               f"clock.sntp={TIME}")
        life = self.live_in(phone, 1970)
        self.check_end(life, 0)
        self.check_words(life, "clock_set", TIME)
        self.assertAlmostEqual(life.entries[-1]["wall_s"], time.time(), delta=60)
        self.assertEqual(phone.status()["proof"], "tls")

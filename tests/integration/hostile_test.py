# SPDX-License-Identifier: Apache-2.0
"""A hostile network: the phone, its good server and an attacker on one switch. He answers its
SUBSCRIBE and its DHCPINFORM, forges addresses, takes them over, has a certificate of his own and
knows all that passes. Each attack says what he may not learn and not change; beside it stands what
an administrator does every day, which has to go on working.

trust_test.py has the attacks on what is pinned that need no more than a server of his own."""

import calendar
import ssl
import time
from urllib.parse import parse_qs, urlsplit

from kit import BIN, attacker
from kit.attacker import (EVIL, ONE, PASSWORD, AttackedTest, CuriousFtp, CuriousWeb, forge,
                          take_over)
from kit.configuration import MAC, OWN_FILE, config_file, encrypted
from kit.ftp import FtpServer
from kit.lan import OTHER, PHONE, SERVER
from kit.needs import private_system
from kit.pbx import PORT, notify_for, unasked_notify
from kit.processes import run
from kit.runner import SIDE_BY_SIDE
from kit.sntp import TimeServer
from kit.testcase import Cases
from kit.waiting import pause, wait_until
from kit.web import Answer, basic_words, redirect

NEEDS, WORKERS = (private_system,), SIDE_BY_SIDE
prepare = attacker.prepare
HTTP_PORT = 80
USER, SECRET = "desk", "hush-hush-7"
LOGIN = f"{USER}:{SECRET}"
# A file that sets the user and the password for its server.
WITH_LOGIN = {"P47": "one.example", "P1360": USER, "P1361": SECRET}
TWO = config_file({"P47": "two.example"})
SECOND = "172.18.0.11"  # another address of the good server's machine, as a site's new name
TIME = "172.18.0.123"   # of the time server, whose place the attacker takes
CLOCK = f"{BIN}/libmachine_clock.so"


class Credentials(AttackedTest):
    """Who gets the user and password that a file has set."""

    def phone_with_login(self, *settings):
        return self.phone_of_verified_server(*settings, file=config_file(WITH_LOGIN))

    def curious(self, challenge):
        host = self.lan.hosts[OTHER]
        return self.keep(CuriousFtp(host, OTHER) if challenge == "ftp" else
                         CuriousWeb(host, OTHER, challenge))

    def check_learns_nothing(self, source, challenge, *settings):
        """A server that this source names asks for user and password so."""
        phone = self.phone_with_login(*settings)
        evil = self.curious(challenge)
        self.name_by(source, evil.folder_url)
        life = self.check_life(phone, 0, settings=(f"order={source},static",))
        self.check_words(life, "source_url", source, evil.folder_url)
        self.check_untouched(phone, life)
        self.assertEqual(evil.learnt(), [])
        self.assertNotIn(SECRET, str([request.fields for request in evil.requests]))
        if challenge in ("basic", "ftp"):
            self.assertIn("provision.servers", life.sentences())

    curious_cases = Cases(
        check_learns_nothing,
        ("pnp_basic", "bad input: a server that PnP names and that asks by Basic learns nothing",
         "pnp", "basic"),
        ("pnp_both", "bad input: nor does one that leaves the choice between Basic and Digest",
         "pnp", "both"),
        ("pnp_digest", "bad input: one that asks by Digest gets no more than a Digest answer",
         "pnp", "digest"),
        ("pnp_unasked", "bad input: one that PnP names gets nothing unasked (http.basic_always)",
         "pnp", "", "http.basic_always=1"),
        ("pnp_ftp", "bad input: an FTP server that PnP names hears of no user but an anonymous one",
         "pnp", "ftp"),
        ("dhcp_basic", "bad input: a server that option 66 of an answer to DHCPINFORM names, and "
         "that asks by Basic, learns nothing", "dhcp", "basic"),
        ("dhcp_ftp", "bad input: nor does an FTP server that such an answer names",
         "dhcp", "ftp"))

    def test_taken_address(self):
        """bad input: who takes the server's address over and names it without TLS learns nothing"""
        phone = self.phone_with_login()
        self.lan.hosts[SERVER].ip("link", "set", "eth0", "down")
        take_over(self.lan.hosts[OTHER], SERVER)
        evil = self.keep(CuriousWeb(self.lan.hosts[OTHER], SERVER, "basic"))
        self.name_by("pnp", evil.folder_url)
        life = self.check_life(phone, 4, settings=("order=pnp,static",))
        self.assertTrue(evil.requests)
        self.check_untouched(phone, life)
        self.assertEqual(evil.learnt(), [])

    def test_of_url(self):
        """bad input: user and password of the server's own URL are for it alone"""
        self.good = self.secure_web()
        self.good.offer(Answer(ONE, credentials=("basic", USER, SECRET)))
        phone = self.lan.phone(self.trusting())
        url = f"static.url={self.good.url('gs', USER, SECRET)}"
        self.check_provisions(phone, "P47=one.example\n", url)
        self.remember(phone)
        evil = self.curious("basic")
        self.name_by("pnp", evil.folder_url)
        life = self.check_life(phone, 0, settings=("order=pnp,static", url))
        self.check_untouched(phone, life)
        self.assertEqual(evil.learnt(), [])

    def test_of_operator(self):
        """bad input: what an operator sets after one server's 401 is not for the next one"""
        phone = self.provisioned_by_operator()
        evil = self.curious("basic")
        self.name_by("pnp", evil.folder_url)
        self.check_life(phone, 4, settings=("order=pnp",))
        self.assertTrue(evil.requests)
        self.assertEqual(evil.learnt(), [])

    def provisioned_by_operator(self):
        """By a server that option 66 names and that wants a user, whom an operator then sets."""
        self.good = self.lan.web(port=HTTP_PORT)
        self.good.offer(Answer(ONE, credentials=("basic", USER, SECRET)))
        dhcp = self.lan.dhcp(f"--dhcp-option-force=66,{SERVER}")
        phone = self.lan.phone()
        daemon = phone.start("order=dhcp")
        phone.wait_for("nothing_found")
        self.assertIn("provision.password",
                      "".join(entry["sentence"] for entry in phone.last_life()))
        self.told(phone, "set", f"provision.user={USER}", f"provision.password={SECRET}")
        phone.wait_for("rest")
        self.assertIn("P47=one.example\n", phone.config())
        phone.close()
        phone.daemons.remove(daemon)
        dhcp.stop()
        return phone


class Welcome(AttackedTest):
    """The same user and password where they belong."""

    def pbx(self, *answers, port=HTTP_PORT):
        """A web server that gives one answer after the other, the last one for ever."""
        web = self.lan.web(port=port)
        rest = list(answers)
        web.offer(lambda _: rest.pop(0) if len(rest) > 1 else rest[0])
        return web

    def asks(self, content):
        return Answer(content, credentials=("basic", USER, SECRET))

    def test_option_66(self):
        """A PBX that option 66 names at each boot gives user and password, asks for them by Basic
        from then on, over http, and gets them."""
        web = self.pbx(config_file(WITH_LOGIN), self.asks(config_file(WITH_LOGIN)))
        self.lan.dhcp(f"--dhcp-option-force=66,{SERVER}")
        phone = self.lan.phone("order=dhcp")
        self.check_end(phone.live(), 0)
        web.offer(self.asks(TWO))
        self.check_life(phone, 0, "source_url", "dhcp", SERVER)
        self.assertIn("P47=two.example\n", phone.config())

    def test_better_scheme(self):
        """The server that gave them gets them over TLS, too."""
        self.pbx(config_file(WITH_LOGIN))
        secure = self.secure_web()
        secure.offer(self.asks(TWO))
        phone = self.lan.phone(self.trusting())
        self.check_end(phone.live("order=static", f"static.url=http://{SERVER}/gs"), 0)
        self.lan.pbx("assigns", secure.folder_url)
        self.check_end(phone.live("order=pnp"), 0)
        self.assertIn("P47=two.example\n", phone.config())

    def check_userinfo(self, source, scheme):
        """The very URL has user and password."""
        if scheme == "ftp":
            host = self.lan.hosts[SERVER]
            self.keep(FtpServer({"gs/cfg000b82273b89.xml": ONE}, only="1:1", host=host,
                                address=SERVER))
            url = f"ftp://1:1@{SERVER}/gs"
        else:
            web = self.lan.web()
            web.offer(Answer(ONE, credentials=("basic", "admin", "123456")))
            url = web.url("gs", "admin", "123456")
        if source == "pnp":
            self.lan.pbx("assigns", url)
        else:
            self.lan.dhcp(f"--dhcp-option-force=66,{url}")
        self.check_provisions(self.lan.phone(f"order={source}"), "P47=one.example\n")

    userinfo_cases = Cases(
        check_userinfo,
        ("pnp_http", "http://admin:123456@SERVER that PnP names gets its own user and password.",
         "pnp", "http"),
        ("pnp_ftp", "So does ftp://1:1@SERVER.", "pnp", "ftp"),
        ("dhcp_http", "http://admin:123456@SERVER in option 66 does.", "dhcp", "http"),
        ("dhcp_ftp", "So does ftp://1:1@SERVER there.", "dhcp", "ftp"))

    def test_listed_server(self):
        """A server that provision.servers lists gets them whoever names it."""
        web = self.pbx(self.asks(ONE))
        self.lan.pbx("assigns", web.folder_url)
        phone = self.lan.phone("order=pnp", f"provision.user={USER}",
                               f"provision.password={SECRET}")
        life = self.check_life(phone, 4)
        self.assertIn("provision.servers", life.sentences())
        self.check_provisions(phone, "P47=one.example\n",
                              f"provision.servers=other.example,{SERVER}")

    def test_rotation(self):
        """A password that rotates: the old one fetches the file with the new one."""
        new = config_file({**WITH_LOGIN, "P1361": "hush-hush-8"})
        words = [basic_words(USER, SECRET), basic_words(USER, "hush-hush-8")]
        web = self.pbx(config_file(WITH_LOGIN))
        self.lan.pbx("assigns", web.folder_url)
        phone = self.lan.phone("order=pnp")
        self.check_end(phone.live(), 0)

        def answer(request):
            if request.authorization == words[-1]:
                words[:] = words[-1:]  # the old one counts no more
            return new if request.authorization in words else \
                Answer(b"no", 401, {"WWW-Authenticate": attacker.CHALLENGES["basic"]})

        web.offer(answer)
        self.check_end(phone.live(), 0)
        self.assertIn("P1361=hush-hush-8\n", phone.config())
        self.assertEqual(len(words), 1)
        self.check_life(phone, 0, "plan_unchanged")

    def test_moves_to_tls(self):
        """A site that moves from http to https names the new URL in its file, and the user and
        password go there."""
        self.good = self.secure_web()
        self.good.offer(self.asks(TWO))
        moved = {**WITH_LOGIN, "P212": "2", "P237": f"{SERVER}:{self.good.port}/gs"}
        old = self.pbx(config_file(moved))
        phone = self.lan.phone(self.trusting(), "order=static")
        self.check_end(phone.live(f"static.url=http://{SERVER}/gs"), 0)
        old.stop()
        self.check_end(phone.live(), 0)
        self.assertIn("P47=two.example\n", phone.config())
        self.assertEqual(phone.status()["proof"], "tls")


class Pin(AttackedTest):
    """What a certificate of the attacker's own, or a redirect of the good server's, is worth."""

    def check_own_name(self, source):
        """The source names a server with a certificate for its own name."""
        phone = self.phone_of_verified_server()
        evil = self.evil_secure_web()
        self.name_by(source, evil.folder_url)
        life = self.check_life(phone, 0, "source_url", source, evil.folder_url,
                               settings=(f"order={source},static",))
        self.assertTrue(evil.requests)
        self.check_untouched(phone, life, "file_refused", "trust.pin", evil.folder_url)

    own_names = Cases(
        check_own_name,
        ("own_name_pnp", "bad input: a server that PnP names, with a valid certificate for a name "
         "of its own, changes nothing", "pnp"),
        ("own_name_dhcp", "bad input: nor does one that an answer to DHCPINFORM names", "dhcp"))

    def test_open_redirect(self):
        """bad input: PnP names a login page of the right server that sends on to the attacker's"""
        phone = self.phone_of_verified_server()
        evil = self.evil_secure_web()
        self.good.put("/login", lambda request: redirect(
            parse_qs(urlsplit(request.path).query)["next"][0]))
        lure = self.good.url(f"login?next={evil.file_url}")
        self.name_by("pnp", lure)
        life = self.check_life(phone, 0, settings=("order=pnp,static",))
        self.assertTrue(evil.requests)
        self.check_words(life, "redirect", self.good.url("login"), evil.file_url)
        self.check_untouched(phone, life, "file_refused", "trust.pin", OTHER)

    def test_failed_trial(self):
        """bad input: a trial that an operator allowed and that failed leaves the pin as it was"""
        phone = self.phone_of_verified_server("trial.timeout=2")
        bad = self.lan.web(port=HTTP_PORT)
        bad.offer(Answer(TWO, before=bad.hang_up))
        self.check_life(phone, 5, "rolled_back", settings=(
            "order=static", f"static.url={bad.folder_url}", "trust.pin=0"))
        self.remember(phone)
        evil = self.evil_web()
        self.name_by("pnp", evil.folder_url)
        life = self.check_life(phone, 0, settings=("order=pnp,static",))
        self.check_untouched(phone, life, "file_refused", "trust.pin", evil.folder_url)
        self.assertEqual(phone.status()["proof"], "tls")

    def test_first_answer(self):
        """A new phone is pinned to the first server that PnP names and TLS verifies, and says so.
        """
        web = self.secure_web()
        web.offer(ONE)
        pbx = self.lan.pbx("assigns", web.folder_url)
        phone = self.lan.phone(self.trusting(), "order=pnp")
        self.check_provisions(phone, "P47=one.example\n")
        self.assertEqual(phone.status()["proof"], "tls")
        told = self.told(phone, "status")
        self.assertIn("answered first", told)
        self.assertIn(SERVER, told)
        pbx.close()
        evil = self.evil_secure_web()
        self.name_by("pnp", evil.folder_url)
        self.remember(phone)
        life = self.check_life(phone, 4)
        self.check_untouched(phone, life, "file_refused", "trust.pin")


class Moves(AttackedTest):
    """A pinned phone follows its own server to another one."""

    def setUp(self):
        super().setUp()
        self.lan.hosts[SERVER].add_address("eth0", f"{SECOND}/16")

    def phone_sent_on(self, scheme_word, port, *settings):
        """Its first server, over verified TLS, names the second one; then the first is gone."""
        phone = self.phone_of_verified_server(*settings, file=config_file(
            {"P47": "one.example", "P212": scheme_word, "P237": f"{SECOND}:{port}/gs"}))
        told = [entry["sentence"] for entry in phone.last_life() if entry["level"] == "warning"]
        self.assertTrue(any(SECOND in sentence for sentence in told), told)
        phone.settings.remove(f"static.url={self.good.folder_url}")
        self.good.stop()
        return phone

    def test_new_name(self):
        """A site that changes its name says so in a file; then the new name is the pinned one,
        whoever names it."""
        web = self.secure_web(SECOND)
        web.offer(TWO)
        phone = self.phone_sent_on("2", web.port)
        self.lan.pbx("assigns", web.folder_url)
        self.check_end(phone.live("order=pnp"), 0)
        self.assertIn("P47=two.example\n", phone.config())
        self.assertEqual(phone.status()["proof"], "tls")

    def plain_customer(self):
        web = self.lan.web(address=SECOND)
        web.offer(TWO)
        return web

    def test_redirect_service(self):
        """A redirect service moves the phone to a customer's server by its file, a plain one, too.
        """
        web = self.plain_customer()
        phone = self.phone_sent_on("1", web.port)
        self.check_end(phone.live("order=static"), 0)
        self.assertIn("P47=two.example\n", phone.config())

    def test_strict(self):
        """With trust.pin=strict not to a plain one."""
        web = self.plain_customer()
        phone = self.phone_sent_on("1", web.port, "trust.pin=strict")
        self.check_life(phone, 4, "file_refused", "trust.pin", settings=("order=static",))
        self.assertIn("P47=one.example\n", phone.config())

    def test_redirect_status(self):
        """A redirect service answers 302; the server that it leads to is pinned, and may be named
        by PnP afterwards."""
        web = self.secure_web(SECOND)
        web.offer(ONE)
        self.good = self.secure_web()
        self.good.offer(redirect(web.file_url))
        phone = self.provisioned(self.trusting())
        self.assertEqual(phone.status()["proof"], "tls")
        self.good.stop()
        web.offer(TWO)
        self.lan.pbx("assigns", web.folder_url)
        self.check_provisions(phone, "P47=two.example\n", "order=pnp")

    def test_operator(self):
        """An operator who sets another static server lifts the pin, for a plain one, too."""
        self.good = self.secure_web()
        self.good.offer(ONE)
        web = self.plain_customer()
        phone = self.lan.phone(self.trusting())
        options = ["--settings", phone.file("settings", f"static.url = {self.good.folder_url}\n")]
        self.check_end(phone.live(options=options), 0)
        phone.start(options=options)
        phone.wait_for("rest")
        self.told(phone, "set", f"static.url={web.folder_url}")
        phone.wait_for("trial_confirmed")
        self.check_config(phone, "P47=two.example\n")


class Keys(AttackedTest):
    """Files of which a key is the only proof."""

    def test_flipped_block(self):
        """bad input: a block altered inside a comment of an encrypted file changes no value"""
        good = latin_1_file()
        self.good = self.lan.web()
        self.good.offer(encrypted(good, PASSWORD))
        phone = self.provisioned(f"config.password={PASSWORD}")
        self.assertIn("P237=9.9.9.9\n", phone.config())
        self.good.offer(altered(encrypted(good, PASSWORD)))
        life = self.check_life(phone, 4, settings=("order=static",))
        self.check_untouched(phone, life, "file_refused", "altered")

    def test_declaration(self):
        """Where TLS vouches for the file, an encrypted one may be of ISO-8859-1."""
        file = latin_1_file(b"<P270>M\xfcller</P270>")
        phone = self.phone_of_verified_server(f"config.password={PASSWORD}",
                                              file=encrypted(file, PASSWORD))
        self.assertIn("P270=M\u00fcller\n", phone.config())

    def test_one_reason(self):
        """bad input: wrong padding and right padding around rubbish are refused in the same words"""
        phone = self.phone_of_encrypted_file()
        whole = encrypted(TWO, PASSWORD)
        reasons = set()
        for at in (-17, 40):
            broken = bytearray(whole)
            broken[at] ^= 0x55
            self.good.offer(bytes(broken))
            life = self.check_life(phone, 4, settings=("order=static",))
            self.check_untouched(phone, life)
            reasons |= {entry["sentence"] for entry in life.of_kind("file_refused")}
        self.assertEqual(len(reasons), 1, reasons)

    def test_rogue_key(self):
        """bad input: a key that a rogue's plain file set vouches for nothing: the rightful server
        has the phone again when he is gone"""
        phone = self.phone_of_plain_server()
        evil = self.evil_web()
        evil.offer(config_file({"P47": "evil.example", "P1359": "his own"}))
        pbx = self.name_by("pnp", evil.folder_url)
        self.check_end(phone.live("order=pnp,static"), 0)
        evil.offer(encrypted(config_file({"P47": "evil2.example"}), "his own"))
        self.check_end(phone.live("order=pnp,static"), 0)
        self.assertIn("P47=evil2.example\n", phone.config())
        self.assertEqual(phone.status()["proof"], "none")
        pbx.close()
        evil.close()
        self.check_end(phone.live("order=static"), 0)
        self.assertIn("P47=one.example\n", phone.config())

    def test_key_over_http(self):
        """A key that comes over plain http opens what follows, and another one may follow."""
        phone = self.phone_of_plain_server(
            file=config_file({"P47": "one.example", "P1359": PASSWORD}))
        for number, (old, new) in enumerate(((PASSWORD, "next 1"), ("next 1", "next 2"))):
            file = config_file({"P47": f"by{number}.example", "P1359": new})
            self.good.offer(encrypted(file, old))
            self.check_end(phone.live("order=static"), 0)
            self.assertIn(f"P47=by{number}.example\n", phone.config())
            self.assertEqual(phone.status()["proof"], "none")


def latin_1_file(more=b""):
    """A configuration file of ISO-8859-1 in which one block of AES begins with the end of a
    comment and has P237 to its last byte."""
    head = (f'<?xml version="1.0" encoding="ISO-8859-1"?>\n<gs_provision version="1">\n'
            f'<mac>{MAC.lower()}</mac>\n<config version="1">\n').encode() + more + b"<!--"
    comment = b"p" * (64 - len(head) % 16)
    return head + comment + b"--><P237>9.9.9.9</P237></config></gs_provision>\n"


def altered(ciphertext):
    """With another address in P237, and rubbish in the comment before it that would pass as
    ISO-8859-1: what the attacker tries until it does."""
    block = latin_1_file().index(b"--><P237>") + 16  # behind "Salted__" and the salt
    for tries in range(100):
        host = f"6.6.{tries // 10}.{tries % 10}".encode()
        changed = bytearray(ciphertext)
        for at, (old, new) in enumerate(zip(b"9.9.9.9", host)):
            changed[block - 16 + 9 + at] ^= old ^ new
        plain = run(["openssl", "enc", "-d", "-aes-256-cbc", "-md", "sha256", "-pass",
                     f"pass:{PASSWORD}"], input=bytes(changed), text=False)
        rubbish = plain[block - 32:block - 16]
        if min(rubbish) >= 0x20 and b"-" not in rubbish and 0x7F not in rubbish:
            return bytes(changed)
    raise AssertionError("no rubbish that would pass")

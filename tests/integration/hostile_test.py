# SPDX-License-Identifier: Apache-2.0
"""A hostile network: the phone, its good server and an attacker on one switch. He answers its
SUBSCRIBE and its DHCPINFORM, forges addresses, has a certificate of his own and knows all that
passes. Each attack says what he may not change; beside it stands what an administrator does every
day, which has to go on working.

credentials_test.py has what he may not learn, clock_test.py what he may say of the time,
trust_test.py the attacks on what is pinned that need no more than a server of his own."""

import socket
from urllib.parse import parse_qs, urlsplit

from kit import attacker
from kit.attacker import ONE, PASSWORD, AttackedTest, forge
from kit.configuration import MAC, OWN_FILE, config_file, encrypted
from kit.lan import HTTP_PORT, OTHER, PHONE, SERVER
from kit.needs import private_system
from kit.pbx import PORT, notify_for, unasked_notify
from kit.processes import run
from kit.runner import SIDE_BY_SIDE
from kit.testcase import Cases
from kit.waiting import pause, wait_until
from kit.web import Answer, redirect

NEEDS, WORKERS = (private_system,), SIDE_BY_SIDE
prepare = attacker.prepare
TWO = config_file({"P47": "two.example"})
SECOND = "172.18.0.11"  # another address of the good server's machine, as a site's new name


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
        ("own_name_dhcp", "bad input: a server that an answer to DHCPINFORM names, with such a "
         "certificate, changes nothing", "dhcp"))

    def test_open_redirect(self):
        """bad input: a page of the right server that sends on to another's file changes nothing"""
        phone = self.phone_of_verified_server()
        evil = self.evil_secure_web()
        self.good.put("/login", lambda request: redirect(
            parse_qs(urlsplit(request.path).query)["next"][0]))
        lure = self.good.url(f"login?next={evil.file_url}")
        self.name_by("pnp", lure)
        life = phone.live("order=pnp,static")
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

    def phone_delivered_for(self, file, *settings):
        """As the first server has it that the phone was delivered with, over verified TLS."""
        self.good = self.secure_web()
        self.good.offer(file)
        phone = self.lan.phone(self.trusting(), *settings)
        self.options = ["--settings",
                        phone.file("settings", f"static.url = {self.good.folder_url}\n")]
        self.check_end(phone.live("order=static", options=self.options), 0)
        return phone

    def phone_sent_on(self, scheme_word, port, *settings):
        """That server names the second one; then it is gone."""
        phone = self.phone_delivered_for(config_file(
            {"P47": "one.example", "P212": scheme_word, "P237": f"{SECOND}:{port}/gs"}), *settings)
        told = [entry["sentence"] for entry in phone.last_life() if entry["level"] == "warning"]
        self.assertTrue(any(SECOND in sentence for sentence in told), told)
        self.good.stop()
        return phone

    def check_moved(self, phone, order, proof):
        self.check_end(phone.live(f"order={order}", options=self.options), 0)
        self.assertIn("P47=two.example\n", phone.config())
        self.assertEqual(phone.status()["proof"], proof)

    def test_new_name(self):
        """A site that changes its name says so in a file; then the new name is the pinned one,
        whoever names it."""
        web = self.secure_web(SECOND)
        web.offer(TWO)
        phone = self.phone_sent_on("2", web.port)
        self.lan.pbx("assigns", web.folder_url)
        self.check_moved(phone, "pnp", "tls")

    def plain_customer(self):
        web = self.lan.web(address=SECOND)
        web.offer(TWO)
        return web

    def test_redirect_service(self):
        """A redirect service moves the phone to a customer's server by its file, a plain one, too.
        """
        web = self.plain_customer()
        phone = self.phone_sent_on("1", web.port)
        self.check_moved(phone, "static", "none")

    def test_strict(self):
        """With trust.pin=strict not to a plain one."""
        web = self.plain_customer()
        phone = self.phone_delivered_for(config_file(
            {"P47": "one.example", "P212": "1", "P237": f"{SECOND}:{web.port}/gs"}),
            "trust.pin=strict")
        self.good.stop()
        self.check_life(phone, 4, "file_refused", "trust.pin", settings=("order=static",),
                        options=self.options)
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
        web = self.plain_customer()
        phone = self.phone_delivered_for(ONE)
        phone.start("order=static", options=self.options)
        phone.wait_for("rest")
        self.told(phone, "set", f"static.url={web.folder_url}")
        phone.wait_for("trial_confirmed")
        self.assertIn("P47=two.example\n", phone.config())


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
        """bad input: wrong padding, and rubbish with the right one, are refused in one way"""
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
        """bad input: a key that a rogue's plain file set keeps no phone from its rightful server"""
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


class Busy(AttackedTest):
    """Four URLs in one NOTIFY, and each of them asks to come back in an hour."""

    def setUp(self):
        super().setUp()
        evil = self.lan.web(OTHER, port=HTTP_PORT)
        urls = [f"{number}/{OWN_FILE}" for number in range(4)]
        for url in urls:
            evil.put(f"/{url}", Answer(b"later", 503, {"Retry-After": "3600"}))
        self.evil = evil
        self.lure = "\r\n".join(map(evil.url, urls))

    def test_new_phone(self):
        """bad input: four URLs that ask for an hour keep no new phone from its own server"""
        self.name_by("pnp", self.lure)
        self.good = self.lan.web()
        self.good.offer(ONE)
        phone = self.lan.phone("order=pnp,static", f"static.url={self.good.folder_url}")
        phone.start()
        phone.wait_for("applied")
        self.assertEqual(len(set(self.evil.paths())), 4)
        self.check_config(phone, "P47=one.example\n")

    def test_pinned(self):
        """bad input: four URLs that ask for an hour keep no pinned phone from its server"""
        phone = self.phone_of_verified_server()
        self.name_by("pnp", self.lure)
        phone.start("order=pnp,static")
        phone.wait_for("rest")
        self.assertEqual(len(set(self.evil.paths())), 4)
        self.good.offer(TWO)
        self.told(phone, "resync")
        phone.wait_for("trial_confirmed")
        self.check_config(phone, "P47=two.example\n")


class LongUrls(AttackedTest):
    def test_history(self):
        """bad input: ten passes of long URLs and redirects leave the provisioning's lines there"""
        phone = self.phone_of_verified_server()
        history = phone.seen.joinpath("journal").read_bytes()
        evil, pad = self.evil_web(), "a" * 300
        for number in range(4):
            for hop in range(5):
                evil.put(f"/{number}/{hop}/{pad}.xml",
                         redirect(evil.url(f"{number}/{hop + 1}/{pad}.xml")))
            evil.put(f"/{number}/5/{pad}.xml", Answer(b"", 503))
        self.name_by("pnp", "\r\n".join(evil.url(f"{number}/0/{pad}.xml") for number in range(4)))
        phone.start("order=pnp,static")
        phone.wait_for("rest")
        for _ in range(9):
            before = len(phone.last_life())
            self.told(phone, "resync")
            phone.wait_for("rest", since=before)
        self.assertEqual(len(evil.requests), 10 * 4 * 6)  # the URLs themselves are whole
        files = [file.read_bytes() for file in sorted(phone.seen.glob("journal*"), reverse=True)]
        self.assertTrue(b"".join(files).startswith(history), [len(file) for file in files])


class DeadEnd(AttackedTest):
    def test_right_server(self):
        """bad input: PnP that names nothing on the right server keeps no phone from its own URL"""
        phone = self.phone_of_verified_server()
        self.good.offer(TWO)
        self.name_by("pnp", self.good.url("nothing.xml"))
        self.check_provisions(phone, "P47=two.example\n", "order=pnp,static")


class Notify(AttackedTest):
    """NOTIFYs that come when nobody waits for them, from anyone."""

    def accepted(self, phone, kind, *settings):
        """A daemon whose SUBSCRIBE a PBX at the good server's address has accepted, and which has
        come to this line of its journal afterwards."""
        pbx = self.lan.pbx("accepts")
        phone.start(*settings)
        phone.wait_for(kind)
        self.assertIsNotNone(pbx.exchange)
        return pbx

    def new_phone_of(self, *settings):
        phone = self.lan.phone("order=pnp,static", *settings)
        return phone, self.accepted(phone, "nothing_found")

    def forge(self, event, url="", port=PORT):
        """As if the PBX had sent it to this port of the phone's, in no dialog of its own."""
        forge(self.lan.hosts[OTHER], (SERVER, PORT), (PHONE, port), unasked_notify(
            f"{PHONE}:{port}", f"{SERVER}:{PORT}", event, url))

    def answers(self, pbx, status):
        return pbx.heard().count(f"{PHONE} {status} 1 NOTIFY")

    def kinds(self, phone, *wanted):
        return [entry["kind"] for entry in phone.last_life() if entry["kind"] in wanted]

    def test_late(self):
        """A new phone takes a late ua-profile with a foreign Call-ID and no tag from a server that
        has accepted."""
        web = self.lan.web()
        web.offer(ONE)
        phone, pbx = self.new_phone_of()
        message = pbx.exchange.message
        pbx.exchange.send(notify_for(message, pbx.here, web.folder_url, "56ab12@server"))
        phone.wait_for("applied")
        self.check_config(phone, "P47=one.example\n")

    def test_check_of_stranger(self):
        """bad input: a check-sync outside of a new phone's dialog does nothing"""
        phone, pbx = self.new_phone_of()
        self.forge("check-sync;reboot=true")
        wait_until(lambda: self.answers(pbx, 481), "a 481")
        self.assertEqual(self.kinds(phone, "notified", "reboot"), [])
        pbx.exchange.send(pbx.exchange.notify(event="check-sync", body="", content_type=None))
        phone.wait_for("notified")

    def assigned(self, at):
        """A daemon with a configuration for which nothing vouches, and the PBX at that address,
        which has just named the server that the phone has it from."""
        phone = self.phone_of_plain_server()
        pbx = self.lan.pbx("assigns", self.good.folder_url, at)
        phone.start("order=pnp,static")
        phone.wait_for("rest")
        return phone, pbx

    def check_unmoved(self, phone):
        """After the time that a request would have taken."""
        pause(1)
        self.assertEqual(self.kinds(phone, "notified", "check_begins", "check_waits", "reboot"), [])
        self.assertEqual(len(self.kinds(phone, "boot")), 1)
        self.assertEqual(phone.files(), self.before)

    def test_forged_address(self):
        """bad input: a NOTIFY from a forged address moves no phone that has a configuration"""
        phone, pbx = self.assigned(SERVER)
        evil = self.evil_web()
        for event, url in (("ua-profile", evil.folder_url), ("check-sync;reboot=true", ""),
                           ("resync", "")):
            self.forge(event, url, pbx.exchange.phone[1])
        self.check_unmoved(phone)
        self.assertEqual(evil.requests, [])

    def test_reboots(self):
        """bad input: thirty check-sync;reboot=true outside of its dialog do not move a phone"""
        phone, pbx = self.assigned(OTHER)
        for _ in range(30):
            pbx.exchange.send(unasked_notify(f"{PHONE}:{PORT}", pbx.here,
                                             "check-sync;reboot=true"))
            pause(0.05)
        self.check_unmoved(phone)

    def test_port_is_let_go(self):
        """bad input: check-syncs within its dialog hold no port of a phone with a configuration"""
        phone, pbx = self.assigned(OTHER)

        def check():
            pbx.exchange.send(pbx.exchange.notify(cseq="1 NOTIFY", event="check-sync", body="",
                                                  content_type=None))
            pause(1)
            return self.answers(pbx, 200)

        check()
        phone.wait_for("rest", count=2)
        answered = [check() for _ in range(40)]  # the check that these ask for has a minute to wait
        self.assertGreater(answered[20], answered[10])
        self.assertEqual(answered[34], answered[-1])
        self.assertEqual(len(self.kinds(phone, "pass_begins")), 2)

    def test_repeated_lines(self):
        """bad input: what is said a hundred times does not push the history out of the journal"""
        evil = self.lan.web(OTHER)
        phone, pbx = self.new_phone_of()
        before = len(phone.last_life())
        for _ in range(100):
            self.forge("ua-profile", evil.folder_url)
            pause(0.025)
        wait_until(lambda: self.answers(pbx, 200) >= 80, "most of them heard")
        self.assertLess(len(phone.last_life()) - before, 50)

    def test_empty_folder(self):
        """bad input: a late NOTIFY that names an empty folder ends no search of a new phone"""
        evil = self.lan.web(OTHER)
        phone, pbx = self.new_phone_of("order=pnp")
        self.forge("ua-profile", evil.folder_url)
        phone.wait_for("plan_absent")
        phone.wait_for("retry_waits", count=2)
        self.forge("ua-profile", evil.folder_url)
        wait_until(lambda: self.answers(pbx, 200) == 2, "an answer to the second one")

    def test_other_interface(self):
        """bad input: a NOTIFY that comes in by another interface than the agent's is not heard"""
        outside = self.host()
        self.lan.hosts[PHONE].cable("eth1", outside, "eth0")
        self.lan.hosts[PHONE].add_address("eth1", "10.9.0.1/24")
        outside.add_address("eth0", "10.9.0.2/24")
        outside.ip("route", "add", "default", "via", "10.9.0.1")
        evil = self.evil_web()
        phone, pbx = self.new_phone_of()
        for source, target in (("10.9.0.2", "10.9.0.1"), (SERVER, PHONE), ("10.9.0.2", PHONE)):
            forge(outside, (source, PORT), (target, PORT), unasked_notify(
                f"{target}:{PORT}", f"{source}:{PORT}", "ua-profile", evil.folder_url))
        pause(0.5)
        self.assertEqual((evil.requests, self.answers(pbx, 200)), ([], 0))
        self.forge("ua-profile", evil.folder_url)  # by the right one it is
        phone.wait_for("applied")

    def test_other_interface_tcp(self):
        """bad input: who connects to the SIP port by another interface is hung up on, unheard"""
        outside = self.host()
        self.lan.hosts[PHONE].cable("eth1", outside, "eth0")
        self.lan.hosts[PHONE].add_address("eth1", "10.9.0.1/24")
        outside.add_address("eth0", "10.9.0.2/24")
        outside.ip("route", "add", "default", "via", "10.9.0.1")
        silent = self.lan.hosts[SERVER].call(lambda: socket.create_server((SERVER, PORT)))
        self.addCleanup(silent.close)
        self.lan.phone("order=pnp", "pnp.transport=tcp", f"pnp.server={SERVER}").start()

        def said_to(host, source, target):
            notify = unasked_notify(f"{target}:{PORT}", f"{source}:{PORT}", "check-sync")
            return host.call(lambda: said_on_connection((target, PORT), notify))

        wait_until(lambda: said_to(self.lan.hosts[OTHER], OTHER, PHONE).startswith(b"SIP/2.0 "),
                   "a phone that answers whoever comes by its own interface")
        self.assertEqual([said_to(outside, "10.9.0.2", target) for target in ("10.9.0.1", PHONE)],
                         [b"hung up", b"hung up"])


def said_on_connection(target, message):
    """What is answered to this."""
    try:
        with socket.create_connection(target, timeout=5) as connection:
            connection.sendall(message)
            return connection.recv(65536) or b"hung up"
    except ConnectionRefusedError:
        return b"refused"
    except ConnectionError:
        return b"hung up"


class Words(AttackedTest):
    """What servers and files write ends on somebody's terminal."""

    ODD = "\x9b31m\u202e\x7f\u2066"

    def check_harmless(self, text):
        odd = [c for c in text if c in self.ODD[0] + self.ODD[-3:] or (c < " " and c != "\n")]
        self.assertEqual(odd, [], repr(text))

    def test_shown(self):
        """bad input: no C1 control, DEL or bidirectional override of a file or a server is shown"""
        odd = "".join(f"&#{ord(c)};" for c in self.ODD)
        file = config_file({"P47": "one.example", "P270": f"a{odd}b"})
        phone = self.phone_of_plain_server(file=file)
        place = f"{self.good.folder_url}/{self.ODD}.xml"
        self.good.offer(redirect(place.encode().decode("latin-1")))
        self.lan.pbx("always_refuses", words=[f"500 {self.ODD}"])
        phone.live("order=pnp,static")
        path = phone.file("odd.xml", file)
        for words in (("explain",), ("explain", "--json"), ("status",), ("status", "--json"),
                      ("show", "config"), ("show", "config", "--json"),
                      ("inspect", path, "--profile", "grandstream")):
            self.check_harmless(phone.tool(*words).stdout)
        self.check_harmless(phone.journal().decode().replace("\t", " "))

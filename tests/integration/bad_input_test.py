# SPDX-License-Identifier: Apache-2.0
"""Bad input meets a phone that holds a configuration. Each time: a clear line in the journal, the
old configuration untouched and active, no reboot, exit status 4, and 3 where a file is absent.

The first line of each test's description becomes a row of the table in docs/testing.md.
"""

import itertools
import os
import pathlib
import subprocess
import tempfile

from kit import durable
from kit.configuration import FIRST_FILE, OWN_FILE, config_file, encrypted
from kit.processes import run
from kit.runner import SIDE_BY_SIDE
from kit.testcase import Cases, PhoneTest, slow
from kit.web import Answer, redirect

OWN = f"/gs/{OWN_FILE}"
FIRST = f"/gs/{FIRST_FILE}"
GOOD = config_file({"P47": "good.example", "P35": "201"})
NEXT = config_file({"P47": "next.example", "P34": "x" * 500})
PASSWORD = "open sesame"
PADDING = bytes([16 - len(NEXT) % 16]) * (16 - len(NEXT) % 16)
KIB = 1024
LIMIT = 512 * KIB

WORKERS = SIDE_BY_SIDE


def flipped(content, at, bits):
    content = bytearray(content)
    content[at] ^= bits
    return bytes(content)


class BadInput(PhoneTest):
    """Each test provisions a phone, then makes the server or the phone's place go wrong."""

    def setUp(self):
        self.server = self.serve({OWN: GOOD})
        self.phone = self.new_phone(f"static.url={self.server.url('gs')}")

    def refused(self, *settings, status=4, options=()):
        """The life that changes nothing. Returns it."""
        phone = self.phone
        self.assertEqual(phone.config(), "P35=201\nP47=good.example\n")
        before = phone.files()
        self.server.forget()
        life = phone.live(*settings, options=options)
        self.check_end(life, status)
        self.assertEqual(phone.config(), "P35=201\nP47=good.example\n")
        self.assertEqual(phone.files(), before)
        for kind in ("applying", "applied", "reboot"):
            self.assertNotIn(kind, life.kinds())
        self.assertEqual(phone.status()["generation"], 1)
        self.assertIn(life.of_kind("finished")[0]["sentence"], phone.tool("explain").stdout)
        return life

    def check_refused(self, answer, kind, *words, settings=(), status=4):
        """The server gives this answer for the phone's own file; the journal has these words."""
        self.server.put(OWN, GOOD)
        self.phone.provision(*settings)
        self.server.put(OWN, answer)
        life = self.refused(*settings, status=status)
        self.check_words(life, kind, self.server.url("gs/" + OWN_FILE), *words)
        return life

    def check_unreachable(self, answer, *words):
        """No whole answer: three tries, and words in the journal for each."""
        life = self.check_refused(answer, "request_failed", *words)
        self.assertEqual(len(life.of_kind("request_failed")), 3)
        self.assertEqual(len(life.of_kind("retry_waits")), 2)
        self.check_words(life, "plan_unreachable", "Nothing is taken over from")
        return life

    def check_file(self, body, *words, settings=()):
        """A whole body that is no configuration for this phone: asked for once."""
        life = self.check_refused(body, "file_refused", "cannot be used", *words,
                                  settings=settings)
        self.assertEqual(self.server.paths(), [FIRST, OWN])
        self.check_words(life, "plan_refused", "Nothing is taken over from")
        return life


class Transport(BadInput):
    unreachable_cases = Cases(
        BadInput.check_unreachable,
        ("ends_early", "bad input: a body that ends before its Content-Length changes nothing",
         Answer(NEXT, cut=40), f"the body ended after 40 of {len(NEXT)}"),
        ("ends_in_chunk", "bad input: a chunked body that ends inside a chunk changes nothing",
         Answer(NEXT, is_chunked=True, cut=60), "ended inside a chunk"),
        ("hangs_up", "bad input: a server that hangs up instead of answering changes nothing",
         Answer(raw=b""), "hung up without an answer"),
        ("no_http", "bad input: an answer that is not HTTP changes nothing",
         Answer(raw=b"220 mail.example ESMTP\r\n"), "is not HTTP"),
        ("server_error", "bad input: a server in trouble (503) changes nothing",
         Answer(b"later", status=503), "status 503"))

    def test_ends_without_length(self):
        """bad input: a body cut short that nobody gave a length changes nothing"""
        self.check_file(Answer(raw=b"HTTP/1.1 200 OK\r\n\r\n" + NEXT[:120]), "ends early")

    def test_never_ends(self):
        """bad input: a body that never ends is cut at the limit and changes nothing"""
        life = self.check_refused(Answer(b" " * KIB, is_endless=True), "request_failed",
                                  "larger than the 512 KiB")
        self.assertLess(life.seconds, 10)

    @slow
    def test_drips(self):
        """bad input: a body that drips in for ever ends with the life's time, within 45 s"""
        life = self.check_refused(Answer(NEXT, drip_s=0.5), "request", "GET")
        self.check_words(life, "finished", "the time of one life is used up",
                         self.server.url("gs"))

    @slow
    def test_stalls(self):
        """bad input: a body that stalls is given up after 8 s, three times"""
        life = self.check_unreachable(Answer(NEXT, stall=40), "nothing arrived for 8 s")
        self.assertGreater(life.seconds, 3 * 8)

    @slow
    def test_stalls_before_head(self):
        """bad input: a server that takes the request and says nothing changes nothing"""
        self.check_unreachable(Answer(stall=-1), "nothing arrived for 8 s")

    def test_no_server(self):
        """bad input: a server that is not there is tried three times and changes nothing"""
        self.phone.provision()
        self.server.hang_up()
        life = self.refused()
        self.assertEqual(len(life.of_kind("request")), 3)
        self.check_words(life, "request_failed", "connection refused by 127.0.0.1")

    def test_two_lengths(self):
        """bad input: an answer with two different lengths changes nothing"""
        fields = {"content-length": str(len(NEXT) - 9)}
        self.check_unreachable(Answer(NEXT, length=len(NEXT), fields=fields), "two lengths")

    def test_huge_head(self):
        """bad input: an answer whose header never ends changes nothing"""
        head = b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"x" * 90_000 + b"\r\n"
        self.check_unreachable(Answer(raw=head * 8), "header")


class Answers(BadInput):
    file_cases = Cases(
        BadInput.check_file,
        ("login_page", "bad input: an HTML login page with status 200 changes nothing",
         b"<!DOCTYPE html>\n<html><body><form>Please log in</form></body></html>", "line 1",
         "an HTML page, perhaps for a login"),
        ("empty", "bad input: an empty body changes nothing", b"", "the file is empty"),
        ("blank", "bad input: a body of blanks changes nothing", b" \r\n\t\n", "the file is empty"),
        ("text", "bad input: a text that is no configuration changes nothing",
         b"P47 is next.example\n", "text, but no configuration"),
        ("p_values", "bad input: the input of a generator of binary files changes nothing",
         b"P47=next.example\n", "P values as lines of text"),
        ("binary", "bad input: binary data that is no configuration changes nothing",
         bytes(range(256)) + b"\x00", "binary data"))

    def test_too_big(self):
        """bad input: a file bigger than the limit changes nothing"""
        big = config_file({"P47": "next.example", "P1": "x" * LIMIT})
        self.check_refused(big, "request_failed", "larger than the 512 KiB")

    refused_cases = Cases(
        BadInput.check_refused,
        ("too_big_by_its_length", "bad input: a file that announces gigabytes changes nothing",
         Answer(b" " * KIB, length=5_000_000_000, is_endless=True), "request_failed",
         "larger than the 512 KiB"),
        ("redirect_nowhere", "bad input: a redirect that names no place changes nothing",
         Answer(status=302), "request_failed", "names no place to go to"),
        ("no_password",
         "bad input: a server that wants a password where none is set changes nothing",
         Answer(NEXT, credentials=("basic", "desk", "right")), "request_failed",
         "wants a user and password and none is set"))

    def test_redirect_circle(self):
        """bad input: redirects that go round in a circle change nothing"""
        self.server.put("/gs/b.xml", redirect(OWN))
        life = self.check_refused(redirect("b.xml"), "redirect", "b.xml")
        self.check_words(life, "request_failed", "the redirects go round in a circle")

    def test_redirects_without_end(self):
        """bad input: redirects that lead ever further change nothing"""
        numbers = itertools.count()
        self.phone.provision()
        for number in range(9):
            self.server.put(f"/gs/{number}.xml", redirect(f"{number + 1}.xml"))
        self.server.put(OWN, redirect(f"{next(numbers)}.xml"))
        life = self.refused()
        self.check_words(life, "request_failed", "more than 5 redirects in a row")
        self.assertEqual(self.server.paths()[2:], [f"/gs/{number}.xml" for number in range(5)])

    def test_redirect_to_a_file(self):
        """bad input: a redirect to a file of the phone itself changes nothing"""
        self.phone.provision()
        secret = self.phone.file("local.xml", NEXT)
        self.server.put(OWN, redirect(f"file://{secret}"))
        life = self.refused()
        self.check_words(life, "request_failed", "cannot be followed", "file")

    def test_wrong_password(self):
        """bad input: a user and password that the server does not accept change nothing"""
        for scheme in ("basic", "digest"):
            settings = ("provision.user=desk", "provision.password=wrong-one")
            life = self.check_refused(Answer(NEXT, credentials=(scheme, "desk", "right")),
                                      "request_failed", "does not accept the user and password",
                                      settings=settings)
            self.assertEqual(len(life.of_kind("request")), 2)
            self.assertNotIn(b"wrong-one", self.phone.journal())

    def test_forbidden(self):
        """bad input: a file that the server forbids (403) changes nothing"""
        life = self.check_refused(Answer(b"no", status=403), "file_absent", "forbids")
        self.check_words(life, "plan_refused", "Nothing is taken over from")

    def test_strange_status(self):
        """bad input: a status that makes no sense for a file changes nothing"""
        for status in (204, 206, 304, 418):
            self.check_refused(Answer(status=status), "request_failed", f"status {status}")

    def test_absent(self):
        """bad input: a file that is gone changes nothing and ends with 3"""
        for status in (404, 410):
            life = self.check_refused(Answer(status=status), "file_absent", f"status {status}",
                                      status=3)
            self.check_words(life, "plan_absent", "None of the phone's files exists")

    def test_one_of_two(self):
        """bad input: a broken file keeps the good one of the same plan from being applied"""
        self.phone.provision()
        self.server.put(FIRST, NEXT)
        self.server.put(OWN, b"<gs_provision version=\"1\"><config>")
        life = self.refused()
        self.check_words(life, "file_read", FIRST)
        self.check_words(life, "file_refused", OWN_FILE, "ends early")

    def test_one_of_two_unreachable(self):
        """bad input: a file that does not arrive keeps the good one from being applied"""
        self.phone.provision()
        self.server.put(FIRST, NEXT)
        self.server.put(OWN, Answer(NEXT, cut=10))
        life = self.refused()
        self.check_words(life, "request_failed", "the body ended after 10")
        self.check_words(life, "plan_unreachable", "Nothing is taken over from")


def declaring(entities):
    head = b"<!DOCTYPE gs_provision [" + entities + b"]>\n"
    return NEXT.replace(b"<gs_provision", head + b"<gs_provision")


class Xml(BadInput):
    file_cases = Cases(
        BadInput.check_file,
        ("broken", "bad input: XML that is broken changes nothing, and the line is named",
         config_file("<P47>next</P48>\n"), "line 5", "an end tag"),
        ("no_character", "bad input: a reference that names no character changes nothing",
         config_file("<P3>Reception &#0; Hall</P3>\n"), "line 5", "names no character"),
        ("cut", "bad input: XML that ends early changes nothing", NEXT[:-40], "ends early"),
        ("text_after_root", "bad input: a web page glued to the end of the XML changes nothing",
         NEXT + b"<html></html>", "a second root element"),
        ("deep", "bad input: XML that is nested too deep changes nothing",
         config_file("<a>" * 5000 + "</a>" * 5000), "nested deeper than 32"),
        ("huge", "bad input: XML with too many values changes nothing",
         config_file("".join(f"<P{n}>1</P{n}>" for n in range(8193))), "more than 8192 values"),
        ("many_elements", "bad input: XML with too many elements changes nothing",
         config_file("<a/>" * 20_000), "more than 16384 elements"),
        ("long_value", "bad input: a value that is too long changes nothing",
         config_file({"P47": "x" * 8193}), "line 5", "P47", "longer than 8192"),
        ("not_utf8", "bad input: bytes that are not UTF-8 change nothing",
         config_file("<P3>caf\xe9</P3>\n").replace(b"\xc3\xa9", b"\xe9"), "line 5", "not UTF-8"),
        ("null_byte", "bad input: a NUL in the file changes nothing",
         config_file("<P3>a\0b</P3>\n"), "line 5", "control character"),
        ("other_root", "bad input: XML that is something else changes nothing",
         b"<?xml version='1.0'?>\n<settings><P47>x</P47></settings>", "<settings>"),
        ("other_version", "bad input: a version of the format that is not known changes nothing",
         NEXT.replace(b'config version="1"', b'config version="3"'), "line 4", "version '3'"),
        ("mixed_versions", "bad input: P values under version 2 change nothing",
         NEXT.replace(b'config version="1"', b'config version="2"'), "P values stand under"),
        ("foreign_mac", "bad input: a file for the MAC of another phone changes nothing",
         config_file({"P47": "next.example"}, mac="000b82000001"), "line 3",
         "another phone: 000b82000001, this one is 000b82273b89"),
        ("entities", "bad input: XML with entities of its own changes nothing",
         declaring(b'<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">'), "line 2", "declares entities"),
        ("outside_entity", "bad input: XML that asks for a file of the phone changes nothing",
         declaring(b'<!ENTITY a SYSTEM "file:///etc/passwd">'), "declares entities"))

    def test_utf16(self):
        """bad input: XML in UTF-16 changes nothing"""
        text = NEXT.decode().replace("UTF-8", "UTF-16")
        for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
            self.check_file(text.encode(encoding), "UTF-16", "save the file as UTF-8")


# Over http nothing but the key vouches for a file, so that its faults are not told apart.
NOT_OPENED = "somebody has altered it on its way"


class Encrypted(BadInput):
    SETTINGS = (f"config.password={PASSWORD}", "trust.pin=0")

    def check_cipher(self, body, *words, settings=SETTINGS):
        self.server.put(OWN, encrypted(GOOD, PASSWORD))
        self.phone.provision(*self.SETTINGS)
        self.server.put(OWN, body)
        life = self.refused(*settings)
        self.check_words(life, "file_refused", self.server.url("gs/" + OWN_FILE), *words)
        self.assertNotIn(PASSWORD.encode(), self.phone.journal())

    cipher_cases = Cases(
        check_cipher,
        ("damaged", "bad input: ciphertext with a flipped bit changes nothing",
         flipped(encrypted(NEXT, PASSWORD), -20, 1), NOT_OPENED),
        ("padded_twice", "bad input: ciphertext that was padded twice changes nothing",
         encrypted(NEXT + PADDING, PASSWORD), NOT_OPENED),
        ("encrypted_page", "bad input: an HTML page that was encrypted changes nothing",
         encrypted(b"<html><body>Please log in</body></html>", PASSWORD), NOT_OPENED),
        ("plain_with_key",
         "bad input: a file in plain text changes nothing while a password is set",
         NEXT, "not encrypted although config.password is set"))

    def test_wrong_key(self):
        """bad input: a file encrypted with another password changes nothing"""
        self.check_cipher(encrypted(NEXT, "another"), NOT_OPENED, "dialtone inspect")
        self.check_cipher(encrypted(NEXT, "another", "-md", "sha256", "-nosalt"), NOT_OPENED)

    def test_no_key(self):
        """bad input: an encrypted file changes nothing while no password is set"""
        self.check_cipher(encrypted(NEXT, PASSWORD), "config.password is not set",
                          settings=("trust.pin=0",))

    def test_truncated(self):
        """bad input: ciphertext that was cut short changes nothing"""
        body = encrypted(NEXT, PASSWORD)
        self.check_cipher(body[:-7], "ends within a block of 16 bytes")
        self.check_cipher(body[:-16], NOT_OPENED)
        self.check_cipher(body[:16], "ends before its first block")


class SettingsFile(BadInput):
    def check_settings(self, text, *words):
        """The file is refused as a whole, in words that name the place; nobody is asked."""
        self.phone.provision()
        path = self.phone.file("settings", text)
        self.server.put(OWN, NEXT)
        life = self.refused(options=["--settings", path])
        self.check_words(life, "settings_refused", path, *words)
        for word in words:
            self.assertIn(word, life.stderr)
        self.assertEqual(self.server.requests, [])

    settings_cases = Cases(
        check_settings,
        ("typo",
         "bad input: a typo in the settings file ends with 4 and names line and nearest setting",
         "# the site\n\nstatic.ulr = http://127.0.0.1/\n", "settings:3: ", "static.ulr",
         "static.url"),
        ("value", "bad input: a value in the settings file that cannot be meant ends with 4",
         "tls.verify = maybe\n", "settings:1: ", "tls.verify"),
        ("no_equals", "bad input: a line of the settings file that sets nothing ends with 4",
         "splay = 3\njust words\n", "settings:2: "))

    def test_missing(self):
        """bad input: a settings file that is not there ends with 4"""
        self.phone.provision()
        life = self.refused(options=["--settings", "/nowhere/settings"])
        self.check_words(life, "settings_refused", "/nowhere/settings", "No such file")

    def test_secret_stays_secret(self):
        """bad input: a secret beside a typo in the settings file is not told"""
        self.check_settings("provision.pasword = top-secret-1\n", "settings:1: ",
                            "provision.password")
        self.assertNotIn(b"top-secret-1", self.phone.journal())


class Disk:
    """A small disk of its own (tmpfs) that only processes in one mount namespace see."""

    def __init__(self, test, size):
        self.place = tempfile.mkdtemp(prefix="dialtone-disk-")
        test.addCleanup(os.rmdir, self.place)
        made = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        mount = f"mount -t tmpfs -o size={size} tmpfs {self.place} && echo there && exec cat"
        holder = test.start([*made, "sh", "-c", mount], stdin=subprocess.PIPE)
        test.assertEqual(holder.stdout.readline(), "there\n", "a mount namespace needs root")
        self.prefix = ["nsenter", "-t", str(holder.pid), "-m"]
        if os.geteuid() != 0:
            self.prefix += ["-U", "--preserve-credentials"]
        self.seen = pathlib.Path(f"/proc/{holder.pid}/root{self.place}")

    def fill(self, but_bytes=0):
        """Until nothing more fits, then frees `but_bytes`."""
        with open(self.seen / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * KIB)
            except OSError:
                pass
            filler.truncate(max(filler.tell() - but_bytes, 0))

    def make_read_only(self):
        run([*self.prefix, "mount", "-o", "remount,ro", self.place])


class Disks(BadInput):
    def setUp(self):
        self.server = self.serve({OWN: GOOD})
        self.disk = Disk(self, "1m")
        self.phone = self.new_phone(f"static.url={self.server.url('gs')}",
                                    state=f"{self.disk.place}/state", prefix=self.disk.prefix,
                                    seen=self.disk.seen / "state")
        self.phone.provision()
        self.before = self.phone.files()

    def check_kept(self):
        """A life in which nothing can be stored, and what was there stays byte for byte."""
        phone = self.phone
        life = self.check_life(phone, 4, "apply_failed", "No space left on device",
                               "the old one stays")
        self.assertEqual(phone.config(), "P35=201\nP47=good.example\n")
        self.check_files_kept()
        self.assertEqual(life.reboots(), 0)
        self.assertNotIn("applied", life.kinds())
        return life

    def check_files_kept(self):
        after = self.phone.files()
        self.assertEqual({name: after.get(name) for name in self.before}, self.before)

    def test_full(self):
        """bad input: a disk that is full keeps the old configuration"""
        self.disk.fill()
        self.server.put(OWN, NEXT)
        self.assertIn("No space left on device", self.check_kept().stderr)
        # Once there is room again the phone takes what it is offered.
        os.truncate(self.disk.seen / "filler", 0)
        self.check_end(self.phone.live(), 0)
        self.assertIn("P47=next.example\n", self.phone.config())

    def test_full_in_the_middle(self):
        """bad input: a disk that fills up while it is written to keeps the old configuration"""
        self.disk.fill(but_bytes=16 * KIB)
        self.server.put(OWN, config_file({f"P{number}": "y" * 4000 for number in range(20)}))
        self.check_kept()
        # Half a generation must not keep the room that the journal needs.
        self.assertLess(sum(path.stat().st_size for path in self.phone.seen.iterdir()
                            if path.name not in self.before and path.name != durable.JOURNAL),
                        4 * KIB)

    def test_full_daemon(self):
        """bad input: a full disk does not end a daemon, and an operator is told"""
        self.phone.start()
        self.phone.wait_for("rest")
        self.disk.fill()
        asked = self.phone.tool("set", "P47=operator.example")
        self.assertEqual(asked.returncode, 1)
        self.assertIn("No space left on device", asked.stderr)
        self.check_files_kept()
        self.assertEqual(self.phone.tool("resync").returncode, 0)

    def test_read_only(self):
        """bad input: a disk that is read-only keeps the old configuration"""
        self.disk.make_read_only()
        self.server.put(OWN, NEXT)
        life = self.phone.live()
        self.assertEqual(life.status, 4, life.stderr)
        self.assertEqual(self.phone.files(), self.before)
        self.assertEqual(self.phone.config(), "P35=201\nP47=good.example\n")
        # The journal cannot be written and goes to standard error instead.
        self.assertIn("Read-only file system; the journal goes to standard error", life.stderr)
        self.assertIn("The new configuration could not be stored", life.stderr)
        self.assertNotIn("The phone reboots", life.stderr)

    def test_read_only_unchanged(self):
        """A phone on a read-only disk is provisioned as long as nothing changes."""
        self.disk.make_read_only()
        life = self.phone.live()
        self.assertEqual(life.status, 0, life.stderr)
        self.assertEqual(self.phone.files(), self.before)


class Records(BadInput):
    """What a broken disk may give back."""

    def damage(self, name, at=20):
        path = self.phone.seen / name
        path.write_bytes(flipped(path.read_bytes(), at, 0x40))

    def test_one_record(self):
        """bad input: a broken copy of the record is made up for by the other"""
        for name in durable.names("record"):
            phone = self.new_phone(f"static.url={self.server.url('gs')}")
            phone.provision()
            self.phone = phone
            self.damage(name)
            self.check_life(phone, 0, "state_recovered", "1 of its two copies is not whole")
            self.check_config(phone, "P35=201\nP47=good.example\n")

    def test_generation(self):
        """bad input: a broken generation makes way for its predecessor"""
        self.phone.provision()
        self.server.put(OWN, NEXT)
        self.phone.provision()
        self.damage(durable.generation(2), at=100)
        self.server.hang_up()
        self.check_life(self.phone, 4, "state_recovered", durable.generation(2),
                        "the predecessor counts")
        self.check_config(self.phone, "P35=201\nP47=good.example\n")

    def test_everything(self):
        """bad input: a phone whose records are all broken starts as new and is provisioned"""
        self.phone.provision()
        for name in (*durable.names("record"), durable.generation(1)):
            (self.phone.seen / name).write_bytes(os.urandom(300))
        self.check_life(self.phone, 0, "state_recovered", "the phone starts as new")
        self.check_config(self.phone, "P35=201\nP47=good.example\n")

    def test_journal(self):
        """bad input: rubbish in the journal stops neither the phone nor `explain`"""
        self.phone.provision()
        with open(self.phone.seen / "journal", "ab") as journal:
            journal.write(b"\xff\x1b[2J\0" * 99 + b"\n7\t8\tno_such_kind\n12\t")
        self.check_end(self.phone.live(), 0)
        told = self.phone.tool("explain").stdout
        self.assertIn("This life ends with exit status 0", told)
        self.assertNotIn("\x1b", told)


class Bounds(BadInput):
    @slow
    def test_silent_trial(self):
        """bad input: a server that goes silent in a trial costs its time; the old values return"""
        self.phone.provision()
        sleeper = self.serve()
        counter = itertools.count()

        def first_life_only(request):
            awake = next(counter) < 2
            return Answer(stall=-1) if not awake else \
                Answer(status=404) if request.path == FIRST else NEXT

        sleeper.put(FIRST, first_life_only)
        sleeper.put(OWN, first_life_only)
        life = self.check_life(self.phone, 5,
                               settings=(f"static.url={sleeper.url('gs')}", "trial.timeout=3",))
        self.assertLess(life.seconds, 3 + 10)
        self.check_config(self.phone, "P35=201\nP47=good.example\n")

    @slow
    def test_two_silent_servers(self):
        """bad input: two servers that say nothing do not add up to more than 45 s"""
        self.phone.provision()
        sleeper = self.serve({FIRST: Answer(stall=-1)})
        self.server.put(FIRST, Answer(stall=-1))
        path = self.phone.file("settings", f"static.url = {sleeper.url('gs')}\n")
        life = self.refused(options=["--settings", path])
        self.assertEqual(len(self.server.requests), 3)
        self.check_words(life, "source_url", sleeper.url("gs"))
        self.check_words(life, "finished", "the time of one life is used up")

    @slow
    def test_no_network(self):
        """bad input: an interface that is not there is waited for, and then named"""
        self.phone.provision()
        life = self.refused(options=["--interface", "nowhere0"])
        self.check_words(life, "finished", "the interface nowhere0 has no link")
        self.assertEqual(self.server.requests, [])

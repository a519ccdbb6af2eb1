# SPDX-License-Identifier: Apache-2.0
"""Signed configuration files with the real programs: what openssl signs a phone takes, what
dialtone-lab signs openssl verifies, and whoever can alter files on their way changes nothing. The
commands of docs/signing.md are run as they stand there."""

import pathlib
import re
import shlex
import tempfile

from kit import BIN, SOURCE
from kit.certificates import Keys
from kit.configuration import FIRST_FILE, MAC, OWN_FILE, config_file, encrypted
from kit.processes import ask, run
from kit.runner import SIDE_BY_SIDE
from kit.testcase import PhoneTest
from kit.web import Answer

WORKERS = SIDE_BY_SIDE
OWN, SIGNATURE = f"/gs/{OWN_FILE}", f"/gs/{OWN_FILE}.sig"
KINDS = ("P-256", "P-384", "RSA-2048", "RSA-4096")
ONE = {"P47": "one.example"}
TWO = {"P47": "two.example"}
WRONG = ("file_refused", "its signature is wrong", "config.public_key")


def numbered(values, serial):
    """A file with a serial."""
    inside = "".join(f"<{key}>{value}</{key}>\n" for key, value in values.items())
    return config_file(f"<serial>{serial}</serial>\n{inside}")


def public_key(key):
    """As docs/signing.md has it made."""
    der = run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], text=False)
    return run(["base64", "-w0"], input=der, text=False).decode()


def signed(key, content):
    return run(["openssl", "dgst", "-sha256", "-sign", key], input=content, text=False)


def prepare(stack):
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dialtone-signed-"))
    SignedTest.keys = Keys(folder)


class SignedTest(PhoneTest):
    keys: Keys  # made before the tests run

    def setUp(self):
        self.key = self.keys.file("P-256", "site")
        self.stranger = self.keys.file("P-256", "stranger")

    def signed_site(self, *settings, key=None):
        """A server, and a phone that knows the site's key."""
        key = public_key(key or self.key)
        return self.site({}, f"config.public_key={key}", *settings)

    def offer(self, server, content, key=None):
        server.put(OWN, content)
        server.put(SIGNATURE, signed(key or self.key, content))

    def pinned_site(self, *settings):
        """The phone has a signed configuration from there."""
        server, phone = self.signed_site(*settings)
        self.offer(server, numbered(ONE, 5))
        self.check_provisions(phone, "P47=one.example\nserial=5\n")
        self.assertEqual(phone.status()["proof"], "signed")
        self.before = phone.files()
        return server, phone

    def check_untouched(self, phone, *found, status=4):
        life = self.check_life(phone, status, *found)
        self.check_config(phone, "P47=one.example\nserial=5\n")
        self.assertEqual(phone.files(), self.before)
        self.assertEqual(life.reboots(), 0)
        return life


class Tools(SignedTest):
    def lab_signature(self, key, content):
        file = pathlib.Path(self.scratch_folder(), "file.xml")
        file.write_bytes(content)
        told = run([BIN / "dialtone-lab", "sign", key, file])
        self.assertRegex(told, r"\Asign: .*file\.xml\.sig has \d+ bytes\n\Z")
        return file, pathlib.Path(f"{file}.sig")

    def test_openssl(self):
        """What openssl signs with any kind of key the phone takes, and its proof is the signature.
        """
        for kind in KINDS:
            with self.subTest(kind):
                key = self.keys.file(kind, "site")
                server, phone = self.signed_site(key=key)
                self.offer(server, config_file(ONE), key)
                life = self.check_provisions(phone, "P47=one.example\n")
                self.check_words(life, "file_read", "signed with the key of config.public_key")
                self.assertEqual(phone.status()["proof"], "signed")
                self.assertIn(SIGNATURE, server.paths())

    def test_lab(self):
        """What dialtone-lab signs openssl verifies, and the phone takes it."""
        for kind in KINDS:
            with self.subTest(kind):
                key = self.keys.file(kind, "site")
                content = config_file(ONE)
                file, signature = self.lab_signature(key, content)
                public = pathlib.Path(file.parent, "site.pub")
                public.write_bytes(run(["openssl", "pkey", "-in", key, "-pubout"], text=False))
                told = run(["openssl", "dgst", "-sha256", "-verify", public, "-signature",
                            signature, file])
                self.assertEqual(told, "Verified OK\n")
                server, phone = self.signed_site(key=key)
                server.put(OWN, content)
                server.put(SIGNATURE, signature.read_bytes())
                self.check_provisions(phone, "P47=one.example\n")
                self.assertEqual(phone.status()["proof"], "signed")

    def test_lab_draws(self):
        """bad input: two signatures by one key never share the number that would give it away"""
        first, second = (self.lab_signature(self.key, b"same")[1].read_bytes() for _ in range(2))
        self.assertNotEqual(first, second)
        parts = [run(["openssl", "asn1parse", "-inform", "DER"], input=one, text=False)
                 for one in (first, second)]
        numbers = [re.findall(rb"INTEGER +:([0-9A-F]+)", part)[0] for part in parts]
        self.assertNotEqual(*numbers)

    def test_lab_refuses(self):
        """bad input: no key, no file, a key behind a passphrase: words and no signature"""
        folder = pathlib.Path(self.scratch_folder())
        file, empty, locked = folder / "file", folder / "empty", folder / "locked"
        file.write_bytes(b"file")
        empty.write_bytes(b"")
        run(["openssl", "pkey", "-in", self.key, "-aes256", "-passout", "pass:hush", "-out",
             locked])
        for words, status in (([], 2), ([self.key], 2), ([empty, file], 1), ([locked, file], 1),
                              ([self.key, folder / "none"], 1), ([file, file], 1)):
            done = ask([BIN / "dialtone-lab", "sign", *words])
            self.assertEqual(done.returncode, status, words)
            self.assertIn("dialtone-lab", done.stderr)
        self.assertFalse(pathlib.Path(f"{file}.sig").exists())

    def test_lab_addressee(self):
        """bad input: a file that is called after a phone and does not name it is not signed"""
        folder = pathlib.Path(self.scratch_folder())
        bare = config_file(ONE).replace(f"<mac>{MAC.lower()}</mac>\n".encode(), b"")
        names = (OWN_FILE, f"{':'.join(re.findall('..', MAC))}.xml")
        for name, content, status, words in (
                (names[0], bare, 1, "does not name it"), (names[1], bare, 1, "does not name it"),
                (names[0], config_file(ONE, mac="000b82ffffff"), 1, "another phone"),
                (names[0], encrypted(bare, "hush"), 0, "cannot be seen"),
                (names[1], config_file(ONE), 0, ""), ("cfg.xml", bare, 0, "")):
            with self.subTest(name=name, words=words):
                file, signature = folder / name, folder / f"{name}.sig"
                file.write_bytes(content)
                done = ask([BIN / "dialtone-lab", "sign", self.key, file])
                self.assertEqual((done.returncode, signature.exists()), (status, not status))
                self.assertIn(words, done.stderr)
                self.assertEqual(bool(done.stderr), bool(words))
                done = ask([BIN / "dialtone-lab", "sign", "--any-phone", self.key, file])
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertTrue(signature.exists())
                signature.unlink()

    def test_lab_words(self):
        """bad input: what controls a terminal is escaped where dialtone-lab repeats its arguments
        """
        odd = "o\x9bd\u202e\x1b[31m\u2066\x7f\nx"
        folder = pathlib.Path(self.scratch_folder())
        file = folder / odd
        file.write_bytes(config_file(ONE))
        for words in ([odd], ["sign", odd, file], ["sign", self.key, f"{file}x"],
                      ["sign", self.key, file], ["swarm", f"--{odd}"], ["swarm", "--seeds", odd],
                      ["fleet", odd], ["crash", "--path", odd], ["explore", odd]):
            done = ask([BIN / "dialtone-lab", *words])
            for text in (done.stdout, done.stderr):
                for letter in odd.replace("\n", ""):
                    if not (letter.isascii() and letter.isprintable()):
                        self.assertNotIn(letter, text, words)
                self.assertFalse([line for line in text.splitlines() if line.startswith("x")])

    def test_how_to(self):
        """The commands of docs/signing.md, as they stand there."""
        text = (SOURCE / "docs/signing.md").read_text()
        commands = re.findall(r"^    \$ (.*)$", text, re.MULTILINE)
        folder = pathlib.Path(self.scratch_folder())
        folder.joinpath(OWN_FILE).write_bytes(config_file(ONE))
        server, phone = self.site({}, "splay=0")
        done = 0
        for command in commands:
            if command.startswith("openssl"):
                told = run(["bash", "-ec", command], cwd=folder)
                done += 1
                key = told if "base64" in command else ""
            elif command.startswith("dialtone set"):
                words = shlex.split(command.replace("KEY", key))[1:]
                phone.start()
                phone.wait_for("nothing_found")
                before = len(phone.last_life())
                self.told(phone, *words)
                # The new key is asked for at once; only what the server has later is resynced.
                phone.wait_for("nothing_found", since=before)
                done += 1
            if key:
                self.assertRegex(key, r"\A[A-Za-z0-9+/]+=*\Z")
        self.assertGreaterEqual(done, 5, commands)
        for name in (OWN_FILE, f"{OWN_FILE}.sig"):
            server.put(f"/gs/{name}", folder.joinpath(name).read_bytes())
        self.told(phone, "resync")
        phone.wait_for("plan_unchanged")
        self.assertEqual(phone.status()["proof"], "signed")


class OnTheWay(SignedTest):
    """The attacker answers for the server, over http."""

    def test_altered(self):
        """bad input: one byte of the file altered, its signature left"""
        server, phone = self.pinned_site()
        content = numbered(TWO, 6)
        server.put(OWN, content.replace(b"two", b"twO"))
        server.put(SIGNATURE, signed(self.key, content))
        self.check_untouched(phone, *WRONG)

    def test_own_key(self):
        """bad input: a file and a signature of the attacker's own"""
        server, phone = self.pinned_site()
        self.offer(server, numbered(TWO, 6), self.stranger)
        self.check_untouched(phone, *WRONG)

    def test_taken_away(self):
        """bad input: an altered file, and its signature taken away"""
        server, phone = self.pinned_site()
        server.put(OWN, config_file(TWO))
        server.remove(SIGNATURE)
        self.check_untouched(phone, "file_refused", "trust.pin", "signed")

    def test_replayed(self):
        """bad input: the file that the site signed before, and its right signature"""
        server, phone = self.pinned_site()
        self.offer(server, numbered({"P47": "old.example"}, 4))
        self.check_untouched(phone, "file_refused", "its serial is 4", "installed has 5")
        self.offer(server, config_file({"P47": "older.example"}))
        self.check_untouched(phone, "file_refused", "has no serial")

    def test_of_another_phone(self):
        """bad input: the signed file of another phone, under this one's name and as one for all"""
        server, phone = self.pinned_site()
        theirs = config_file(TWO, mac="000b82ffffff")
        self.offer(server, theirs)
        self.check_untouched(phone, "file_refused", "names another phone")
        server.remove(OWN)
        server.put("/gs/cfg.xml", theirs)
        server.put("/gs/cfg.xml.sig", signed(self.key, theirs))
        self.check_untouched(phone, "file_refused", "names another phone")

    def test_broken(self):
        """bad input: a signature that is cut, empty, garbage, a page or far too long"""
        server, phone = self.pinned_site()
        right = signed(self.key, numbered(TWO, 6))
        server.put(OWN, numbered(TWO, 6))
        for wrong in (right[:-1], b"", b"\x30" * 72, b"<html>Log in</html>", right + b"x"):
            server.put(SIGNATURE, wrong)
            self.check_untouched(phone, *WRONG)
        server.put(SIGNATURE, b"x" * 300_000)
        self.check_untouched(phone, "request_failed", SIGNATURE, "larger than the 1 KiB")

    def test_withheld(self):
        """bad input: 401, 403 and 500 for the signature of an altered file"""
        server, phone = self.pinned_site()
        server.put(OWN, config_file(TWO))
        for status, kind in ((401, "request_failed"), (403, "file_absent"),
                             (500, "request_failed")):
            server.put(SIGNATURE, Answer(status=status))
            self.check_untouched(phone, kind, SIGNATURE)

    def test_installed(self):
        """bad input: whatever is said of an installed file's signature, the phone has what it has
        """
        server, phone = self.pinned_site()
        answers = [Answer(status=status) for status in (400, 401, 405, 500, 503)]
        for answer in (*answers, Answer(stall=-1), Answer(b"x" * 300_000)):
            with self.subTest(answer.status):
                server.put(SIGNATURE, answer)
                life = self.check_untouched(phone, "plan_unchanged", status=0)
                self.assertEqual(life.of_kind("request_failed"), [])
                self.assertNotIn("password", life.sentences())

    def test_installed_beside_new(self):
        """A new file beside the installed one waits until that one's signature can be had."""
        server, phone = self.pinned_site()
        more = numbered({"P35": "all"}, 6)
        server.put(f"/gs/{FIRST_FILE}", more)
        server.put(f"/gs/{FIRST_FILE}.sig", signed(self.key, more))
        server.put(SIGNATURE, Answer(status=401))
        life = self.check_untouched(phone, "request_failed", SIGNATURE)
        self.check_words(life, "plan_unreachable", "not every file arrived")

    def test_encrypted(self):
        """An encrypted file is signed as it lies on the server, and a flipped bit of it is seen."""
        server, phone = self.signed_site("config.password=hush")
        content = encrypted(config_file(ONE), "hush")
        self.offer(server, content)
        self.check_provisions(phone, "P47=one.example\n")
        altered = bytearray(encrypted(config_file(TWO), "hush"))
        server.put(SIGNATURE, signed(self.key, bytes(altered)))
        altered[40] ^= 1
        server.put(OWN, bytes(altered))
        self.check_life(phone, 4, *WRONG)
        self.check_config(phone, "P47=one.example\n")


class Demanded(SignedTest):
    def test_new_phone(self):
        """bad input: a new phone that demands signatures takes nothing else"""
        server, phone = self.signed_site("config.require_signature=1")
        server.put(OWN, config_file(TWO))
        self.check_life(phone, 4, "file_refused", "it has no signature", "require_signature")
        self.check_config(phone, "")
        self.offer(server, config_file(ONE))
        self.check_provisions(phone, "P47=one.example\n")

    def test_beside(self):
        """bad input: an unsigned file beside the signed one refuses both, and is named"""
        server, phone = self.signed_site("config.require_signature=1")
        self.offer(server, config_file(ONE))
        server.put(f"/gs/{FIRST_FILE}", config_file({"P35": "evil"}))
        self.check_life(phone, 4, "file_refused", f"/gs/{FIRST_FILE} ", "it has no signature")
        self.check_config(phone, "")


class Rotation(SignedTest):
    def test_two_keys(self):
        """The old key, both, the new one; `dialtone set` changes them on the phone."""
        server, phone = self.signed_site()
        new = self.keys.file("RSA-2048", "new")
        self.offer(server, numbered(ONE, 5))
        self.check_provisions(phone, "P47=one.example\nserial=5\n")
        self.before = phone.files()
        self.offer(server, numbered(TWO, 6), new)
        self.check_untouched(phone, *WRONG)
        phone.settings.append(f"config.public_key_2={public_key(new)}")
        life = self.check_provisions(phone, "P47=two.example\nserial=6\n")
        self.check_words(life, "file_read", "signed with the key of config.public_key_2")
        phone.settings[1:] = [f"config.public_key={public_key(new)}"]
        self.offer(server, numbered(ONE, 7), new)
        self.check_provisions(phone, "P47=one.example\nserial=7\n")
        self.assertEqual(phone.status()["proof"], "signed")

    def test_bad_key(self):
        """bad input: a private key, another curve, half a key: refused, and nothing of it is said
        """
        phone = self.new_phone("static.mode=off")
        phone.start()
        phone.wait_for("nothing_found")
        private = run(["openssl", "pkey", "-in", self.key, "-outform", "DER"], text=False)
        private = run(["base64", "-w0"], input=private, text=False).decode()
        for value in (private, public_key(self.keys.file("P-521", "site")),
                      public_key(self.key)[:60], "hush"):
            told = phone.tool("set", f"config.public_key={value}")
            self.assertNotEqual(told.returncode, 0)
            self.assertIn("config.public_key takes a", told.stderr)
            self.assertNotIn(value, told.stderr)
        self.told(phone, "set", f"config.public_key={public_key(self.key)}")

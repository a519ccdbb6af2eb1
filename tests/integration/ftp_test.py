# SPDX-License-Identifier: Apache-2.0
"""The programs against vsftpd, plain and over TLS, on its own ports in a network namespace of the
test's own.

Its users log in by way of the system's password files. As root the test lays files of its own over
them, which nobody else sees; without root only anonymous users are served.
"""

import pathlib
import shutil
import tempfile
import unittest

from kit import CERTIFICATES
from kit.configuration import OWN_FILE, config_file, padded
from kit.file_tests import FileServerTest, do
from kit.ftp import FtpServer
from kit.needs import is_root_of_the_machine, private_system
from kit.processes import run, wait_for_end
from kit.testcase import Cases, PhoneTest, slow
from kit.vsftpd import Vsftpd
from kit.waiting import wait_until

NEEDS = (private_system,)
USER, PASSWORD = "desk", "hush now"
USERINFO = "desk:hush%20now@"
NEEDS_ROOT = unittest.skipUnless(is_root_of_the_machine(), "users of vsftpd need root")


def prepare(stack):
    """Lays password files with one more user over the system's, for this program alone."""
    if not is_root_of_the_machine():
        return
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dialtone-ftp-"))
    word = run(["openssl", "passwd", "-6", "-stdin"], input=PASSWORD).strip()
    lines = {"passwd": f"{USER}:x:54321:54321::/:/bin/sh\n",
             "shadow": f"{USER}:{word}:20000::::::\n"}
    for name, line in lines.items():
        path = pathlib.Path(folder, name)
        shutil.copy(f"/etc/{name}", path)
        path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")
        run(["mount", "--bind", path, f"/etc/{name}"])


def certificate_of(name):
    return CERTIFICATES / f"{name}.pem", CERTIFICATES / f"{name}.key"


class FtpTest(FileServerTest):
    program = Vsftpd
    scheme = "ftp"
    absent_words = "there is no such file (reply 550)"

    def use(self, *lines, **named):
        super().use(*lines, **named)
        self.put("gs/unused", b"")


class Plain(FtpTest):
    common = Cases(
        do,
        ("provisions",
         "A new phone fetches anonymously, applies, reboots, finds the same and rests.",
         FtpTest.check_first),
        ("sizes", "Files from the smallest to the largest there may be arrive whole.",
         FtpTest.check_sizes, 300, 65536, 512 * 1024),
        ("one_file", "The address may name the file itself, with characters a URL has to encode.",
         FtpTest.check_one_file, "my phone;1.xml", "my%20phone;1.xml;type=a"),
        ("second_configuration", "What the server offers anew is tried, confirmed and kept.",
         FtpTest.check_second_configuration),
        ("no_file", "bad input: an FTP server without any of the files ends with 3.",
         FtpTest.check_no_file),
        ("too_large",
         "bad input: a file over the limit on an FTP server is refused, and the old one stays.",
         FtpTest.check_too_large))

    def test_one_login_per_pass(self):
        """All files of a pass come over one control connection."""
        self.serve_one()
        self.provisioned()
        self.assertEqual(self.server.talk().count("OK LOGIN"), 2)

    def test_pasv(self):
        """A server without EPSV is asked by PASV, and the address it names does not count."""
        self.serve_one("cmds_denied=EPSV", "pasv_address=192.0.2.77")
        self.provisioned()
        self.assertIn("(192,0,2,77,", self.server.talk())

    def test_ipv6(self):
        """Over IPv6 as well."""
        self.serve_one(address="::1")
        self.provisioned("ftp://[::1]/gs")

    def test_line_end(self):
        """bad input: a line end in an FTP address is no command of its own."""
        self.serve()
        life = self.phone("ftp://127.0.0.1/gs%0D%0ADELE%20x/f.xml").live()
        self.assertEqual(life.status, 4)
        self.check_words(life, "request_failed", "control characters")
        self.assertNotIn("DELE", self.server.talk())

    def test_ends_early(self):
        """bad input: an FTP server that ends in the middle of a file changes nothing."""
        self.serve_one("anon_max_rate=50000", name="f.xml")
        phone = self.provisioned(self.url("gs/f.xml"))
        before = phone.files()
        self.put("gs/f.xml", padded({"P47": "two.example"}, 250_000))
        begun = self.transfers()
        process = self.start(phone.command())
        wait_until(lambda: self.transfers() > begun, "a transfer")
        self.server.stop()
        _, stderr = wait_for_end(process)
        self.assertEqual(process.returncode, 4, stderr)
        told = "\n".join(entry["sentence"] for entry in phone.last_life())
        self.assertRegex(told, r"the file ended after \d+ of 250000 bytes")
        self.assertEqual(phone.files(), before)

    def transfers(self):
        return self.server.talk().count('"150 ')


class SlowLogin(PhoneTest):
    @slow
    def test_slow_login(self):
        """A login that takes longer than a connection may take is a login."""
        server = self.keep(FtpServer({f"/gs/{OWN_FILE}": config_file({"P47": "one.example"})},
                                     port=2121, first_login_s=6))
        phone = self.new_phone(f"static.url={server.url('gs')}")
        life = self.check_provisions(phone, "P47=one.example\n")
        self.assertEqual(life.of_kind("request_failed"), [])


@NEEDS_ROOT
class Users(FtpTest):
    def setUp(self):
        self.serve_one(is_anonymous=False)

    def test_userinfo(self):
        """User and password of the address log in, and stay out of the journal."""
        self.provisioned(f"ftp://{USERINFO}127.0.0.1/gs")

    def test_settings(self):
        """provision.user and provision.password log in."""
        self.provisioned(self.url(), f"provision.user={USER}", f"provision.password={PASSWORD}")

    def check_refused(self, url, *words):
        self.check_life(self.phone(url), 4, "request_failed", "(reply 530)", *words)

    def test_wrong_password(self):
        """bad input: a wrong FTP password is told as such, and not shown."""
        self.check_refused(f"ftp://{USER}:geheim@127.0.0.1/gs",
                           "does not accept the user and password")

    def test_no_password(self):
        """bad input: an FTP server without anonymous login is told as such."""
        self.check_refused(self.url(), "wants a user and password")

    def test_over_tls(self):
        """The same over TLS."""
        self.server.stop()
        self.serve_one(is_anonymous=False, certificate=certificate_of("server"))
        phone = self.provisioned(f"ftps://{USERINFO}127.0.0.1/gs",
                                 f"tls.ca={CERTIFICATES}/authority.pem")
        self.assertEqual(phone.status()["proof"], "tls")


class OverTls(FtpTest):
    scheme = "ftps"

    def serve_one(self, *lines, **named):
        super().serve_one(*lines, content=padded({"P47": "one.example"}, 60_000), **named)

    def phone_of(self, *settings, ca="authority"):
        return self.phone(self.url(), f"tls.ca={CERTIFICATES}/{ca}.pem", *settings)

    def check_proof(self, proof, *settings):
        phone = self.phone_of(*settings)
        self.check_provisions(phone, "P47=one.example\n")
        self.assertEqual(phone.status()["proof"], proof)

    def test_verified(self):
        """Control and data verified with the given authority are a proof. The server demands that
        the data connection resumes the control connection's session, as it does unasked."""
        self.serve_one(certificate=certificate_of("server"))
        self.check_proof("tls")

    def test_without_resumption(self):
        """A server that resumes no session will do."""
        self.serve_one("require_ssl_reuse=NO", certificate=certificate_of("server"))
        self.check_proof("tls")

    def test_unverified(self):
        """With tls.verify=0 any certificate will do, and proves nothing."""
        self.serve_one(certificate=certificate_of("alone"))
        self.check_proof("none", "tls.verify=0")

    def check_refused(self, phone, *words):
        self.check_life(phone, 4, "request_failed", *words)
        self.check_config(phone, "")
        self.assertNotIn("LOGIN", self.server.talk())

    def test_unknown_authority(self):
        """bad input: FTPS with a certificate of an unknown authority ends before the login."""
        self.serve_one(certificate=certificate_of("server"))
        self.check_refused(self.phone_of(ca="alone"), "signed by an unknown authority")

    def test_other_name(self):
        """bad input: FTPS with a certificate for another name ends before the login."""
        self.serve_one(certificate=certificate_of("other"))
        self.check_refused(self.phone_of(), "certificate is for another name than 127.0.0.1")

    def test_no_tls(self):
        """bad input: a plain FTP server where TLS is expected gets no password."""
        self.serve_one(port=990)
        life = self.phone("ftps://desk:hush@127.0.0.1/gs",
                          f"tls.ca={CERTIFICATES}/authority.pem").live()
        self.check_end(life, 4)
        self.check_words(life, "request_failed", "TLS")
        self.assertNotIn('"USER', self.server.talk())
        self.assertNotIn("hush", self.server.talk())

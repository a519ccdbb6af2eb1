#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The programs against vsftpd, plain and over TLS, on its own ports in a network namespace of the
test's own.

Its users log in by way of the system's password files. As root the test lays files of its own over
them, which nobody else sees; without root only guests are served.
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True

from network import enter_private_system
from phone import OWN_FILE, SOURCE, Phone, PhoneTest, config_file, start, wait_for_end

INSIDE = "DIALTONE_FTP_TEST_INSIDE"
START_S = 10
TLS = SOURCE / "tests/data/tls"
USER, PASSWORD = "desk", "hush now"
USERINFO = "desk:hush%20now@"
NEEDS_ROOT = unittest.skipIf(os.environ.get(INSIDE) == "user", "users of vsftpd need root")

COMMON = """\
listen={four}
listen_ipv6={six}
listen_port={port}
background=NO
isolate=NO
isolate_network=NO
seccomp_sandbox=NO
secure_chroot_dir={folder}/empty
ftp_username=ftp
anon_root={root}
local_root={root}
local_enable=YES
chroot_local_user=YES
allow_writeable_chroot=YES
no_anon_password=YES
delay_failed_login=0
vsftpd_log_file={folder}/log
xferlog_file={folder}/transfers
dual_log_enable=YES
log_ftp_protocol=YES
run_as_launching_user={as_user}
"""
OVER_TLS = """\
ssl_enable=YES
implicit_ssl=YES
allow_anon_ssl=YES
force_anon_data_ssl=YES
force_anon_logins_ssl=YES
ssl_ciphers=HIGH
rsa_cert_file={tls}/{certificate}.pem
rsa_private_key_file={tls}/{certificate}.key
"""


def prepare(folder):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=START_S)
    if os.environ[INSIDE] == "user":
        return
    made = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=PASSWORD, text=True,
                          capture_output=True, check=True, timeout=START_S)
    lines = {"passwd": f"{USER}:x:54321:54321::/:/bin/sh\n",
             "shadow": f"{USER}:{made.stdout.strip()}:20000::::::\n"}
    for name, line in lines.items():
        path = pathlib.Path(folder, name)
        shutil.copy(f"/etc/{name}", path)
        path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")
        subprocess.run(["mount", "--bind", path, f"/etc/{name}"], check=True, timeout=START_S)


def padded(values, size):
    """A configuration file of exactly `size` bytes."""
    file = config_file(values)
    comment = b"<!--" + b"p" * (size - len(file) - len("<!---->")) + b"-->"
    return file.replace(b"</gs_provision>", comment + b"</gs_provision>")


class FtpTest(PhoneTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="dialtone-ftp-")
        self.addCleanup(folder.cleanup)
        self.servers = []
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)
        self.root = self.folder / "root"
        (self.folder / "empty").mkdir(mode=0o555)
        self.root.mkdir(mode=0o755)
        (self.root / "gs").mkdir(mode=0o755)

    def put(self, name, content):
        path = self.root / name
        path.write_bytes(content)
        path.chmod(0o644)

    def vsftpd(self, *lines, certificate=None, guests=True, address="127.0.0.1", port=None):
        """Serves the folder."""
        six, port = ":" in address, port or (990 if certificate else 21)
        text = COMMON.format(folder=self.folder, root=self.root, port=port,
                             four="NO" if six else "YES", six="YES" if six else "NO",
                             as_user="YES" if os.environ[INSIDE] == "user" else "NO")
        if certificate:
            text += OVER_TLS.format(tls=TLS, certificate=certificate)
        text += f"anonymous_enable={'YES' if guests else 'NO'}\n" + "".join(
            f"{line}\n" for line in lines)
        path = self.folder / "conf"
        path.write_text(text)
        # Each of its sessions is a session of the system's, too: only a namespace holds them all.
        process = start(self, ["unshare", "--pid", "--fork", "--kill-child", "sh", "-c",
                               f"/usr/sbin/vsftpd {path}; exit $?"])
        self.addCleanup(process.kill)
        self.servers.append(process)
        self.await_port(process, address, port)

    def await_port(self, process, address, port):
        end_s, tick = time.monotonic() + START_S, threading.Event()
        while True:
            try:
                socket.create_connection((address, port), START_S).close()
                return
            except OSError:
                if process.poll() is not None or time.monotonic() > end_s:
                    self.fail(f"vsftpd did not start: {process.communicate(timeout=5)}")
            tick.wait(0.01)

    def phone(self, url="ftp://127.0.0.1/gs", *settings):
        return Phone(self, "order=static", f"static.url={url}", *settings)

    def log(self):
        return (self.folder / "log").read_text()


class Plain(FtpTest):
    def test_provisions(self):
        """A new phone fetches as a guest, applies, reboots, finds the same and rests."""
        self.put(f"gs/{OWN_FILE}", config_file({"P47": "one.example", "P35": "201"}))
        self.vsftpd()
        phone = self.phone()
        life = phone.live()
        self.check_end(life, 0)
        self.check_config(phone, "P35=201\nP47=one.example\n")
        self.assertEqual(life.reboots(), 1)
        self.check_words(life, "request", f"ftp://127.0.0.1/gs/{OWN_FILE}", "FTP read")
        self.check_words(life, "file_absent", "there is no such file (reply 550)")
        self.assertIn("plan_unchanged", life.kinds())

    def test_one_login_per_pass(self):
        """All files of a pass come over one control connection."""
        self.put("gs/cfg.xml", config_file({"P47": "one.example"}))
        self.vsftpd()
        self.phone().provision()
        self.assertEqual(self.log().count("OK LOGIN"), 2)

    def test_sizes(self):
        """Files from the smallest to the largest there may be arrive whole."""
        self.vsftpd()
        for size in (300, 65536, 256 * 1024):
            with self.subTest(size=size):
                self.put("gs/cfg.xml", padded({"P47": f"size{size}.example"}, size))
                phone = self.phone()
                life = phone.provision()
                self.check_config(phone, f"P47=size{size}.example\n")
                self.assertIn(str(size), [entry["fields"].get("bytes")
                                          for entry in life.of_kind("answer")])

    def test_one_file(self):
        """The address may name the file itself, with characters a URL has to encode."""
        self.put("gs/my phone;1.xml", config_file({"P47": "one.example"}))
        self.vsftpd()
        phone = self.phone("ftp://127.0.0.1/gs/my%20phone;1.xml;type=a")
        phone.provision()
        self.check_config(phone, "P47=one.example\n")

    def test_pasv(self):
        """A server without EPSV is asked by PASV, and the address it names does not count."""
        self.put("gs/cfg.xml", config_file({"P47": "one.example"}))
        self.vsftpd("cmds_denied=EPSV", "pasv_address=192.0.2.77")
        phone = self.phone()
        phone.provision()
        self.check_config(phone, "P47=one.example\n")
        self.assertIn("(192,0,2,77,", self.log())

    def test_ipv6(self):
        """Over IPv6 as well."""
        self.put("gs/cfg.xml", config_file({"P47": "six.example"}))
        self.vsftpd(address="::1")
        phone = self.phone("ftp://[::1]/gs")
        phone.provision()
        self.check_config(phone, "P47=six.example\n")

    def test_second_configuration(self):
        """What the server offers anew is tried, confirmed and kept."""
        self.put("gs/cfg.xml", config_file({"P47": "one.example"}))
        self.vsftpd()
        phone = self.phone()
        phone.provision()
        self.put("gs/cfg.xml", config_file({"P47": "two.example"}))
        life = phone.provision()
        self.check_config(phone, "P47=two.example\n")
        self.assertIn("trial_confirmed", life.kinds())

    def test_no_file(self):
        """bad input: an FTP server without any of the files ends with 3."""
        self.vsftpd()
        for folder in ("nothing", "gs", "gs/", ""):
            with self.subTest(folder=folder):
                self.check_end(self.phone(f"ftp://127.0.0.1/{folder}").live(), 3)

    def test_too_large(self):
        """bad input: a file over the limit on an FTP server is refused, and the old one stays."""
        self.put("gs/cfg.xml", config_file({"P47": "one.example"}))
        self.vsftpd()
        phone = self.phone()
        phone.provision()
        before = phone.files()
        self.put("gs/cfg.xml", padded({"P47": "two.example"}, 256 * 1024 + 1))
        life = phone.live()
        self.check_end(life, 4)
        self.check_words(life, "request_failed", "larger than the 256 KiB")
        self.assertEqual(phone.files(), before)

    def test_line_end(self):
        """bad input: a line end in an FTP address is no command of its own."""
        self.vsftpd()
        life = self.phone("ftp://127.0.0.1/gs%0D%0ADELE%20x/f.xml").live()
        self.assertEqual(life.status, 4)
        self.check_words(life, "request_failed", "control characters")
        self.assertNotIn("DELE", self.log() if (self.folder / "log").exists() else "")

    def test_ends_early(self):
        """bad input: an FTP server that ends in the middle of a file changes nothing."""
        self.put("gs/f.xml", config_file({"P47": "one.example"}))
        self.vsftpd("anon_max_rate=50000")
        phone = self.phone("ftp://127.0.0.1/gs/f.xml")
        phone.provision()
        before = phone.files()
        self.put("gs/f.xml", padded({"P47": "two.example"}, 250_000))
        begun = self.transfers()
        process = start(self, phone.command())
        self.await_transfer(begun)
        self.end_server()
        _, stderr = wait_for_end(process)
        self.assertEqual(process.returncode, 4, stderr)
        told = "\n".join(entry["sentence"] for entry in phone.last_life())
        self.assertRegex(told, r"the file ended after \d+ of 250000 bytes")
        self.assertEqual(phone.files(), before)

    def await_transfer(self, before):
        end_s, tick = time.monotonic() + START_S, threading.Event()
        while self.transfers() == before:
            if time.monotonic() > end_s:
                self.fail("the transfer has not begun: " + self.log())
            tick.wait(0.02)

    def transfers(self):
        return self.log().count('"150 ')

    def end_server(self):
        """With all its sessions."""
        for process in self.servers:
            process.kill()


@NEEDS_ROOT
class Users(FtpTest):
    def setUp(self):
        super().setUp()
        self.put("gs/cfg.xml", config_file({"P47": "one.example"}))

    def test_userinfo(self):
        """User and password of the address log in, and stay out of the journal."""
        self.vsftpd(guests=False)
        phone = self.phone(f"ftp://{USERINFO}127.0.0.1/gs")
        phone.provision()
        self.check_config(phone, "P47=one.example\n")

    def test_settings(self):
        """provision.user and provision.password log in."""
        self.vsftpd(guests=False)
        phone = self.phone("ftp://127.0.0.1/gs", f"provision.user={USER}",
                           f"provision.password={PASSWORD}")
        phone.provision()
        self.check_config(phone, "P47=one.example\n")

    def test_wrong_password(self):
        """bad input: a wrong FTP password is told as such, and not shown."""
        self.vsftpd(guests=False)
        phone = self.phone(f"ftp://{USER}:geheim@127.0.0.1/gs")
        life = phone.live()
        self.check_end(life, 4)
        self.check_words(life, "request_failed", "does not accept the user and password",
                         "(reply 530)")

    def test_no_password(self):
        """bad input: an FTP server without guests is told as such."""
        self.vsftpd(guests=False)
        life = self.phone().live()
        self.check_end(life, 4)
        self.check_words(life, "request_failed", "wants a user and password", "(reply 530)")

    def test_over_tls(self):
        """The same over TLS."""
        self.vsftpd(guests=False, certificate="server")
        phone = self.phone(f"ftps://{USERINFO}127.0.0.1/gs", f"tls.ca={TLS}/authority.pem")
        phone.provision()
        self.assertEqual(phone.status()["proof"], "tls")


class OverTls(FtpTest):
    def setUp(self):
        super().setUp()
        self.put("gs/cfg.xml", padded({"P47": "one.example"}, 60_000))

    def phone(self, *settings, ca="authority"):
        return super().phone("ftps://127.0.0.1/gs", f"tls.ca={TLS}/{ca}.pem", *settings)

    def test_verified(self):
        """Control and data verified with the given authority are a proof. The server demands that
        the data connection resumes the control connection's session, as it does unasked."""
        self.vsftpd(certificate="server")
        phone = self.phone()
        life = phone.live()
        self.check_end(life, 0)
        self.check_config(phone, "P47=one.example\n")
        self.assertEqual(phone.status()["proof"], "tls")

    def test_without_resumption(self):
        """A server that resumes no session will do."""
        self.vsftpd("require_ssl_reuse=NO", certificate="server")
        phone = self.phone()
        self.check_end(phone.live(), 0)
        self.assertEqual(phone.status()["proof"], "tls")

    def test_unverified(self):
        """With tls.verify=0 any certificate will do, and proves nothing."""
        self.vsftpd(certificate="alone")
        phone = self.phone("tls.verify=0")
        self.check_end(phone.live(), 0)
        self.assertEqual(phone.status()["proof"], "none")

    def check_refused(self, phone, *words):
        life = phone.live()
        self.check_end(life, 4)
        self.check_words(life, "request_failed", *words)
        self.check_config(phone, "")
        self.assertNotIn("LOGIN", self.log())

    def test_unknown_authority(self):
        """bad input: FTPS with a certificate of an unknown authority ends before the login."""
        self.vsftpd(certificate="server")
        self.check_refused(self.phone(ca="alone"), "signed by an unknown authority")

    def test_other_name(self):
        """bad input: FTPS with a certificate for another name ends before the login."""
        self.vsftpd(certificate="other")
        self.check_refused(self.phone(), "certificate is for another name than 127.0.0.1")

    def test_no_tls(self):
        """bad input: a plain FTP server where TLS is expected gets no password."""
        self.vsftpd(port=990)
        life = super().phone("ftps://desk:hush@127.0.0.1/gs", f"tls.ca={TLS}/authority.pem").live()
        self.check_end(life, 4)
        self.check_words(life, "request_failed", "TLS")
        self.assertNotIn('"USER', self.log())
        self.assertNotIn("hush", self.log())


if __name__ == "__main__":
    enter_private_system(INSIDE)
    with tempfile.TemporaryDirectory(prefix="dialtone-ftp-") as prepared:
        prepare(prepared)
        unittest.main(verbosity=2)

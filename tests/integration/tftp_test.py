#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The programs against the TFTP servers that administrators run: tftpd-hpa and dnsmasq, on their
own port in a network namespace of the test's own.

A second address on the loopback interface is there because tftpd-hpa leaves when it finds none
but 127.0.0.1 (and ::1).
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True

from network import enter_private_system
from phone import OWN_FILE, Phone, PhoneTest, config_file, start

INSIDE = "DIALTONE_TFTP_TEST_INSIDE"
START_S = 10
BLOCK_BYTES = 1428
PORT_LINE = ":0045 "  # of /proc/net/udp: port 69


def raise_loopback():
    for words in (["link", "set", "lo", "up"], ["address", "add", "10.99.0.1/32", "dev", "lo"],
                  ["address", "add", "fd99::1/128", "dev", "lo"]):
        subprocess.run(["ip", *words], check=True, timeout=START_S)


def padded(values, size):
    """A configuration file of exactly `size` bytes."""
    file = config_file(values)
    comment = b"<!--" + b"p" * (size - len(file) - len("<!---->")) + b"-->"
    return file.replace(b"</gs_provision>", comment + b"</gs_provision>")


class TftpServerTest(PhoneTest):
    """A folder and a server of it. Those that inherit say which."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="dialtone-tftp-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.root.chmod(0o755)
        (self.root / "gs").mkdir(mode=0o755)

    def put(self, name, content, mode=0o644):
        path = self.root / name
        path.write_bytes(content)
        path.chmod(mode)

    def start_server(self, words):
        process = start(self, words)
        end_s, tick = time.monotonic() + START_S, threading.Event()
        while not self.port_is_taken():
            if process.poll() is not None or time.monotonic() > end_s:
                self.fail(f"{words[0]} did not start: {process.communicate(timeout=5)}")
            tick.wait(0.01)

    @staticmethod
    def port_is_taken():
        tables = (pathlib.Path("/proc/net/udp"), pathlib.Path("/proc/net/udp6"))
        return any(PORT_LINE in table.read_text(encoding="ascii") for table in tables)

    def tftpd(self, *options, address="127.0.0.1", folder=None):
        secure = [] if folder else ["--secure"]
        self.start_server(["/usr/sbin/in.tftpd", "-L", "--user", "root", "--address",
                           f"{address}:69", *secure, *options, str(folder or self.root)])

    def dnsmasq(self, *options):
        self.start_server(["/usr/sbin/dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0",
                           "--pid-file=", "--log-facility=-", "--listen-address=127.0.0.1",
                           "--bind-interfaces", "--enable-tftp", f"--tftp-root={self.root}",
                           *options])

    def phone(self, url="tftp://127.0.0.1/gs"):
        return Phone(self, f"static.url={url}")


class EveryServer:
    """What each of them has to bring a phone to; `serve_tftp` starts the server."""

    def test_provisions(self):
        """A new phone fetches, applies, reboots, finds the same and rests."""
        self.put(f"gs/{OWN_FILE}", config_file({"P47": "one.example", "P35": "201"}))
        self.serve_tftp()
        phone = self.phone()
        life = phone.live()
        self.check_end(life, 0)
        self.check_config(phone, "P35=201\nP47=one.example\n")
        self.assertEqual(life.reboots(), 1)
        self.check_words(life, "request", f"tftp://127.0.0.1/gs/{OWN_FILE}", "TFTP read")
        self.check_words(life, "file_absent", "there is no such file (error 1")
        self.assertIn("plan_unchanged", life.kinds())

    def test_sizes(self):
        """Files around the length of a block, and the largest there may be, arrive whole."""
        self.serve_tftp()
        for size in (BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 2 * BLOCK_BYTES, 256 * 1024):
            with self.subTest(size=size):
                self.put("gs/cfg.xml", padded({"P47": f"size{size}.example"}, size))
                phone = self.phone()
                life = phone.provision()
                self.check_config(phone, f"P47=size{size}.example\n")
                self.assertIn(str(size), [entry["fields"].get("bytes")
                                          for entry in life.of_kind("answer")])

    def test_one_file(self):
        """The address may name the file itself, with characters a URL has to encode."""
        self.put("gs/my phone.xml", config_file({"P47": "one.example"}))
        self.serve_tftp()
        phone = self.phone("tftp://127.0.0.1/gs/my%20phone.xml")
        phone.provision()
        self.check_config(phone, "P47=one.example\n")

    def test_second_configuration(self):
        """What the server offers anew is tried, confirmed and kept."""
        self.put("gs/cfg.xml", config_file({"P47": "one.example"}))
        self.serve_tftp()
        phone = self.phone()
        phone.provision()
        self.put("gs/cfg.xml", config_file({"P47": "two.example"}))
        life = phone.provision()
        self.check_config(phone, "P47=two.example\n")
        self.assertIn("trial_confirmed", life.kinds())

    def test_no_file(self):
        """bad input: a real TFTP server without any of the files ends with 3."""
        self.serve_tftp()
        for folder in ("nothing", "gs", "gs/", ""):
            with self.subTest(folder=folder):
                self.check_end(self.phone(f"tftp://127.0.0.1/{folder}").live(), 3)

    def test_forbidden(self):
        """bad input: a file that a real TFTP server forbids ends with 4."""
        self.put("gs/f.xml", config_file({"P47": "one.example"}), mode=0o600)
        self.serve_tftp()
        life = self.phone("tftp://127.0.0.1/gs/f.xml").live()
        self.check_end(life, 4)
        self.check_words(life, "file_absent", "the server forbids it (error 2")

    def test_too_large(self):
        """bad input: a file over the limit is refused by its announced size, before it comes."""
        self.put("gs/cfg.xml", config_file({"P47": "one.example"}))
        self.serve_tftp()
        phone = self.phone()
        phone.provision()
        before = phone.files()
        self.put("gs/cfg.xml", padded({"P47": "two.example"}, 256 * 1024 + 1))
        life = phone.live()
        self.check_end(life, 4)
        self.check_words(life, "request_failed", "larger than the 256 KiB")
        self.assertEqual(phone.files(), before)


@unittest.skipIf(os.environ.get(INSIDE) == "user",
                 "tftpd-hpa changes its user for each file, which a user namespace does not allow")
class TftpdHpa(EveryServer, TftpServerTest):
    def serve_tftp(self):
        self.tftpd()

    def test_absolute(self):
        """A second slash makes the name absolute, as a server without a root of its own wants."""
        self.put("gs/cfg.xml", config_file({"P47": "one.example"}))
        self.tftpd(folder=self.root)
        phone = self.phone(f"tftp://127.0.0.1/{self.root}/gs")
        phone.provision()
        self.check_config(phone, "P47=one.example\n")

    def test_no_options(self):
        """Without options the file comes in blocks of 512, one at a time."""
        self.put("gs/cfg.xml", padded({"P47": "one.example"}, 40 * 512))
        self.tftpd("-r", "blksize", "-r", "tsize", "-r", "timeout")
        phone = self.phone()
        phone.provision()
        self.check_config(phone, "P47=one.example\n")

    def test_ipv6(self):
        """Over IPv6 as well."""
        self.put("gs/cfg.xml", padded({"P47": "six.example"}, 5000))
        self.tftpd(address="[::1]")
        phone = self.phone("tftp://[::1]/gs")
        phone.provision()
        self.check_config(phone, "P47=six.example\n")


class Dnsmasq(EveryServer, TftpServerTest):
    def serve_tftp(self):
        self.dnsmasq()

    def test_no_blocksize(self):
        """With the option refused, blocks are of 512 bytes."""
        self.put("gs/cfg.xml", padded({"P47": "one.example"}, 40 * 512))
        self.dnsmasq("--tftp-no-blocksize")
        phone = self.phone()
        phone.provision()
        self.check_config(phone, "P47=one.example\n")


class NoServer(TftpServerTest):
    def test_silence(self):
        """bad input: where no TFTP server is, --once ends in time with 4."""
        life = self.phone("tftp://127.0.0.1/gs/f.xml").live()
        self.check_end(life, 4)
        self.check_words(life, "request_failed", "no TFTP server answered for 8 s")


if __name__ == "__main__":
    enter_private_system(INSIDE)
    raise_loopback()
    unittest.main(verbosity=2)

# SPDX-License-Identifier: Apache-2.0
"""The programs against the TFTP servers that administrators run: tftpd-hpa and dnsmasq, on their
own port in a network namespace of the test's own.

A second address on the loopback interface is there because tftpd-hpa leaves when it finds none
but 127.0.0.1 (and ::1).
"""

import unittest

from kit import tftpd_hpa
from kit.configuration import padded
from kit.dnsmasq import TftpProgram
from kit.file_tests import ONE, FileServerTest, do
from kit.needs import is_root_of_the_machine, private_system
from kit.network import HERE
from kit.testcase import Cases

NEEDS = (private_system,)
BLOCK_BYTES = 1428


def prepare(_):
    for address in ("10.99.0.1/32", "fd99::1/128"):
        HERE.add_address("lo", address)


class TftpTest(FileServerTest):
    """Those that inherit say which server it is."""

    scheme = "tftp"
    absent_words = "there is no such file (error 1"
    program = TftpProgram


class EveryServer:
    """What each of them has to bring a phone to."""

    def check_forbidden(self):
        self.put("gs/f.xml", ONE, mode=0o600)
        self.serve()
        self.check_life(self.phone(self.url("gs/f.xml")), 4, "file_absent",
                        "the server forbids it (error 2")

    def check_blocks_of_512(self, *options):
        self.serve_one(*options, content=padded({"P47": "one.example"}, 40 * 512))
        self.provisioned()


OF_EVERY_SERVER = (
    ("provisions", "A new phone fetches, applies, reboots, finds the same and rests.",
     TftpTest.check_first),
    ("sizes", "Files around the length of a block, and the largest there may be, arrive whole.",
     TftpTest.check_sizes, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 2 * BLOCK_BYTES,
     512 * 1024),
    ("one_file", "The address may name the file itself, with characters a URL has to encode.",
     TftpTest.check_one_file, "my phone.xml", "my%20phone.xml"),
    ("second_configuration", "What the server offers anew is tried, confirmed and kept.",
     TftpTest.check_second_configuration),
    ("no_file", "bad input: a real TFTP server without any of the files ends with 3.",
     TftpTest.check_no_file),
    ("forbidden", "bad input: a file that a real TFTP server forbids ends with 4.",
     EveryServer.check_forbidden),
    ("too_large",
     "bad input: a file over the limit is refused by its announced size, before it comes.",
     TftpTest.check_too_large))


@unittest.skipUnless(is_root_of_the_machine(), "tftpd-hpa changes its user for each file, which a "
                     "user namespace does not allow")
class TftpdHpa(EveryServer, TftpTest):
    program = tftpd_hpa.TftpdHpa
    common = Cases(do, *OF_EVERY_SERVER)

    def test_absolute(self):
        """A second slash makes the name absolute, as a server without a root of its own wants."""
        self.serve_one(is_secure=False)
        self.provisioned(self.url(f"{self.server.files}/gs"))

    def test_no_options(self):
        """Without options the file comes in blocks of 512, one at a time."""
        self.check_blocks_of_512("-r", "blksize", "-r", "tsize", "-r", "timeout")

    def test_ipv6(self):
        """Over IPv6 as well."""
        self.serve_one(address="[::1]", content=padded({"P47": "six.example"}, 5000))
        self.provisioned("tftp://[::1]/gs", config="P47=six.example\n")


class Dnsmasq(EveryServer, TftpTest):
    common = Cases(do, *OF_EVERY_SERVER)

    def test_no_blocksize(self):
        """With the option refused, blocks are of 512 bytes."""
        self.check_blocks_of_512("--tftp-no-blocksize")


class NoServer(TftpTest):
    def test_silence(self):
        """bad input: where no TFTP server is, --once ends in time with 4."""
        self.check_life(self.phone(self.url("gs/f.xml")), 4, "request_failed",
                        "no TFTP server answered for 8 s")

# SPDX-License-Identifier: Apache-2.0
"""Servers that compress although nobody asked, and servers whose challenge nobody knows: what the
programs make of them, and say."""

import gzip
import socket

from kit.configuration import OWN_FILE, config_file
from kit.nginx import Nginx
from kit.runner import SIDE_BY_SIDE
from kit.testcase import PhoneTest
from kit.web import Answer

OWN = f"/gs/{OWN_FILE}"
CONFIG = {"P47": "one.example", "P35": "201"}
ONE = config_file(CONFIG)
SEEN = "P35=201\nP47=one.example\n"
BOMB_BYTES = 64 * 1024 * 1024

WORKERS = SIDE_BY_SIDE


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def coded(body, coding="gzip"):
    return Answer(body, fields={"Content-Encoding": coding, "ETag": '"v1-gzip"'})


class Coding(PhoneTest):
    def test_asked_for(self):
        """Every request asks for the file as it is."""
        server, phone = self.site({OWN: ONE})
        self.check_provisions(phone, SEEN)
        self.assertEqual({request.fields["accept-encoding"] for request in server.requests},
                         {"identity"})

    def test_gzip(self):
        """A file that comes in gzip all the same is the file, and the same as without."""
        server, phone = self.site({OWN: coded(gzip.compress(ONE))})
        self.check_provisions(phone, SEEN)
        server.put(OWN, ONE)
        self.check_life(phone, 0, "plan_unchanged")

    def test_nginx(self):
        """nginx that has the compressed file alone, and asks nobody."""
        server = self.keep(Nginx(self.scratch_folder(), port=free_port()))
        server.directives = "gzip_static always;"
        server.put(OWN + ".gz", gzip.compress(ONE))
        server.start()
        phone = self.new_phone(f"static.url={server.url('gs')}")
        self.check_provisions(phone, SEEN)

    def test_bomb(self):
        """bad input: gzip that unpacks to 64 MB is refused at the file's limit"""
        _, phone = self.site({OWN: coded(gzip.compress(bytes(BOMB_BYTES)))})
        self.check_life(phone, 4, "request_failed", "larger than the 512 KiB")

    def test_damaged(self):
        """bad input: gzip that is damaged, cut short or none changes nothing"""
        whole = gzip.compress(ONE)
        flipped = whole[:-6] + bytes([whole[-6] ^ 1]) + whole[-5:]
        for body, words in ((flipped, "the file's gzip is damaged"),
                            (whole[:-3], "the file's gzip has no end"),
                            (ONE, "calls the file gzip (Content-Encoding), and it is not")):
            _, phone = self.site({OWN: coded(body)})
            self.check_life(phone, 4, "request_failed", words)

    def test_other(self):
        """bad input: a file in a coding that nobody knows is refused by its name"""
        for coding in ("br", "zstd", "deflate", "gzip, br"):
            _, phone = self.site({OWN: coded(b"?" * 100, coding)})
            self.check_life(phone, 4, "request_failed",
                            f"encodes the file (Content-Encoding: {coding})")


class Challenges(PhoneTest):
    def test_unknown(self):
        """bad input: a challenge that nobody knows is named, and no password is blamed"""
        for challenge, words in (
                ('Digest realm="x", nonce="y", algorithm=SHA-512-256', "Digest with SHA-512-256"),
                ("Negotiate", "Negotiate")):
            asks = Answer(status=401, fields={"WWW-Authenticate": challenge})
            _, phone = self.site({OWN: asks}, "provision.user=desk", "provision.password=hush")
            self.check_life(phone, 4, "request_failed",
                            f"the server wants {words}, which this phone does not know")

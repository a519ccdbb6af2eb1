# SPDX-License-Identifier: Apache-2.0
"""A new phone whose DHCP server names two servers in option 43, the first of which is no help: who
provisions it, and how long that takes. dnsmasq and udhcpc, each server on a host of its own."""

import threading

from kit.configuration import OWN_FILE, config_file
from kit.lan import HTTP, OTHER, SERVER, Lan
from kit.needs import private_system
from kit.runner import SIDE_BY_SIDE
from kit.testcase import Cases, PhoneTest, slow
from kit.web import Answer

NEEDS, WORKERS = (private_system,), SIDE_BY_SIDE
NOBODY = "172.18.0.99"
FIRST, SECOND = config_file({"P47": "first.example"}), config_file({"P47": "second.example"})
FILES = (OWN_FILE, OWN_FILE.removesuffix(".xml"))
SILENCE_S, SLACK_S = 5, 3  # limits::url_patience_ms; the programs of a busy machine


def sub_options(*urls):
    """Option 43 as administrators write it: sub-options 2, 3, ..., each a URL; 1 names an ACS."""
    return ":".join(f"{byte:02x}" for number, url in enumerate(urls, 2)
                    for byte in (number, len(url), *url.encode("ascii")))


ROWS = (
    ("busy", "is busy for two minutes", Answer(status=503, fields={"Retry-After": "120"}), 0),
    ("silent", "accepts connections and says nothing", Answer(stall=-1), SILENCE_S),
    ("refusing", "has no such port", None, 0),
    ("absent", "is a host that nobody has", NOBODY, SILENCE_S),
)


class FirstOfTwo(PhoneTest):
    def setUp(self):
        self.lan = self.keep(Lan(self.scratch_folder(0o711), phone_address=None))
        self.good = self.lan.web()
        self.good.offer(SECOND)

    def live(self, first_url, *settings):
        phone = self.lan.phone("order=dhcp", *settings)
        self.lan.dhcp(f"--dhcp-option-force=43,{sub_options(first_url, self.good.folder_url)}")
        self.lan.dhcp_client(phone.state)
        life = phone.live()
        self.assertEqual(life.status, 0, life.stderr)
        return phone, life

    @slow
    def check(self, first, wait_s):
        host = first if first == NOBODY else OTHER
        if isinstance(first, Answer):
            web = self.lan.web(at=OTHER)
            for name in FILES:
                web.put(f"/gs/{name}", first)
        phone, life = self.live(f"http://{host}:{HTTP}/gs/")
        self.check_config(phone, "P47=second.example\n")
        self.assertLess(life.seconds, wait_s + SLACK_S, life.stderr)

    one = Cases(check, *((name, f"The second server provisions the phone where the first {words}, "
                          f"in {wait_s} s.", answer, wait_s)
                         for name, words, answer, wait_s in ROWS))

    @slow
    def test_slow(self):
        """A first server that is four seconds late counts, though the second was asked."""
        web, was_late = self.lan.web(at=OTHER), threading.Event()
        for name in FILES:
            web.put(f"/gs/{name}",
                    Answer(body=FIRST, before=lambda: was_late.wait(4) or was_late.set()))
        phone, life = self.live(f"http://{OTHER}:{HTTP}/gs/")
        self.check_config(phone, "P47=first.example\n")
        self.check_words(life, "source_beside", OTHER)
        self.assertNotEqual(self.good.requests, [])

# SPDX-License-Identifier: Apache-2.0
"""What has to be seen, held against requests that are made up here."""

import unittest

from hil.expectations import Expectations, Row, Unexpected
from hil.scenario import Expectation
from hil.seen import Request
from hil.vendor import FANVIL, GRANDSTREAM

MAC = "000b82273b89"
NAMES = GRANDSTREAM.names(MAC, "GXP1628")
OWN, BINARY = f"/gs/cfg{MAC}.xml", f"/gs/cfg{MAC}"


def get(path, status=200, at_s=0.0, server="web"):
    return Request(at_s, server, "GET", path, status)


def subscribe():
    return Request(0, "pbx", "SUBSCRIBE", "sip:MAC@224.0.1.75")


def rows(*abouts, vendor=GRANDSTREAM, names=None):
    return [Row(about, vendor, names or NAMES, lambda text: text) for about in abouts]


def fetch(kind="file", **more):
    return Expectation(fetch=kind, of="web", folder="/gs", **more)


def fed(wanted, *requests):
    before_s = 0
    for request in requests:
        wanted.take(request, before_s)
        before_s = request.at_s
    return wanted


class ExpectationsTest(unittest.TestCase):
    def refuses(self, wanted, request, words, before_s=0):
        with self.assertRaises(Unexpected) as refused:
            wanted.take(request, before_s)
        self.assertIn(words, str(refused.exception))

    def test_rows_come_in_their_order(self):
        wanted = Expectations(rows(Expectation(subscribe=True, times=(1, 2)), fetch()))
        self.assertFalse(fed(wanted, subscribe(), subscribe()).is_over())
        self.assertTrue(fed(wanted, get(OWN)).is_over())
        self.refuses(Expectations(rows(Expectation(subscribe=True), fetch())), get(OWN),
                     "expected: a SUBSCRIBE")

    def test_once_more_than_allowed_is_too_often(self):
        wanted = fed(Expectations(rows(fetch(times=(1, 2)))), get(OWN), get(OWN))
        self.refuses(wanted, get(OWN), "expected: nothing more")

    def test_another_path_server_or_status_is_none_that_was_wanted(self):
        for other in (get("/gs/cfg.xml"), get(OWN, server="old"), get(OWN, 404)):
            self.refuses(Expectations(rows(fetch())), other, f"expected: {OWN} at web -> 200")

    def test_a_query_belongs_to_the_request_and_not_to_the_path(self):
        self.assertTrue(fed(Expectations(rows(fetch())), get(f"{OWN}?mac=1")).is_over())

    def test_a_folder_is_asked_for_the_vendors_list(self):
        wanted = Expectations(rows(fetch("folder")))
        self.assertFalse(fed(wanted, get(BINARY, 404)).is_over())
        self.assertTrue(fed(wanted, get(OWN)).is_over())
        names = FANVIL.names(MAC, "X4")
        listed = Expectations(rows(fetch("folder"), vendor=FANVIL, names=names))
        fed(listed, get("/gs/f0X4hw1.100.cfg", 404), get(f"/gs/{MAC}.cfg"))
        self.assertTrue(listed.is_over())

    def test_a_list_that_breaks_off_is_not_enough(self):
        wanted = Expectations(rows(fetch("nothing", status=404)))
        fed(wanted, get(BINARY, 404), get(OWN, 404))
        self.assertFalse(wanted.is_over())
        self.assertIn("/gs/cfggxp1628.xml", wanted.words())

    def test_a_repeat_that_comes_too_soon_is_told_with_its_pause(self):
        wanted = Expectations(rows(fetch(status=503), fetch(pause_s=7)))
        fed(wanted, get(OWN, 503, at_s=20))
        self.refuses(wanted, get(OWN, at_s=26.5), "came 6.5 s after", before_s=20)
        wanted = Expectations(rows(fetch(status=503), fetch(pause_s=7)))
        self.assertTrue(fed(wanted, get(OWN, 503, at_s=20), get(OWN, at_s=27.5)).is_over())

    def test_what_the_row_before_leaves_open_may_still_come(self):
        first = fed(Expectations(rows(fetch(times=(1, 2)))), get(OWN))
        self.assertTrue(first.is_over())
        later = Expectations(rows(fetch("/b")), first.last())
        self.assertFalse(fed(later, get(OWN)).is_over())
        self.refuses(later, get(OWN), "expected: /b")
        self.assertTrue(fed(Expectations(rows(fetch("/b")), first.last()), get("/b")).is_over())

    def test_a_row_that_need_not_come_is_passed_over(self):
        wanted = Expectations(rows(Expectation(subscribe=True, times=(0, 5)), fetch()))
        self.assertTrue(fed(wanted, get(OWN)).is_over())

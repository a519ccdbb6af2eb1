# SPDX-License-Identifier: Apache-2.0
"""SIP plug and play on a real LAN: dialtoned in one network namespace, sipp with scenarios of ours
and PBXs with the faults of real ones in another, multicast between them."""

import re

from kit.configuration import OWN_FILE, config_file
from kit.lan import OTHER, PHONE, SERVER, Lan
from kit.needs import private_system
from kit.pbx import GROUP, PORT, REAL
from kit.runner import SIDE_BY_SIDE
from kit.testcase import Cases, PhoneTest, slow

NEEDS, WORKERS = (private_system,), SIDE_BY_SIDE
ONE = config_file({"P47": "one.example"})

# The request of the Grandstream text. The phone draws the numbers, and CSeq has one digit, because
# a server exists that reads one.
CAPTURED = """\
SUBSCRIBE sip:MAC%3A000B82273B89@224.0.1.75 SIP/2.0
Via: SIP/2.0/UDP 172.18.32.197:5060;branch=z9hG4bK458721093;rport
From: <sip:MAC%3A000B82273B89@224.0.1.75>;tag=1692014507
To: <sip:MAC%3A000B82273B89@224.0.1.75>
Call-ID: 1278367207-5060-1@BHC.BI.DC.BJH
CSeq: 20000 SUBSCRIBE
Contact: <sip:172.18.32.197:5060>
X-Grandstream-PBX: true
Max-Forwards: 70
User-Agent: Grandstream GXP1628 1.0.2.7
Expires: 0
Supported: replaces, path, timer
Event: ua-profile;profile-type="device";vendor="Grandstream";model="GXP1628";version="1.0.2.7"
Accept: application/url
Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE, MESSAGE
Content-Length: 0

"""
TRIES_S = (0, 0.5, 1.5, 3.5, 7.5)
WINDOW_S = 11.5
TOLERANCE_S = 0.3


def requests_of(talk):
    """(time, segment, message) of the phone's SUBSCRIBEs."""
    return [row for row in talk if row[2].is_request and row[2].method == "SUBSCRIBE"]


class PnpTest(PhoneTest):
    def setUp(self):
        self.lan = self.keep(Lan(self.scratch_folder(0o711)))
        self.web = self.lan.web()
        self.web.offer(ONE)

    def provision(self, *settings, status=0, config="P47=one.example\n"):
        """A life that asks by plug and play alone, unless told otherwise."""
        phone = self.lan.phone("order=pnp", *settings)
        life = self.check_life(phone, status)
        self.check_config(phone, config)
        return phone, life

    def check_assigned(self, scenario, *options, settings=(), fetches=2):
        """sipp is content and so is the phone, which fetched twice: before and after the reboot."""
        sipp = self.lan.sipp(scenario, *options, url=self.web.file_url)
        _, life = self.provision(*settings)
        sipp.check()
        self.check_words(life, "source_url", "pnp", self.web.file_url, SERVER)
        self.assertEqual(self.web.paths(), [f"/gs/{OWN_FILE}"] * fetches)
        return life


class Sipp(PnpTest):
    """Each with sipp as the PBX."""

    def test_assigned(self):
        """SUBSCRIBE by multicast, 200, NOTIFY, 200; then the download, and not before."""
        capture = self.lan.capture()
        self.check_assigned("assign")
        segments = capture.segments()
        talk = [s for s in segments if s.protocol == "udp"]
        self.assertEqual([(s.source.ip, s.target.ip, s.target.port) for s in talk],
                         [(PHONE, GROUP, PORT), (SERVER, PHONE, PORT), (SERVER, PHONE, PORT),
                          (PHONE, SERVER, PORT)])
        first_tcp = next(s for s in segments if s.protocol == "tcp")
        self.assertLess(talk[3].at_us, first_tcp.at_us)
        self.assertLess(talk[3].at_us - talk[2].at_us, 100_000)

    def test_text(self):
        """The request is the one of the Grandstream text, but for numbers that are drawn."""
        capture = self.lan.capture()
        self.check_assigned("assign")
        (_, segment, _), = requests_of(capture.sip())
        self.assertLessEqual(len(segment.payload), 1024)
        self.assertEqual(neutral(segment.payload.decode()), neutral(CAPTURED))

    assigned_cases = Cases(
        PnpTest.check_assigned,
        ("notify_first", "A NOTIFY before the answer to the SUBSCRIBE is taken.", "notify_first"),
        ("accepted",
         "202 is as good as 200; Subscription-State and a line end after the URL do no harm.",
         "accepted"),
        ("external_body", "The URL may be a parameter of message/external-body.", "external_body"),
        ("redirected", "A 302 is ignored.", "redirect"),
        ("wrong_event",
         "bad input: a NOTIFY of another event is answered 489, and the right one counts",
         "wrong_event"),
        ("no_url",
         "bad input: a NOTIFY without a usable URL is answered 400, and the right one counts",
         "no_url"))

    def test_doubled(self):
        """A second NOTIFY with the same URL is answered and changes nothing."""
        life = self.check_assigned("doubled")
        self.assertEqual(life.reboots(), 1)

    def test_unicast(self):
        """A server that is configured is asked by itself, at its port; the request names it."""
        capture = self.lan.capture()
        sipp = self.lan.sipp("assign", port=5070, url=self.web.file_url)
        self.provision(f"pnp.server={SERVER}", "pnp.port=5070")
        sipp.check()
        (_, segment, message), = requests_of(capture.sip())
        self.assertEqual((segment.target.ip, segment.target.port), (SERVER, 5070))
        self.assertEqual(message.first[1], f"sip:MAC%3A000B82273B89@{SERVER}:5070")

    def test_tcp(self):
        """Over TCP everything goes over the phone's connection."""
        self.check_assigned("tcp", "-t", "t1",
                            settings=(f"pnp.server={SERVER}", "pnp.transport=tcp"))

    def test_port(self):
        """The phone's own port is configurable, and the server answers there."""
        capture = self.lan.capture()
        self.check_assigned("assign", settings=("sip.port=5080",))
        (_, segment, message), = requests_of(capture.sip())
        self.assertEqual(segment.source.port, 5080)
        self.assertEqual(message.fields["contact"], f"<sip:{PHONE}:5080>")

    def test_refusal_elsewhere(self):
        """A 401 of one server does not keep another from assigning the phone."""
        capture = self.lan.capture()
        self.lan.pbx("always_refuses", at=OTHER, words=["401"])
        self.check_assigned("slow_assign")
        refused = [row for row in capture.sip() if row[2].first[0] == "401"]
        self.assertEqual({row[1].source.ip for row in refused}, {OTHER})

    def test_failure(self):
        """bad input: after a 500 the phone asks no more, and the next source has its turn"""
        capture = self.lan.capture()
        sipp = self.lan.sipp("failure")
        _, life = self.provision("order=pnp,static", f"static.url={self.web.folder_url}")
        sipp.check()
        self.assertEqual(len(requests_of(capture.sip())), 1)
        self.check_words(life, "source_silent", "pnp", "500")
        self.assertLess(life.seconds, 4)

    @slow
    def test_late(self):
        """A phone without a configuration goes on listening to a server that has accepted."""
        sipp = self.lan.sipp("late", url=self.web.file_url)
        phone = self.lan.phone("order=pnp")
        phone.start()
        phone.wait_for("source_silent", source="pnp")
        phone.wait_for("applied")
        sipp.check()
        self.check_config(phone, "P47=one.example\n")


class Real(PnpTest):
    @slow
    def test_servers(self):
        """What real servers get wrong, each as it was seen, costs no phone its configuration."""
        self.assertGreater(len(REAL), 12)
        for name in REAL:
            with self.subTest(server=name):
                pbx = self.lan.pbx(name, self.web.file_url)
                self.provision()
                self.assertIn(f"{PHONE} 200", pbx.heard())
                pbx.close()

    @slow
    def test_fussy_about_user(self):
        """A server that knows no separator before the MAC hears the fourth request."""
        self.lan.pbx("wants_plain_user", self.web.file_url)
        self.provision()

    @slow
    def test_fussy_about_lines(self):
        """A server that counts lines and columns hears the fifth."""
        self.lan.pbx("wants_lines", self.web.file_url)
        self.provision()

    def test_repeated(self):
        """The same NOTIFY again and again is answered each time with the same bytes, at once."""
        capture = self.lan.capture()
        self.lan.pbx("repeats", self.web.file_url)
        self.provision()
        talk = capture.sip()
        sent = [at_s for at_s, _, message in talk if message.first[0] == "NOTIFY"]
        answers = [row for row in talk if row[2].first[0] == "200" and row[2].method == "NOTIFY"]
        self.assertEqual((len(sent), len(answers)), (4, 4))
        self.assertEqual(len({segment.payload for _, segment, _ in answers}), 1)
        for at_s, (answered_s, _, _) in zip(sent, answers):
            self.assertLess(answered_s - at_s, 0.1)

    def test_refused(self):
        """bad input: 401, 404 and 302 end nothing: the fourth request is the one that is heard"""
        capture = self.lan.capture()
        self.lan.pbx("refuses", self.web.file_url, words=["401", "404", "302"])
        self.provision()
        times_s = [row[0] for row in requests_of(capture.sip())]
        self.assertEqual(len(times_s), 4)
        self.assertAlmostEqual(times_s[3] - times_s[0], TRIES_S[3], delta=TOLERANCE_S)


class Silence(PnpTest):
    @slow
    def test_schedule(self):
        """Nobody answers: five requests at 0, 0.5, 1.5, 3.5 and 7.5 s, then 4 s, then the chain
        goes on."""
        capture = self.lan.capture()
        _, life = self.provision("order=pnp,static", f"static.url={self.web.folder_url}")
        segments = capture.segments()
        sent = [s for s in segments if s.protocol == "udp" and s.target.ip == GROUP]
        began_us = sent[0].at_us
        times_s = [(s.at_us - began_us) / 1e6 for s in sent]
        self.assertEqual(len(times_s), len(TRIES_S), times_s)
        for seen_s, wanted_s in zip(times_s, TRIES_S):
            self.assertAlmostEqual(seen_s, wanted_s, delta=TOLERANCE_S)
        fetched = next(s for s in segments if s.protocol == "tcp")
        self.assertAlmostEqual((fetched.at_us - began_us) / 1e6, WINDOW_S, delta=TOLERANCE_S)
        self.check_words(life, "source_silent", "pnp", "5 requests", GROUP)
        self.check_tries([s.payload.decode() for s in sent])

    def check_tries(self, texts):
        """The first three are the same. The other two spell the MAC otherwise, and have the order
        of fields and the one digit of CSeq that a server insists on."""
        self.assertEqual(len(set(texts[:3])), 1)
        users = [re.match(r"SUBSCRIBE sip:(\S+)@", text)[1] for text in texts[2:]]
        self.assertEqual([user.lower() for user in sorted(users)],
                         ["mac%3a000b82273b89", "mac%3a000b82273b89", "mac000b82273b89"])
        self.assertEqual(len(set(users)), 3)
        for text in texts[3:]:
            self.assertEqual(re.findall(r"^([\w-]+):", text, re.M)[:6],
                             ["Via", "From", "To", "Call-ID", "CSeq", "Event"])
            self.assertRegex(text, r"\r\nCSeq: \d SUBSCRIBE\r\n")

    def test_not_asked(self):
        """With pnp.enabled=0 nothing is sent and no time is lost."""
        capture = self.lan.capture()
        _, life = self.provision("order=pnp,static", "pnp.enabled=0",
                                 f"static.url={self.web.folder_url}")
        self.assertEqual([s for s in capture.segments() if s.protocol == "udp"], [])
        self.assertLess(life.seconds, 5)


def neutral(text):
    """Without what differs from phone to phone and from life to life."""
    for pattern, instead in ((r"\r\n", "\n"), (r"branch=z9hG4bK\w+", "branch=B"),
                             (r";tag=\w+", ";tag=T"), (r"CSeq: \d+", "CSeq: N"),
                             (r"Call-ID: \d+-", "Call-ID: N-")):
        text = re.sub(pattern, instead, text)
    return text

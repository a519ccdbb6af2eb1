# SPDX-License-Identifier: Apache-2.0
"""200 sessions on real sockets in which the ACS closes, stalls or truncates at a byte of a message,
drawn with a fixed seed: of a request that it reads, or of an answer that it sends, head and body.
After each of them an ACS that does everything right finds the phone unharmed: it hears the events
that were not heard, with equal keys and once, and values that were set are set together.

All bytes of a session are gone through by the laboratory (`dialtone-lab acs-cuts`); here is what
bytes and sockets add to it. The programs are those with the sanitizers, where the preset has them.
"""

import random
from dataclasses import dataclass

from kit.acs import AcsServer
from kit.processes import stop
from kit.runner import SIDE_BY_SIDE
from kit.testcase import Cases, PhoneTest
from kit.waiting import wait_until

PHONES, STALLING_PHONES = 20, 4
SAMPLES = 200
WORKERS = 2 * SIDE_BY_SIDE
SEED = 20120
LIMIT_S = 120  # the sanitizers, on a machine that has much else to do
KINDS = ("closes", "truncates")
NOBODY_ASKS = "tr069.connection_request_port=0"
SERVER = "Device.ManagementServer."
PAIR = (f"{SERVER}STUNUsername", f"{SERVER}STUNServerAddress")  # set together
NO_COOKIE = "a session that does not begin with an Inform"
SANITIZER_WORDS = ("Sanitizer", "runtime error")


@dataclass
class Cut:
    kind: str
    message: int    # of the session, from 0
    is_request: bool
    place: float    # of its bytes, from 0 to 1

    def __str__(self):
        side = "request" if self.is_request else "answer"
        return f"{self.kind} at {self.place:.3f} of {side} {self.message}"


def drawn_cuts():
    """For each phone those that it meets. What stalls is few, because it is waited for."""
    drawn = random.Random(SEED)

    def cut(kind):
        return Cut(kind, drawn.randrange(4), drawn.random() < 0.4, drawn.random())

    rest = SAMPLES - STALLING_PHONES
    cuts = [[cut("stalls")] for _ in range(STALLING_PHONES)]
    return cuts + [[cut(drawn.choice(KINDS)) for _ in range(rest * number // PHONES,
                                                            rest * (number + 1) // PHONES)]
                   for number in range(PHONES)]


class CuttingAcs(AcsServer):
    """Once armed it strikes in the next session. What the phone has to be called then is called
    only there; later sessions are good ones."""

    def __init__(self):
        self.cut, self.position, self.has_struck = None, 0, False
        self.lengths = {}  # of requests and answers, by position, as good sessions have them
        super().__init__()

    def arm(self, cut):
        self.has_struck, self.cut = False, cut

    def strikes(self, is_request):
        return (self.cut is not None and self.cut.message == self.position and
                self.cut.is_request == is_request)

    def struck(self):
        cut, self.cut = self.cut, None
        self.wanted.clear()
        self.position, self.has_struck = 0, True
        return cut

    def serve_request(self, stream, number):
        if not self.strikes(is_request=True):
            return super().serve_request(stream, number)
        cut = self.cut
        wanted = int(cut.place * self.lengths.get((True, self.position), 600))
        while wanted > 0 and (piece := stream.recv(wanted)):
            wanted -= len(piece)
        self.struck()
        if cut.kind == "stalls":
            return self.stay_silent()
        if cut.kind == "truncates":
            stream.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        return False

    def answer_to(self, request):
        self.lengths[True, self.position] = len(request.raw) + 200
        return super().answer_to(request)

    def send(self, stream, answer):
        head, whole = answer.head(), answer.head() + answer.body
        if not self.strikes(is_request=False):
            self.position = 0 if answer.status in (204, 400) else self.position + 1
            return super().send(stream, answer)
        at = int(self.cut.place * len(whole))
        cut = self.struck()
        if cut.kind == "truncates" and at < len(head):
            stream.sendall(head[:at] + b"\r\n\r\n" + answer.body)
        elif cut.kind == "truncates":
            answer.body = answer.body[:at - len(head)]
            stream.sendall(answer.head() + answer.body)
        else:
            stream.sendall(whole[:at])
        return self.stay_silent() if cut.kind == "stalls" else False


class Cuts(PhoneTest):
    cuts = Cases(lambda this, cuts: this.check(cuts),
                 *((f"{number:02}", "bad input: " + (
                     "an ACS that stalls at a byte harms nothing" if number < STALLING_PHONES else
                     "an ACS that closes or truncates at a byte harms nothing") + f" ({number})",
                    cuts) for number, cuts in enumerate(drawn_cuts())))

    def check(self, cuts):
        acs = self.keep(CuttingAcs())
        phone = self.new_phone(f"tr069.acs_url={acs.acs_url()}", "tr069.periodic_interval=1",
                               "tr069.retry_minimum=1", NOBODY_ASKS)
        self.order(acs, 0)
        daemon = phone.start()
        wait_until(lambda: acs.finished == 1, "a first session", LIMIT_S)
        for number, cut in enumerate(cuts):
            with self.subTest(str(cut)):
                self.check_cut(acs, cut, number)
        self.check_events(acs, len(cuts))
        self.check_journal(phone, len(cuts))
        _, told = stop(daemon, limit_s=LIMIT_S)
        for words in SANITIZER_WORDS:
            self.assertNotIn(words, told)

    def order(self, acs, number):
        """A session soon, which has a key."""
        acs.call("ScheduleInform", ("DelaySeconds", "1"), ("CommandKey", f"k{number}"))

    def orders_taken(self, acs):
        return sum(one.tag.endswith("ScheduleInformResponse") for one in acs.replies)

    def check_cut(self, acs, cut, number):
        mark = f"mark{number}"
        acs.arm(cut)
        acs.set_values([(name, "string", mark) for name in PAIR], mark)
        acs.call("GetParameterValues", ("ParameterNames", ["Device.DeviceInfo."]))
        wait_until(lambda: acs.has_struck, "the cut", LIMIT_S)
        # What it truncates may be of no consequence, and the session a good one.
        finished, ordered = acs.finished, self.orders_taken(acs)
        acs.call("GetParameterValues", ("ParameterNames", list(PAIR)))
        self.order(acs, number + 1)
        wait_until(lambda: acs.finished > finished and self.orders_taken(acs) > ordered,
                   "a good session", LIMIT_S)
        # A head that is cut before its cookie leaves the phone without one.
        self.assertLessEqual(set(acs.complaints), {NO_COOKIE})
        answer = next(one for one in reversed(acs.replies)
                      if one.tag.endswith("GetParameterValuesResponse"))
        self.assertEqual(len(set(acs.told_values(answer).values())), 1)

    def check_events(self, acs, count):
        """Each ordered session was told of, and twice at most: whoever cuts his answer to an Inform
        has heard it."""
        def told():
            return [event for inform in acs.informs for event in inform.events]

        wait_until(lambda: ("M ScheduleInform", f"k{count}") in told(), "the last key", LIMIT_S)
        for number in range(count):
            self.assertIn(told().count(("M ScheduleInform", f"k{number}")), (1, 2))

    def check_journal(self, phone, count):
        """Each session that failed has its reason, and nothing was wrong with the state."""
        failed = [entry for entry in phone.last_life() if entry["kind"] == "acs_failed"]
        self.assertLessEqual(len(failed), count)
        for entry in failed:
            self.assertTrue(entry["fields"].get("reason"), entry)
        self.assertEqual(phone.journal_kinds().count("boot"), 1)
        self.assertEqual(phone.tool("show", "config").returncode, 0)

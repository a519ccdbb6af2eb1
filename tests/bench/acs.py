# SPDX-License-Identifier: Apache-2.0
"""What a phone's first session with an ACS (TR-069) costs, and what it costs to be asked for all
of its parameters. The ACS is the laboratory's (dialtone-lab acs), led by a script."""

import collections
import pathlib
import tempfile
import time

from bench import callgrind, peak
from bench.lab import BenchPhone
from bench.wire import PHONE_END, SERVER_ADDRESS, SERVER_END, Cable, asks_for_server
from kit import KitError
from kit.capture import Capture
from kit.lab_acs import LabAcs
from kit.processes import run
from ladder.http_messages import requests_of
from ladder.packets import decode
from ladder.streams import connections_of

USER, PASSWORD = "phone", "bench"
INFORM = "expect Inform event \"0 BOOTSTRAP\" event \"1 BOOT\"\n"
INTERVAL = "Device.ManagementServer.PeriodicInformInterval"
CALLS = ("GetRPCMethods", "GetParameterNames Device. next-level",
         "GetParameterValues Device.DeviceInfo.",
         f"SetParameterValues {INTERVAL}=unsignedInt:7200 key bench")
WHOLE_TREE = ("GetParameterValues Device.",)
# Lines of a script before its first step.
PROOFS = {"no password": "", "digest": f"credentials digest {USER} {PASSWORD}\n"}
NAME = "TR-069, first session of 4 calls"
TREE_NAME = "TR-069, one of all parameters"
REPEATS = 3

# `trips` are on the wire, `kib` is of the largest process, `spent_ms` of each life.
Peer = collections.namedtuple("Peer", "name trips instructions kib spent_ms")
Session = collections.namedtuple("Session", "trips instructions kib spent_ms")
Tree = collections.namedtuple("Tree", "parameters bytes instructions")
PEER = Peer("easycwmp 1.8.6", "3 requests", "26.6", 10_916, "44 to 50")


def needed(proof):
    """Round trips of a session: the hardware address of the ACS, a connection, the Inform, the word
    that the phone has no more, and the answer to each call, which brings the next; for a password
    that is proved the challenge."""
    return 4 + len(CALLS) + (1 if proof == "digest" else 0)


NEEDED = {f"{NAME}, {proof}: round trips": needed(proof) for proof in PROOFS}


def script_of(calls, proof="no password"):
    return PROOFS[proof] + INFORM + "".join(f"call {call}\n" for call in calls) + "end\n"


class Life:
    """A phone that has never been on, and the ACS that it knows: one session, then both end."""

    def __init__(self, folder, script, interface="lo", address="127.0.0.1"):
        self.folder = pathlib.Path(folder)
        self.acs = LabAcs(self.folder, script, "--address", address)
        phone = BenchPhone(self.folder, "order=tr069", f"tr069.acs_url={self.acs.url}acs",
                           f"tr069.user={USER}", f"tr069.password={PASSWORD}",
                           "tr069.periodic_enable=0", interface=interface)
        self.command = phone.command()

    def end(self):
        status, (_, unmet, violations), told = self.acs.finish()
        if (status, unmet, violations) != (0, 0, 0):
            raise KitError(f"a session that the ACS does not like: {told}")


def lived(measure, script, **options):
    """What `measure` makes of the command of a phone, whose session has to go well."""
    with tempfile.TemporaryDirectory(prefix="dialtone-bench-") as folder:
        life = Life(folder, script, **options)
        try:
            found = measure(life.command)
            life.end()
        finally:
            life.acs.close()
        return found


def milliseconds(words):
    began_s = time.perf_counter()
    run(words)
    return (time.perf_counter() - began_s) * 1000


def count_trips(script):
    """Of one life, on the wire."""
    with Cable() as cable, Capture(SERVER_END) as capture:
        lived(lambda words: run(cable.inside(words)), script, interface=PHONE_END,
              address=SERVER_ADDRESS)
        packets = capture.stop()
    segments = [segment for segment in map(decode, packets) if segment]
    trips = sum(map(asks_for_server, packets))
    for connection in connections_of(segments):
        trips += 1 + len(requests_of(connection.up.data))
    return trips


def count_instructions(script):
    return lived(lambda words: callgrind.count(words).total, script)


def largest_kib(script):
    return lived(lambda words: peak.largest_kib(peak.peaks(words)), script)


def middle(values):
    return sorted(values)[len(values) // 2]


def measure_session(proof, lives):
    script = script_of(CALLS, proof)
    return Session(count_trips(script),
                   middle([count_instructions(script) for _ in range(REPEATS)]),
                   middle([largest_kib(script) for _ in range(REPEATS)]),
                   [lived(milliseconds, script) for _ in range(lives)])


def measure_tree():
    """All parameters in one answer; instructions beside a session without any call."""
    answers = []

    def watch(words):
        with Capture("lo") as capture:
            run(words)
            answers.append(capture.segments())

    lived(watch, script_of(WHOLE_TREE))
    bodies = [request.body for connection in connections_of(answers[0])
              for request in requests_of(connection.up.data)]
    whole = next(body for body in bodies if b"GetParameterValuesResponse" in body)
    return Tree(whole.count(b"<ParameterValueStruct>"), len(whole),
                count_instructions(script_of(WHOLE_TREE)) - count_instructions(script_of(())))


def measure(say, lives):
    sessions = {}
    for proof in PROOFS:
        say(f"a session with an ACS, {proof}")
        sessions[proof] = measure_session(proof, lives)
    say("all parameters")
    return sessions, measure_tree()


def budgets_of(sessions, tree):
    """Name to figure."""
    plain = sessions["no password"]
    found = {f"{NAME}: instructions": plain.instructions,
             f"{NAME}: KiB of the largest process": plain.kib}
    found |= {f"{NAME}, {proof}: round trips": one.trips for proof, one in sessions.items()}
    # Each parameter's share, as there come to be more of them.
    return found | {f"{TREE_NAME}: bytes": tree.bytes // tree.parameters,
                    f"{TREE_NAME}: instructions": tree.instructions // tree.parameters}

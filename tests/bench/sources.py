# SPDX-License-Identifier: Apache-2.0
"""Each source of a server's address with each protocol: what the agent takes from its start to the
confirmed configuration, beside integrator.sh, the script somebody would write instead. Real
servers, on one cable; needs a network namespace of its own, which is the server's.
"""

import collections
import contextlib
import os
import pathlib
import shutil
import statistics
import time

from bench.lab import FILE, FILE_BYTES, MAC, PASSWORD, Lab
from bench.tftp import BLOCK_BYTES
from bench.wire import (PASSES, PHONE_ADDRESS, PHONE_END, PHONE_MAC, PREFIX_LENGTH, SERVER_ADDRESS,
                        SERVER_END, Cable, asks_for_server, times_of, trips_of)
from kit import KitError, durable
from kit.capture import Capture
from kit.dnsmasq import DhcpServer, TftpProgram, option
from kit.needs import is_root_of_the_machine
from kit.network import HERE as THIS_HOST
from kit.pbx import GROUP
from kit.processes import run, stop
from kit.sipp import Sipp
from kit.udhcpc import start_udhcpc
from kit.vsftpd import Vsftpd
from ladder.packets import ACK, SYN, decode
from ladder.streams import connections_of

ROUNDS = 5
DHCP_ROUNDS = 21  # udhcpc and the kernel take most of their time, never the same
LIFE_LIMIT_S = 60
NETMASK = "255.255.255.0"
FTP_PORT = 21
URL_OPTIONS = (66, 160)  # the agent takes the first, udhcpc gives its script only the second
HERE = pathlib.Path(__file__).parent
PROTOCOL_OF = {"http": "http", "https": "tls13"}  # servers of lab.py

PLANS = [(source, protocol, "plain") for source, protocol in (
    ("pnp", "http"), ("pnp", "https"), ("dhcp", "http"), ("dhcp", "tftp"), ("static", "http"),
    ("static", "https"), ("static", "tftp"), ("static", "ftp"))]
PLANS += [(source, "http", "sha256") for source in ("pnp", "dhcp", "static")]

# One plan. `applied_ms`, `agent_ms`, `script_ms`: of each round, which are pairs; `agent_trips`,
# `least`, `script_trips`: round trips, the agent's with its second pass.
Row = collections.namedtuple(
    "Row", "source protocol variant applied_ms agent_ms script_ms agent_trips least script_trips")


class MulticastCable(Cable):
    """The phone has a way to the group, and its server is in it."""

    def __init__(self):
        super().__init__()
        THIS_HOST.join_group(SERVER_END, GROUP)
        self.phone.ip("route", "add", "224.0.0.0/4", "dev", PHONE_END)
        self.phone.wait_for_carrier(PHONE_END)

    def reset(self, source):
        """As after a power-on: nobody's hardware address is known, DHCP gives the phone its own."""
        self.phone.ip("-4", "address", "flush", "dev", PHONE_END)
        if source != "dhcp":
            self.phone.add_address(PHONE_END, f"{PHONE_ADDRESS}/{PREFIX_LENGTH}")
        self.phone.ip("neighbour", "flush", "dev", PHONE_END)
        THIS_HOST.ip("neighbour", "flush", "dev", SERVER_END)


class PlanTestbed:
    """The servers of one plan, and the lives of the agent and runs of the script against them."""

    def __init__(self, cable, lab, plan):
        self.cable, self.lab = cable, lab
        self.source, self.protocol, self.variant = plan
        self.server = PROTOCOL_OF.get(self.protocol)
        self.folder = lab.folder
        self.password = lab.folder / "password"
        self.password.write_text(PASSWORD)

    def url(self):
        folder = self.lab.url(self.server, self.variant) if self.server else \
            f"{self.protocol}://{SERVER_ADDRESS}/{self.variant}/"
        return folder + FILE if self.source == "pnp" else folder

    # --- servers ---------------------------------------------------------------------------------

    @contextlib.contextmanager
    def servers(self):
        """Those that outlast a life; nginx runs already."""
        with contextlib.ExitStack() as stack:
            if self.source == "dhcp":
                stack.enter_context(DhcpServer(
                    self.folder / "dhcp", THIS_HOST, SERVER_END,
                    (PHONE_ADDRESS, PHONE_ADDRESS, NETMASK), "--user=root", "--group=root",
                    *(option(code, self.url(), is_forced=False) for code in URL_OPTIONS)))
            if self.protocol == "tftp":
                stack.enter_context(TftpProgram(self.folder, "--user=root", "--group=root",
                                                address=SERVER_ADDRESS))
            if self.protocol == "ftp":
                stack.enter_context(Vsftpd(self.folder, address=SERVER_ADDRESS))
            yield

    def pbx(self):
        """A sipp for one life, as it takes the same Call-ID once."""
        return Sipp(self.folder, THIS_HOST, SERVER_ADDRESS, self.url(), interface=SERVER_END) \
            if self.source == "pnp" else contextlib.nullcontext()

    # --- lives -----------------------------------------------------------------------------------

    def agent(self):
        """One life of dialtoned, and with DHCP of the image's udhcpc: milliseconds from exec to
        the configuration stored and to the end."""
        self.cable.reset(self.source)
        state = self.lab.new_state()
        url = [f"static.url={self.url()}"] if self.source == "static" else []
        words = self.lab.life(self.source, *url, state=state, variant=self.variant,
                              is_tls=self.protocol == "https", interface=PHONE_END)
        with self.pbx(), contextlib.ExitStack() as stack:
            began_s = time.perf_counter()
            if self.source == "dhcp":
                stack.callback(stop, start_udhcpc(self.cable.phone, PHONE_END, state, self.folder))
            run(self.cable.inside(words), limit_s=LIFE_LIMIT_S)
            spent_ms = (time.perf_counter() - began_s) * 1000
        journal = (state / durable.JOURNAL).read_text()
        # The journal's clock begins with dialtoned, not with exec, so it is counted from the end.
        times, last_ms = times_of(journal), int(journal.splitlines()[-1].split("\t")[0])
        up_ms = next(int(line.split("\t")[0]) for line in journal.splitlines()
                     if "\tlink_up\t" in line)
        return spent_ms - (last_ms - up_ms - times.applied), spent_ms

    def script(self):
        """One run of integrator.sh, milliseconds from exec to exit."""
        self.cable.reset(self.source)
        folder = self.lab.new_state()
        folder.mkdir()
        environment = {**os.environ, "MAC": MAC, "INTERFACE": PHONE_END,
                       "ADDRESS": PHONE_ADDRESS, "SCENARIO": str(HERE / "integrator.xml")}
        if self.variant != "plain":
            environment["PASSWORD"] = str(self.password)
        if self.protocol == "https":
            environment["CA"] = self.lab.authority.certificate
        words = [HERE / "integrator.sh", folder, self.source]
        if self.source == "static":
            words.append(self.url())
        with self.pbx():
            began_s = time.perf_counter()
            run(self.cable.inside(words), limit_s=LIFE_LIMIT_S, env=environment)
            spent_ms = (time.perf_counter() - began_s) * 1000
        if (folder / "active").read_bytes() != (self.folder / "plain").read_bytes():
            raise KitError("integrator.sh stored another file than the server has")
        return spent_ms

    # --- the wire --------------------------------------------------------------------------------

    def watch(self, life):
        """Round trips of one life."""
        if self.server:
            self.lab.restart()
        with Capture(SERVER_END) as capture:
            life()
        asked = 0
        if self.server:
            self.lab.server.stop()  # lets the log be written
            asked = len(self.lab.server.requests)
            self.lab.server.start()
        return count_trips(capture.packets, self.protocol, asked)

    def least(self):
        """Round trips that a life of two passes needs at least: the server's hardware address,
        which with PnP comes by its own question for the phone's; SUBSCRIBE, or DISCOVER and
        REQUEST; then for each pass what the protocol needs. Where a folder is named, the first of
        two files is not there."""
        absent = 0 if self.source == "pnp" else 1
        blocks = FILE_BYTES // BLOCK_BYTES + 1
        one_pass = {
            "http": 1 + absent + 1,   # a connection, and one for each file
            "https": 2 + absent + 1,  # the hellos of TLS 1.3 besides
            "tftp": absent + 1 + blocks,  # the options, then dnsmasq sends block by block
            # A connection, its greeting, USER, TYPE; SIZE tells that a file is not there; EPSV, a
            # connection, RETR.
            "ftp": 4 + absent + 3,
        }[self.protocol]
        return {"pnp": 1, "dhcp": 1 + 2, "static": 1}[self.source] + PASSES * one_pass


def count_trips(packets, protocol, asked):
    """How often the phone waited for an answer. `asked`: requests in the server's log, as those
    inside TLS cannot be seen."""
    trips = sum(map(asks_for_server, packets))
    segments = [segment for segment in map(decode, packets) if segment]
    trips += sum(s.protocol == "tcp" and s.flags & (SYN | ACK) == SYN for s in segments)
    talks = collections.defaultdict(list)  # (protocol, the phone's port): who sent, in order
    for segment in segments:
        is_phone = segment.source.mac == PHONE_MAC
        own, other = (segment.source, segment.target) if is_phone else \
            (segment.target, segment.source)
        if segment.payload and not (protocol == "https" and segment.protocol == "tcp"):
            talks[segment.protocol, own.port, other.port == FTP_PORT].append(is_phone)
    for (_, _, is_ftp_control), senders in talks.items():
        trips += is_ftp_control and not senders[0]  # its greeting
        trips += sum(mine and not following for mine, following in zip(senders, senders[1:]))
    if protocol == "https":
        trips += asked
        for connection in connections_of([s for s in segments if s.protocol == "tcp"]):
            trips += len(trips_of(connection)[0])
    return trips


def missing(plan, say):
    """Whether something that the plan needs cannot run here."""
    source, protocol, _ = plan
    needed = {"pnp": ["sipp"], "dhcp": ["busybox", "dnsmasq"], "static": []}[source]
    needed = needed + {"tftp": ["dnsmasq"], "ftp": ["vsftpd"]}.get(protocol, [])
    gone = [name for name in needed if shutil.which(name) is None]
    # vsftpd changes its user, which a user namespace does not allow.
    if not gone and protocol == "ftp" and not is_root_of_the_machine():
        gone = ["vsftpd"]
    if gone:
        say(f"{gone[0]} cannot run here, the row {source}, {protocol} is left out")
    return bool(gone)


def measure_plan(cable, lab, plan):
    testbed = PlanTestbed(cable, lab, plan)
    applied_ms, agent_ms, script_ms = [], [], []
    with testbed.servers():
        # The first life of each is watched and not timed.
        agent_trips, script_trips = testbed.watch(testbed.agent), testbed.watch(testbed.script)
        for turn in range(DHCP_ROUNDS if plan[0] == "dhcp" else ROUNDS):
            for is_agent in (turn % 2 == 0, turn % 2 == 1):
                if not is_agent:
                    script_ms.append(testbed.script())
                    continue
                applied, spent = testbed.agent()
                applied_ms.append(applied)
                agent_ms.append(spent)
    return Row(*plan, applied_ms, agent_ms, script_ms, agent_trips, testbed.least(), script_trips)


def measure(say):
    """Rows, one a plan."""
    with MulticastCable() as cable, Lab(SERVER_ADDRESS) as lab:
        lab.server.start()
        rows = []
        for plan in PLANS:
            if not missing(plan, say):
                say(f"source {plan[0]} over {plan[1]}, {plan[2]}")
                rows.append(measure_plan(cable, lab, plan))
        return rows


def ratio(row, agent_ms):
    """How many times as long as the agent the script takes: the median of the pairs."""
    return statistics.median(script / agent for script, agent in zip(row.script_ms, agent_ms))

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
import signal
import statistics
import subprocess
import sys
import time

from lab import BIN, FILE, FILE_BYTES, MAC, PASSWORD, ROOT, BenchError, Lab, call, wait_until
from tftp import BLOCK_BYTES, is_bound
from wire import (CAPTURE, PASSES, PHONE_ADDRESS, PHONE_END, SERVER_ADDRESS, SERVER_END,
                  asks_for_server, times_of, trips_of)

from ladder.packets import ACK, SYN, decode
from ladder.pcap import read_packets
from ladder.streams import connections_of

ROUNDS = 5
DHCP_ROUNDS = 21  # udhcpc and the kernel take most of their time, never the same
LIFE_LIMIT_S = 60
PREFIX_LENGTH, NETMASK = 24, "255.255.255.0"
PHONE_MAC, GROUP = "00:0b:82:12:34:56", "224.0.1.75"
DHCP_PORT, SIP_PORT, FTP_PORT, TFTP_PORT = 67, 5060, 21, 69
URL_OPTIONS = (66, 160)  # the agent takes the first, udhcpc gives its script only the second
HERE = pathlib.Path(__file__).parent
ASSIGN = ROOT / "sim/demo.d/assign.xml"
IMAGE = ROOT / "rootfs/usr"
PROTOCOL_OF = {"http": "http", "https": "tls13"}  # servers of lab.py

PLANS = [(source, protocol, "plain") for source, protocol in (
    ("pnp", "http"), ("pnp", "https"), ("dhcp", "http"), ("dhcp", "tftp"), ("static", "http"),
    ("static", "https"), ("static", "tftp"), ("static", "ftp"))]
PLANS += [(source, "http", "sha256") for source in ("pnp", "dhcp", "static")]

# One plan. `applied_ms`, `agent_ms`, `script_ms`: of each round, which are pairs; `agent_trips`,
# `least`, `script_trips`: round trips, the agent's with its second pass.
Row = collections.namedtuple(
    "Row", "source protocol variant applied_ms agent_ms script_ms agent_trips least script_trips")


class Cable:
    """Server and phone, joined. The phone also has a /run of its own, where a lease is kept."""

    def __init__(self):
        script = "mount -t tmpfs tmpfs /run && echo made && exec cat"
        self.holder = subprocess.Popen(["unshare", "--net", "--mount", "sh", "-c", script],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.holder.stdout.readline() != b"made\n":
            self.close()
            raise BenchError("namespaces for the phone cannot be made")
        call(["ip", "link", "add", SERVER_END, "type", "veth", "peer", "name", PHONE_END,
              "address", PHONE_MAC, "netns", str(self.holder.pid)])
        call(["ip", "address", "add", f"{SERVER_ADDRESS}/{PREFIX_LENGTH}", "dev", SERVER_END])
        # What is sent to the group reaches sipp, which joins none.
        call(["ip", "address", "add", f"{GROUP}/32", "dev", SERVER_END, "autojoin"])
        call(["ip", "link", "set", SERVER_END, "up"])
        for words in (["link", "set", "lo", "up"], ["link", "set", PHONE_END, "up"],
                      ["route", "add", "224.0.0.0/4", "dev", PHONE_END]):
            call(self.inside(["ip", *words]))
        wait_until(lambda: " state UP " in call(self.inside(["ip", "-o", "link"])),
                   "the phone's carrier")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def inside(self, words):
        return ["nsenter", "-t", str(self.holder.pid), "-n", "-m", *map(str, words)]

    def reset(self, source):
        """As after a power-on: nobody's hardware address is known, DHCP gives the phone its own."""
        call(self.inside(["ip", "-4", "address", "flush", "dev", PHONE_END]))
        if source != "dhcp":
            call(self.inside(["ip", "address", "add", f"{PHONE_ADDRESS}/{PREFIX_LENGTH}",
                              "dev", PHONE_END]))
        call(self.inside(["ip", "neighbour", "flush", "dev", PHONE_END]))
        call(["ip", "neighbour", "flush", "dev", SERVER_END])

    def close(self):
        self.holder.stdin.close()
        self.holder.wait()
        self.holder.stdout.close()
        subprocess.run(["ip", "link", "del", SERVER_END], check=False, capture_output=True)


@contextlib.contextmanager
def running(words, log, **options):
    """A program, as long as the block lasts."""
    with open(log, "wb") as out:
        process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=out, **options)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Street:
    """What stands at the server's end, and how the phone's end comes to a configuration."""

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
            if self.source == "dhcp" or self.protocol == "tftp":
                stack.enter_context(running(self._dnsmasq(), self.folder / "dnsmasq.log"))
            for wanted, port in ((self.source == "dhcp", DHCP_PORT),
                                 (self.protocol == "tftp", TFTP_PORT)):
                if wanted:
                    self._wait_for_dnsmasq(port)
            if self.protocol == "ftp":
                stack.enter_context(running(self._vsftpd(), self.folder / "vsftpd.out"))
                wait_until(lambda: f":{FTP_PORT:04X} " in
                           pathlib.Path("/proc/net/tcp").read_text(encoding="ascii"),
                           "vsftpd listens")
            yield

    @staticmethod
    def _wait_for_dnsmasq(port):
        address = "0.0.0.0" if port == DHCP_PORT else SERVER_ADDRESS
        wait_until(lambda: is_bound(address, port), "dnsmasq listens")

    def _dnsmasq(self):
        words = ["/usr/sbin/dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0",
                 "--pid-file=", f"--interface={SERVER_END}", "--except-interface=lo",
                 "--bind-interfaces", "--user=root", "--group=root"]
        if self.protocol == "tftp":
            words += ["--enable-tftp", f"--tftp-root={self.folder}/files"]
        if self.source == "dhcp":
            words += [f"--dhcp-range={PHONE_ADDRESS},{PHONE_ADDRESS},{NETMASK},1h", "--no-ping",
                      "--dhcp-authoritative", f"--dhcp-leasefile={self.folder}/leases"]
            words += [f"--dhcp-option={code},{self.url()}" for code in URL_OPTIONS]
        return words

    def _vsftpd(self):
        empty = self.folder / "empty"
        empty.mkdir(exist_ok=True)
        configuration = self.folder / "vsftpd.conf"
        configuration.write_text("".join(f"{line}\n" for line in (
            "listen=YES", "background=NO", f"listen_address={SERVER_ADDRESS}",
            f"listen_port={FTP_PORT}", "anonymous_enable=YES", "local_enable=NO",
            "no_anon_password=YES", f"anon_root={self.folder}/files", "ftp_username=daemon",
            f"secure_chroot_dir={empty}", f"pasv_address={SERVER_ADDRESS}", "seccomp_sandbox=NO")))
        return ["/usr/sbin/vsftpd", configuration]

    @contextlib.contextmanager
    def pbx(self):
        """A sipp for one life, as it takes the same Call-ID once."""
        if self.source != "pnp":
            yield
            return
        words = ["sipp", "-sf", ASSIGN, "-i", "0.0.0.0", "-p", SIP_PORT, "-m", "1", "-key", "here",
                 SERVER_ADDRESS, "-key", "url", self.url(), "-nostdin", "-timeout", LIFE_LIMIT_S]
        with running(words, self.folder / "sipp.log", cwd=self.folder):
            wait_until(lambda: is_bound("0.0.0.0", SIP_PORT), "sipp listens")
            yield

    # --- lives -----------------------------------------------------------------------------------

    def agent(self):
        """One life of dialtoned, and with DHCP of the image's udhcpc: milliseconds from exec to
        the configuration stored and to the end."""
        self.cable.reset(self.source)
        state = self.lab.new_state()
        settings = [f"order={self.source}", f"hooks.dir={self.folder}/no-hooks"]
        if self.source == "static":
            settings.append(f"static.url={self.url()}")
        if self.variant != "plain":
            settings.append(f"config.password=@{self.password}")
        if self.protocol == "https":
            settings.append(f"tls.ca={self.folder}/authority.crt")
        words = [BIN / "dialtoned", "--profile", "grandstream", "--mac", MAC, "--interface",
                 PHONE_END, "--state", state, "--once"]
        for setting in settings:
            words += ["--set", setting]
        with self.pbx(), contextlib.ExitStack() as stack:
            began_s = time.perf_counter()
            if self.source == "dhcp":
                stack.enter_context(self._udhcpc(state))
            call(self.cable.inside(words), LIFE_LIMIT_S)
            spent_ms = (time.perf_counter() - began_s) * 1000
        journal = (state / "journal").read_text()
        # The journal's clock begins with dialtoned, not with exec, so it is counted from the end.
        times, last_ms = times_of(journal), int(journal.splitlines()[-1].split("\t")[0])
        up_ms = next(int(line.split("\t")[0]) for line in journal.splitlines()
                     if "\tlink_up\t" in line)
        return spent_ms - (last_ms - up_ms - times.applied), spent_ms

    def _udhcpc(self, state):
        environment = {**os.environ, "DIALTONE": f"{BIN}/dialtone",
                       "DIALTONE_RESOLV_CONF": f"{self.folder}/resolv.conf",
                       "DIALTONE_UDHCPC_SCRIPT": f"{IMAGE}/share/dialtone/udhcpc.script"}
        words = [IMAGE / "sbin/dialtone-udhcpc", "--interface", PHONE_END, "--state", state]
        return running(self.cable.inside(words), self.folder / "udhcpc.log", env=environment)

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
            environment["CA"] = f"{self.folder}/authority.crt"
        words = [HERE / "integrator.sh", folder, self.source]
        if self.source == "static":
            words.append(self.url())
        with self.pbx():
            began_s = time.perf_counter()
            call(self.cable.inside(words), LIFE_LIMIT_S, env=environment)
            spent_ms = (time.perf_counter() - began_s) * 1000
        if (folder / "active").read_bytes() != (self.folder / "plain").read_bytes():
            raise BenchError("integrator.sh stored another file than the server has")
        return spent_ms

    # --- the wire --------------------------------------------------------------------------------

    def watch(self, life):
        """Round trips of one life."""
        path = self.folder / "capture"
        if self.server:
            self.lab.stop_server()
            self.lab.start_server()  # with an empty log
        with subprocess.Popen([sys.executable, CAPTURE, SERVER_END, path],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as capture:
            capture.stdout.readline()  # "ready"
            try:
                life()
            finally:
                capture.send_signal(signal.SIGTERM)
        asked = 0
        if self.server:
            self.lab.stop_server()  # lets the log be written
            asked = len(self.lab.fetches())
            self.lab.start_server()
        return count_trips(read_packets(path), self.protocol, asked)

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
    path = os.environ["PATH"] + ":/usr/sbin"
    needed = {"pnp": ["sipp"], "dhcp": ["busybox", "dnsmasq"], "static": []}[source]
    needed = needed + {"tftp": ["dnsmasq"], "ftp": ["vsftpd"]}.get(protocol, [])
    gone = [name for name in needed if shutil.which(name, path=path) is None]
    # vsftpd changes its user, which a user namespace does not allow.
    uid_map = pathlib.Path("/proc/self/uid_map").read_text(encoding="ascii").split()
    if not gone and protocol == "ftp" and uid_map != ["0", "0", "4294967295"]:
        gone = ["vsftpd"]
    if gone:
        say(f"{gone[0]} cannot run here, the row {source}, {protocol} is left out")
    return bool(gone)


def measure_plan(cable, lab, plan):
    street = Street(cable, lab, plan)
    applied_ms, agent_ms, script_ms = [], [], []
    with street.servers():
        # The first life of each is watched and not timed.
        agent_trips, script_trips = street.watch(street.agent), street.watch(street.script)
        for turn in range(DHCP_ROUNDS if plan[0] == "dhcp" else ROUNDS):
            for is_agent in (turn % 2 == 0, turn % 2 == 1):
                if not is_agent:
                    script_ms.append(street.script())
                    continue
                applied, spent = street.agent()
                applied_ms.append(applied)
                agent_ms.append(spent)
    return Row(*plan, applied_ms, agent_ms, script_ms, agent_trips, street.least(), script_trips)


def measure(say):
    """Rows, one a plan."""
    with Cable() as cable, Lab(SERVER_ADDRESS) as lab:
        lab.folder.chmod(0o711)  # those that serve are not root
        lab.start_server()
        rows = []
        for plan in PLANS:
            if not missing(plan, say):
                say(f"source {plan[0]} over {plan[1]}, {plan[2]}")
                rows.append(measure_plan(cable, lab, plan))
        return rows


def ratio(row, agent_ms):
    """How many times as long as the agent the script takes: the median of the pairs."""
    return statistics.median(script / agent for script, agent in zip(row.script_ms, agent_ms))

# SPDX-License-Identifier: Apache-2.0
"""TFTP throughput: the agent's engine (tftp_get) beside curl and the client of tftp-hpa, against
the servers that administrators run, on a bare cable (a veth pair) and through a relay that delays.
Needs a network namespace of its own, which is the servers'.
"""

import collections
import contextlib
import os
import pathlib
import resource
import secrets
import shutil
import statistics
import sys
import time

from bench import callgrind
from bench.wire import SERVER_END, Cable
from kit import BIN, KitError
from kit.dnsmasq import TftpProgram
from kit.needs import is_root_of_the_machine
from kit.network import HERE as THIS_HOST
from kit.processes import ask, run
from kit.program import FolderProgram, Program
from kit.tftpd_hpa import TftpdHpa

BIG, PART, SMALL = 16 << 20, 1 << 20, 256 << 10  # sizes of the files
FILES = {"big": BIG, "part": PART, "small": SMALL}
BLOCK_BYTES = 1428
DELAY_MS = 2      # of the relay, each way
ROUNDS = 9
# Of tftpd-hpa and of dnsmasq, at the servers' end of the cable; of what goes through the relay.
HPA, OTHER, HERE, RELAYED = "192.0.2.11", "192.0.2.12", "127.0.0.1", "127.0.0.2"
ATFTPD_PORT = 6969
CACHE = pathlib.Path(os.environ.get("DIALTONE_CACHE") or pathlib.Path(
    os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "dialtone")
ATFTPD = CACHE / "unpacked/atftpd/usr/sbin/atftpd"

# `mib_s` of each run, `cpu_ms` of the client's processor time for a MiB; `is_own`: the agent's
# engine.
Row = collections.namedtuple("Row", "server client is_own mib_s cpu_ms")
# What one more block costs a client that gets an acknowledgement for each.
Block = collections.namedtuple("Block", "client instructions calls")


class Atftpd(FolderProgram):
    name = "atftpd"
    port, kind = ATFTPD_PORT, "udp"

    def command(self):
        return [ATFTPD, "--daemon", "--no-fork", "--user", "root", "--group", "root", "--port",
                self.port, "--bind-address", self.address, "--logfile", self.folder / "atftpd",
                "--no-multicast", self.files]


class Relay(Program):
    name = "relay"
    address, port, kind = RELAYED, 69, "udp"

    def command(self):
        return [sys.executable, pathlib.Path(__file__).with_name("relay.py"), RELAYED, self.port,
                HERE, ATFTPD_PORT, DELAY_MS]


class Servers:
    """Serves FILES until it is closed. What is not there or cannot run here is left out. `device`
    has the servers' addresses."""

    def __init__(self, folder, device="lo", only_dnsmasq=False):
        self.device, self.stack = device, contextlib.ExitStack()
        pathlib.Path(folder).mkdir(exist_ok=True)
        pathlib.Path(folder).chmod(0o755)
        self.programs = {"dnsmasq": TftpProgram(folder, "--user=root", "--group=root",
                                                address=OTHER)}
        self.folder = self.programs["dnsmasq"].files
        for name, size in FILES.items():
            (self.folder / name).write_bytes(secrets.token_bytes(size))
        if is_root_of_the_machine() and not only_dnsmasq:
            self.programs["tftpd-hpa"] = TftpdHpa(folder, address=HPA)
        if ATFTPD.exists() and not only_dnsmasq:
            self.programs |= {"atftpd": Atftpd(folder, address=HERE), "relay": Relay(folder)}

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            for address in (HPA, OTHER):
                THIS_HOST.add_address(self.device, f"{address}/32")
                stack.callback(ask, ["ip", "address", "del", f"{address}/32", "dev", self.device])
            for program in self.programs.values():
                stack.enter_context(program)
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()


def own(address, name, out):
    return [str(BIN / "tftp_get"), f"tftp://{address}/{name}", out]


def curl(address, name, out, block_bytes=BLOCK_BYTES):
    return ["curl", "-s", "-q", "--noproxy", "*", "--tftp-blksize", str(block_bytes),
            f"tftp://{address}/{name}", "-o", out]


def client_of_hpa(address, name, out):
    return ["tftp", "-m", "binary", address, "-c", "get", name, out]


def throughput(servers, words, name):
    """MiB/s of one run and milliseconds of processor time for a MiB, with what came compared."""
    out = pathlib.Path(words[-1])
    out.unlink(missing_ok=True)
    before, began_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run(words, limit_s=120)
    spent_s, after = time.perf_counter() - began_s, resource.getrusage(resource.RUSAGE_CHILDREN)
    if out.read_bytes() != (servers.folder / name).read_bytes():
        raise KitError(f"{words[0]} brought another file than the server has")
    cpu_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    mib = FILES[name] / (1 << 20)
    return mib / spent_s, cpu_s * 1000 / mib


def measure(folder, say):
    """Rows; those of one server were measured in turns."""
    with Cable() as cable:
        THIS_HOST.wait_for_carrier(SERVER_END)
        with Servers(folder, SERVER_END) as servers:
            return run_in_turns(servers, plans_of(servers, cable, f"{folder}/tftp-out", say), say)


def plans_of(servers, cable, out, say):
    """(server, client, rounds, file, command) of each row."""
    plans = []
    for server, address in (("tftpd-hpa", HPA), ("dnsmasq", OTHER)):
        if server not in servers.programs:
            say(f"{server} cannot run here, its rows are left out")
            continue
        plans.append((server, "Dialtone", ROUNDS, "big", cable.inside(own(address, "big", out))))
        plans.append((server, f"curl, blksize {BLOCK_BYTES}", ROUNDS, "big",
                      cable.inside(curl(address, "big", out))))
        if shutil.which("tftp") and server == "tftpd-hpa":
            plans.append((server, "tftp-hpa", 1, "big",
                          cable.inside(client_of_hpa(address, "big", out))))
    if "atftpd" not in servers.programs:
        say("atftpd is not unpacked, its rows are left out")
        return plans
    late = f"atftpd, {DELAY_MS} ms each way"
    plans.append((late, "Dialtone", 1, "big", own(RELAYED, "big", out)))
    plans.append((late, f"curl, blksize {BLOCK_BYTES}", 1, "part", curl(RELAYED, "part", out)))
    if shutil.which("tftp"):
        plans.append((late, "tftp-hpa", 1, "small", client_of_hpa(RELAYED, "small", out)))
    return plans


def run_in_turns(servers, plans, say):
    """Who goes first in one turn goes last in the next."""
    found = collections.defaultdict(list)
    for server in dict.fromkeys(plan[0] for plan in plans):
        say(f"TFTP from {server}")
        of_server = [number for number, plan in enumerate(plans) if plan[0] == server]
        for turn in range(ROUNDS):
            for number in of_server if turn % 2 == 0 else reversed(of_server):
                _, _, rounds, name, words = plans[number]
                if turn < rounds:
                    found[number].append(throughput(servers, words, name))
    return [Row(plan[0], plan[1], plan[1] == "Dialtone", *map(list, zip(*found[number])))
            for number, plan in enumerate(plans)]


def ratios(rows):
    """Server to (how many times curl's throughput the agent's engine has, how many times its
    processor time curl takes): medians of the pairs."""
    by_name = {(row.server, row.client.split(",")[0]): row for row in rows}
    found = {}
    for server in dict.fromkeys(row.server for row in rows):
        mine, other = by_name[server, "Dialtone"], by_name[server, "curl"]
        found[server] = (
            statistics.median(own / curl for own, curl in zip(mine.mib_s, other.mib_s)),
            statistics.median(curl / own for own, curl in zip(mine.cpu_ms, other.cpu_ms)))
    return found


def count_instructions(folder):
    """Of a file of 1 MiB from dnsmasq: one block and one acknowledgement after the other, so that
    nothing depends on time."""
    with Servers(folder, only_dnsmasq=True):
        return callgrind.count(own(OTHER, "part", f"{folder}/tftp-out")).total


def count_blocks(folder):
    """Block of each client: the difference between two files by that of their blocks."""
    blocks = PART // BLOCK_BYTES - SMALL // BLOCK_BYTES
    out = f"{folder}/tftp-out"
    with Servers(folder, only_dnsmasq=True):
        def cost(count, client):
            more, less = (count(client(OTHER, name, out)) for name in ("part", "small"))
            return (more - less) / blocks

        return [Block(name, cost(lambda words: callgrind.count(words).total, client),
                      cost(count_calls, client) if shutil.which("strace") else None)
                for name, client in (("Dialtone", own), ("curl", curl))]


def count_calls(words):
    """System calls of a command."""
    told = ask(["strace", "-f", "-c", *words], 60)
    total = told.stderr.strip().splitlines()[-1].split()  # percent, s, us a call, calls, errors
    return int(total[3])

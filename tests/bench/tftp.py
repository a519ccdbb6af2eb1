# SPDX-License-Identifier: Apache-2.0
"""TFTP throughput: the agent's engine (tftp_get) beside curl and the client of tftp-hpa, against
the servers that administrators run, on a bare cable (a veth pair) and through a relay that delays.
Needs a network namespace of its own, which is the servers'.
"""

import collections
import os
import pathlib
import resource
import secrets
import shutil
import signal
import statistics
import subprocess
import sys
import time

import callgrind
from lab import BIN, BenchError, call, wait_until
from wire import SERVER_END, Cable

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


class Servers:
    """Serves FILES until it is closed. What is not there or cannot run here is left out. `device`
    has the servers' addresses."""

    def __init__(self, folder, device="lo", only_dnsmasq=False):
        self.device = device
        self.folder = pathlib.Path(folder) / "tftp"
        self.folder.mkdir()
        self.folder.chmod(0o755)
        pathlib.Path(folder).chmod(0o755)
        for name, size in FILES.items():
            (self.folder / name).write_bytes(secrets.token_bytes(size))
        self.processes = {}
        try:
            for address in (HPA, OTHER):
                call(["ip", "address", "add", f"{address}/32", "dev", device])
            self._start_dnsmasq()
            if not only_dnsmasq:
                self._start_tftpd()
                self._start_atftpd()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for address in (HPA, OTHER):
            subprocess.run(["ip", "address", "del", f"{address}/32", "dev", self.device],
                           check=False, capture_output=True)

    def _start(self, name, words, address, port):
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.processes[name] = process

        def is_there():
            if process.poll() is not None:
                raise BenchError(f"{words[0]} ended with {process.returncode}")
            return is_bound(address, port)

        wait_until(is_there, f"{name} listens")

    def _start_dnsmasq(self):
        self._start("dnsmasq", [
            "/usr/sbin/dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--pid-file=",
            f"--listen-address={OTHER}", "--bind-interfaces", "--enable-tftp", "--user=root",
            "--group=root", f"--tftp-root={self.folder}"], OTHER, 69)

    def _start_tftpd(self):
        """It changes its user for each file, which a user namespace does not allow."""
        if pathlib.Path("/proc/self/uid_map").read_text().split() != ["0", "0", "4294967295"]:
            return
        self._start("tftpd-hpa", ["/usr/sbin/in.tftpd", "-L", "--user", "root", "--address",
                                  f"{HPA}:69", "--secure", str(self.folder)], HPA, 69)

    def _start_atftpd(self):
        if not ATFTPD.exists():
            return
        self._start("atftpd", [
            ATFTPD, "--daemon", "--no-fork", "--user", "root", "--group", "root", "--port",
            str(ATFTPD_PORT), "--bind-address", HERE, "--logfile", f"{self.folder}/log",
            "--no-multicast", self.folder], HERE, ATFTPD_PORT)
        relay = [sys.executable, str(pathlib.Path(__file__).with_name("relay.py")), RELAYED, "69",
                 HERE, str(ATFTPD_PORT), str(DELAY_MS)]
        self._start("relay", relay, RELAYED, 69)


def is_bound(address, port):
    """From /proc/net/udp, where an address is written as a little number."""
    octets = "".join(f"{int(octet):02X}" for octet in reversed(address.split(".")))
    table = pathlib.Path("/proc/net/udp").read_text(encoding="ascii")
    return f" {octets}:{port:04X} " in table or f" 00000000:{port:04X} " in table


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
    call(words)
    spent_s, after = time.perf_counter() - began_s, resource.getrusage(resource.RUSAGE_CHILDREN)
    if out.read_bytes() != (servers.folder / name).read_bytes():
        raise BenchError(f"{words[0]} brought another file than the server has")
    cpu_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    mib = FILES[name] / (1 << 20)
    return mib / spent_s, cpu_s * 1000 / mib


def measure(folder, say):
    """Rows; those of one server were measured in turns."""
    cable = Cable()
    try:
        cable.set_link("up")
        wait_until(lambda: " state UP " in call(["ip", "-o", "link"]), "the cable's carrier")
        with Servers(folder, SERVER_END) as servers:
            return run_in_turns(servers, plans_of(servers, cable, f"{folder}/tftp-out", say), say)
    finally:
        cable.close()


def plans_of(servers, cable, out, say):
    """(server, client, rounds, file, command) of each row."""
    plans = []
    for server, address in (("tftpd-hpa", HPA), ("dnsmasq", OTHER)):
        if server not in servers.processes:
            say(f"{server} cannot run here, its rows are left out")
            continue
        plans.append((server, "Dialtone", ROUNDS, "big", cable.inside(own(address, "big", out))))
        plans.append((server, f"curl, blksize {BLOCK_BYTES}", ROUNDS, "big",
                      cable.inside(curl(address, "big", out))))
        if shutil.which("tftp") and server == "tftpd-hpa":
            plans.append((server, "tftp-hpa", 1, "big",
                          cable.inside(client_of_hpa(address, "big", out))))
    if "atftpd" not in servers.processes:
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
    told = subprocess.run(["strace", "-f", "-c", *words], stdin=subprocess.DEVNULL, check=True,
                          capture_output=True, text=True, timeout=60)
    total = told.stderr.strip().splitlines()[-1].split()  # percent, s, us a call, calls, errors
    return int(total[3])

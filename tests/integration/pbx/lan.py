# SPDX-License-Identifier: Apache-2.0
"""A LAN with a switch, a phone, a server, and another server that wishes the phone ill or well:
each in a network namespace of its own. For tests with PBXs and DHCP servers that are real.

    lan = Lan(test)
    sipp = lan.sipp("assign", url)
    life = lan.phone("order=pnp").live()
    sipp.check()

The test's program enters network.enter_private_system() before.
"""

import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

from network import Network, scratch_folder
from phone import BIN, OWN_FILE, SOURCE, Phone, start

sys.path.append(str(SOURCE / "sim"))

from ladder.packets import decode
from ladder.pcap import parse_packets
from ladder.sip_messages import read_sip

HERE = pathlib.Path(__file__).parent
DEMO = SOURCE / "sim/demo.d"
PHONE, SERVER, OTHER = "172.18.32.197", "172.18.0.10", "172.18.0.66"
GROUP = "224.0.1.75"
PREFIX_LENGTH = 16
SIP, HTTP, DHCP = 5060, 5481, 67
START_S = 10
SIPP_LIFE_S = 40
SIPP_END_S = 10  # after the phone's life


class Lan:
    def __init__(self, test, phone_address=PHONE):
        self.test = test
        self.folder = pathlib.Path(scratch_folder(test))
        self.folder.chmod(0o711)
        network = Network(test)
        self.switch = network.host()
        self.switch.ip("link", "add", "switch", "type", "bridge", "mcast_snooping", "0")
        self.switch.ip("link", "set", "switch", "addrgenmode", "none", "up")
        self.hosts = {}
        for address in (PHONE, SERVER, OTHER):
            host = network.host()
            port = f"port{len(self.hosts)}"
            network.cable(self.switch, port, host, "eth0")
            self.switch.ip("link", "set", port, "master", "switch")
            self.hosts[address] = host
            if address != PHONE or phone_address:
                self.add_address(address, address)

    def add_address(self, of, address):
        self.hosts[of].ip("address", "add", f"{address}/{PREFIX_LENGTH}", "broadcast", "+",
                          "dev", "eth0")

    # --- the phone --------------------------------------------------------------------------------

    def phone(self, *settings, state=None):
        return LanPhone(self.test, *settings, state=state,
                        prefix=self.hosts[PHONE].inside([]))

    # --- servers ----------------------------------------------------------------------------------

    def spawn(self, at, words, log):
        """A program on the host with that address, its output in a file. Ends with the test."""
        path = self.folder / log
        with open(path, "wb") as file:
            # It ends with this process, too, however that ends.
            words = ["setpriv", "--pdeathsig", "TERM", *words]
            process = subprocess.Popen(self.hosts[at].inside(words), stdin=subprocess.DEVNULL,
                                       stdout=file, stderr=file, start_new_session=True,
                                       cwd=self.folder)
        self.test.addCleanup(end, process)
        return process, path

    def wait_for_port(self, at, port, process, log, kind="udp"):
        table = pathlib.Path(f"/proc/{self.hosts[at].holder.pid}/net/{kind}")
        end_s, tick = time.monotonic() + START_S, threading.Event()
        while not any(f":{port:04X} " in line and (kind == "udp" or " 0A " in line)
                      for line in table.read_text(encoding="ascii").split("\n")):
            if process.poll() is not None or time.monotonic() > end_s:
                self.test.fail(f"nobody listens on {port}: {log.read_text(errors='replace')}")
            tick.wait(0.01)

    def web(self, at=SERVER, certificate=(), port=HTTP):
        return Web(self, at, certificate, port)

    def dhcp(self, *options, at=SERVER, offered=PHONE):
        """dnsmasq, with one address to give away."""
        log = self.folder / f"dhcp-{at}.log"
        process, errors = self.spawn(at, [
            "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--pid-file=",
            "--interface=eth0", "--except-interface=lo", "--bind-interfaces", "--no-ping",
            f"--dhcp-range={offered},{offered},255.255.0.0,1h", "--dhcp-authoritative",
            f"--dhcp-leasefile={self.folder}/leases-{at}", f"--log-facility={log}", *options],
            f"dhcp-{at}.errors")
        self.wait_for_port(at, DHCP, process, errors)
        return process

    def dhcp_client(self, state):
        """busybox udhcpc as the phone's image starts it."""
        image = SOURCE / "rootfs/usr"
        words = [f"DIALTONE={BIN}/dialtone", f"DIALTONE_RESOLV_CONF={self.folder}/resolv.conf",
                 f"DIALTONE_UDHCPC_SCRIPT={image}/share/dialtone/udhcpc.script",
                 image / "sbin/dialtone-udhcpc", "--interface", "eth0", "--state", state]
        return self.spawn(PHONE, ["env", *words], "udhcpc.log")[0]

    def sipp(self, scenario, *options, at=SERVER, port=SIP, calls=1, url=""):
        return Sipp(self, scenario, options, at, port, calls, url)

    def pbx(self, behaviour, url="", at=SERVER, words=()):
        return Pbx(self, behaviour, url, at, words)

    def capture(self):
        return Capture(self)


def end(process):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait(5)


class LanPhone(Phone):
    """On the LAN's cable, with the first request after a start at once."""

    def command(self, *settings, once=True, options=()):
        return super().command(*settings, once=once, options=("--interface", "eth0", *options))


class Web:
    """The laboratory's server with a folder gs/ of configuration files."""

    def __init__(self, lan, at, certificate, port):
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://{at}:{port}/gs"
        self.file_url = f"{self.url}/{OWN_FILE}"
        self.root = lan.folder / f"web-{at}-{port}"
        (self.root / "gs").mkdir(parents=True)
        self.log = lan.folder / f"web-{at}-{port}.log"
        process, errors = lan.spawn(at, [
            sys.executable, "-B", DEMO / "lab_file_server.py", scheme, at, port, self.root,
            self.log, *certificate], f"web-{at}-{port}.errors")
        lan.wait_for_port(at, port, process, errors, "tcp")

    def put(self, content, name=OWN_FILE):
        """In the folder gs/, and beside it for whoever is given the host alone."""
        (self.root / "gs" / name).write_bytes(content)
        (self.root / name).write_bytes(content)

    def paths(self):
        """What was asked for, in order."""
        rows = self.log.read_text(encoding="utf-8").split("\n")
        return [row.split("\t")[3] for row in rows if row]


class Sipp:
    """sipp as a PBX with one of the scenarios here, or the demonstration's. It is bound to no
    address, so it hears the group that its host has joined."""

    def __init__(self, lan, scenario, options, at, port, calls, url):
        self.lan, self.scenario = lan, scenario
        self.at = at
        path = HERE / f"{scenario}.xml"
        path = path if path.exists() else DEMO / f"{scenario}.xml"
        lan.hosts[at].run("ip", "address", "add", f"{GROUP}/32", "dev", "eth0", "autojoin",
                          check=False)
        self.messages = lan.folder / f"{scenario}.messages"
        self.errors = lan.folder / f"{scenario}.errors"
        words = ["sipp", "-sf", path, "-i", "0.0.0.0", "-p", port, "-m", calls, "-nostdin",
                 "-key", "here", at, "-key", "url", url, "-timeout", SIPP_LIFE_S,
                 "-timeout_error", "-trace_msg", "-message_file", self.messages,
                 "-trace_err", "-error_file", self.errors, *options]
        self.process, self.log = lan.spawn(at, words, f"{scenario}.log")
        kind = "tcp" if "t1" in options else "udp"
        lan.wait_for_port(at, port, self.process, self.log, kind)

    def check(self):
        """It came to the end of its scenario, and everything was as the scenario has it."""
        try:
            status = self.process.wait(SIPP_END_S)
        except subprocess.TimeoutExpired:
            status = "none, it still waits"
        errors = self.errors.read_text(errors="replace") if self.errors.exists() else ""
        self.lan.test.assertEqual(status, 0, f"sipp {self.scenario}: {errors}\n{self.talk()}")

    def talk(self):
        return self.messages.read_text(errors="replace") if self.messages.exists() else ""


class Pbx:
    """The one of pbx.py, with one of its behaviours."""

    def __init__(self, lan, behaviour, url, at, words):
        self.process, self.path = lan.spawn(at, [
            sys.executable, "-B", HERE / "pbx.py", behaviour, at, url, *words],
            f"pbx-{behaviour}-{at}.log")
        lan.wait_for_port(at, SIP, self.process, self.path)

    def heard(self):
        """A line for each message it got: who sent it, its method or status, CSeq of an answer."""
        return self.path.read_text(encoding="utf-8")

    def end(self):
        end(self.process)


class Capture:
    """What passes the phone's interface."""

    def __init__(self, lan):
        self.lan, self.path = lan, lan.folder / "run.pcap"
        self.process = start(lan.test, lan.hosts[PHONE].inside(
            [sys.executable, "-B", DEMO / "capture.py", "eth0", self.path]))
        assert self.process.stdout.readline() == "ready\n"

    def segments(self):
        """Everything until now; the capture is over then."""
        self.process.terminate()
        self.process.communicate(timeout=10)
        packets = parse_packets(self.path.read_bytes())
        return [segment for segment in map(decode, packets) if segment]

    def sip(self):
        """[(time in s, segment, SipMessage)] of the SIP datagrams."""
        rows = [(segment.at_us / 1e6, segment, read_sip(segment.payload))
                for segment in self.segments() if segment.protocol == "udp"]
        return [row for row in rows if row[2]]

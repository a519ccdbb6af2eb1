# SPDX-License-Identifier: Apache-2.0
"""The demonstration itself; sim/demo has installed and built what it needs."""

import signal

# Until there is something to clean up, Ctrl-C ends it without a word.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import contextlib
import os
import select
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from console import Console
from arm_phone import ArmPhone
from dhcp import DhcpClient, DhcpServer
from file_server import file_server
from ladder.diagram import Host, build_diagram, summary
from ladder.pcap import read_packets
from ladder.svg import draw_svg
from ladder.terminal import draw_terminal
from network import Network
from pbx import GROUP, LabPbx, Sipp
from phone import Phone
from processes import ENDING, DemoError, start, stop, stop_all, wait_until
from provisioning import FILE_NAME, MAC, ProvisioningFile
from verdict import verdicts

PHONE_ADDRESS, SERVER_ADDRESS = "172.18.32.197", "172.18.0.10"
PHONE_END = ("phone", "eth0", "00:0b:82:27:3b:89", PHONE_ADDRESS)
SERVER_END = ("server", "eth0", "02:00:5e:00:00:0a", SERVER_ADDRESS)
BROADCAST = "255.255.255.255"
READY_S = 5
LOG_S = 1

SOURCE_WORDS = {
    "pnp": "The phone knows no server: it asks for one by SIP plug and play.",
    "dhcp": "The phone knows no server, and has no address: it asks DHCP for both.",
    "static": "The phone knows one thing: static.url = {url}",
}
HOW = {"pnp": "SIP plug and play, then {protocol}", "dhcp": "DHCP option 66, then {protocol}",
       "static": "static server over {protocol}"}


@dataclass
class Run:
    """What a finished run left behind, for verdict.py."""

    source: str
    protocol: str
    ending: tuple  # (is it as it should be, the sentence about it)
    status: dict
    configuration: str
    journal: str
    console: str
    ladder: str
    fetches: list
    packets: list
    server: object  # FileServer
    pbx: object     # Pbx, or None
    file: object    # ProvisioningFile
    url: str        # what the phone is told
    file_name: str = FILE_NAME


class Interrupted(Exception):
    """A signal asks for the end."""


def interrupt(number, _):
    raise Interrupted(number)


class Demonstration:
    def __init__(self, given, folder, stack):
        self.given, self.folder, self.stack = given, folder, stack
        self.console = Console(f"{given.output}/console.log")
        stack.callback(self.console.close)
        self.file = ProvisioningFile(SERVER_ADDRESS, given.encrypt, folder)
        self.network = Network()
        stack.callback(self.network.close)
        self.capture = self.pbx = self.dhcp_server = None

    # --- before power-on --------------------------------------------------------------------------

    def lay_out(self):
        for host in ("phone", "server"):
            self.network.add_host(host)
        self.phone = (ArmPhone if self.given.arm else Phone)(self.network, "phone", self.given,
                                                             self.folder)
        self.phone.plug_in(SERVER_END, PHONE_END, self.given.source != "dhcp")
        self.network.wait_for_carrier("phone", PHONE_END[1])
        self.server = file_server(not self.given.own_servers, self.network, "server",
                                  SERVER_ADDRESS, self.given.protocol, f"{self.folder}/server")
        self.file.write(self.server.path_of(FILE_NAME))
        self.start_part(self.server)
        if self.given.source == "pnp":
            kind = LabPbx if self.given.own_servers else Sipp
            self.pbx = kind(self.network, "server", SERVER_END[1], SERVER_ADDRESS, self.url(),
                            self.folder)
            self.start_part(self.pbx)
        elif self.given.source == "dhcp":
            self.dhcp_server = DhcpServer(self.network, "server", SERVER_END[1], PHONE_ADDRESS,
                                          self.url(), self.folder)
            self.start_part(self.dhcp_server)

    def start_part(self, part):
        self.stack.callback(part.stop)
        part.start()

    def url(self):
        """What the phone is told: a PBX names the file itself, the others the folder."""
        return f"{self.server.url}/{FILE_NAME}" if self.given.source == "pnp" else self.server.url

    def servers(self, between=" and "):
        parts = (self.pbx, self.dhcp_server, self.server)
        return between.join(dict.fromkeys(part.name for part in parts if part))

    def start_capture(self):
        path = f"{self.folder}/run.pcap"
        self.capture = start(self.network.inside("server", [
            sys.executable, f"{HERE}/capture.py", SERVER_END[1], path]), stdout=subprocess.PIPE)
        self.stack.callback(stop, self.capture)
        pipe = self.capture.stdout
        is_told, _, _ = select.select([pipe], [], [], READY_S)
        if not is_told or pipe.readline() != b"ready\n":
            raise DemoError("the capture did not start")

    def settings(self):
        settings = {"order": self.given.source}
        if self.given.source == "static":
            settings["static.url"] = self.url()
        return settings

    def setting_files(self):
        """Settings whose value is, or is in, a file."""
        files = {}
        if self.given.protocol == "https":
            files["tls.ca"] = self.server.authority
        if self.given.encrypt:
            files["config.password"] = self.file.key_path
        return files

    # --- the phone's life -------------------------------------------------------------------------

    def live(self):
        """The phone's life, shown as it happens."""
        self.stack.callback(self.phone.stop)
        self.phone.power_on(self.settings(), self.setting_files())
        if self.given.source == "dhcp" and not self.given.arm:
            self.start_part(DhcpClient(self.network, "phone", PHONE_END[1], self.given.root,
                                       self.given.programs, self.phone.state, self.folder))
        self.phone.live(self.console)
        self.let_log_settle()
        self.server.stop()
        stop(self.capture)

    def let_log_settle(self):
        """A server may write down what it has sent a moment after the phone has it."""
        with contextlib.suppress(DemoError):
            wait_until(lambda: sum(fetch.path.endswith("/" + FILE_NAME)
                                   for fetch in self.server.fetches()) >= 2, "log", LOG_S)

    def show(self):
        where = f"{PHONE_ADDRESS} (MAC {MAC}) and {self.servers()} at {SERVER_ADDRESS}"
        self.console.say(f"{self.phone.words} at {where}, on a network of their own.", "head")
        self.console.say(SOURCE_WORDS[self.given.source].format(url=self.server.url))
        self.console.say()
        self.live()
        phone = self.phone
        packets = read_packets(f"{self.folder}/run.pcap")
        diagram = self.draw(packets)
        svg = draw_svg(diagram, "A phone provisions itself", self.subtitle(diagram))
        configuration = phone.configuration()
        self.console.heading("The configuration it runs with now:")
        for line in configuration.splitlines() or ["none"]:
            self.console.say("    " + line)
        self.console.heading("Who said what:")
        self.console.show("\n" + draw_terminal(diagram, self.console.has_colour))
        self.keep(configuration, phone.journal(), svg)
        self.console.log.flush()
        with open(f"{self.given.output}/console.log", encoding="utf-8") as file:
            shown = file.read()
        return Run(self.given.source, self.given.protocol, phone.ending(), phone.status(),
                   configuration, phone.journal(), shown, svg + draw_terminal(diagram),
                   self.server.fetches(), packets, self.server, self.pbx, self.file, self.url())

    def draw(self, packets):
        name = "lab servers" if self.given.own_servers else self.servers(", ")
        hosts = [Host("Phone", PHONE_ADDRESS),
                 Host(name, SERVER_ADDRESS, also=(GROUP, BROADCAST))]
        return build_diagram(packets, self.phone.entries(), hosts, self.phone.power_on_us)

    def subtitle(self, diagram):
        how = HOW[self.given.source].format(protocol=self.given.protocol) + \
            (", encrypted file" if self.given.encrypt else "")
        return f"{how}: {summary(diagram)}"

    def keep(self, configuration, journal, svg):
        out = self.given.output
        shutil.copyfile(f"{self.folder}/run.pcap", f"{out}/run.pcap")
        for name, text in (("config.txt", configuration), ("journal.txt", journal),
                           ("ladder.svg", svg)):
            with open(f"{out}/{name}", "w", encoding="utf-8") as file:
                file.write(text)

    def judge(self, run_seen):
        found = verdicts(run_seen)
        self.console.heading("Seen from outside and inside:")
        for is_so, words in found:
            self.console.say(f"    {'yes' if is_so else 'NO '}  {words}",
                             "info" if is_so else "failure")
        is_good = all(is_so for is_so, _ in found)
        self.console.say()
        self.console.say("The phone is provisioned and confirmed." if is_good else
                         "Not provisioned and confirmed: see the lines marked NO.",
                         "good" if is_good else "failure")
        out = os.path.relpath(self.given.output, self.given.root)
        out = self.given.output if out.startswith("..") else out
        self.console.say(f"{out}: config.txt journal.txt console.log ladder.svg run.pcap", "soft")
        return 0 if is_good else 1


def arguments():
    parser = argparse.ArgumentParser(prog="sim/demo")
    parser.add_argument("--root", required=True)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--own-servers", action="store_true",
                        help="in a user namespace: what wants to be root is done without")
    parser.add_argument("--source", choices=tuple(HOW), required=True)
    parser.add_argument("--protocol", choices=("http", "https", "tftp", "ftp"), default="http")
    parser.add_argument("--encrypt", action="store_true")
    parser.add_argument("--image", default="", help="of an ARM machine, which the phone is then")
    parser.add_argument("--output")
    given = parser.parse_args()
    given.arm = bool(given.image)
    given.output = os.path.abspath(given.output or f"{given.root}/build/demo")
    return given


def demonstrate(given):
    for program in ("dialtoned", "dialtone"):
        if not os.access(f"{given.programs}/{program}", os.X_OK):
            raise DemoError(f"{given.programs}/{program} is not there: "
                            "run sim/demo without --no-build")
    try:
        os.makedirs(given.output, exist_ok=True)
        with open(f"{given.output}/console.log", "w", encoding="utf-8"):
            pass
    except OSError as error:
        raise DemoError(f"{error.filename}: {error.strerror} (--output names another folder)") \
            from None
    with contextlib.ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="dialtone-demo-")
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        os.chmod(folder, 0o711)
        stack.callback(stop_all)
        demonstration = Demonstration(given, folder, stack)
        try:
            demonstration.lay_out()
            demonstration.start_capture()
            return demonstration.judge(demonstration.show())
        finally:
            ignore_signals()  # nothing may cut the cleaning up short


def ignore_signals():
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def main():
    given = arguments()
    for number in ENDING:
        signal.signal(number, interrupt)
    try:
        return demonstrate(given)
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except Interrupted as signalled:
        print("demo: interrupted; everything is cleaned up", file=sys.stderr)
        return 128 + signalled.args[0]


if __name__ == "__main__":
    sys.exit(main())

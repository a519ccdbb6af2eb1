# SPDX-License-Identifier: Apache-2.0
"""The demonstration itself; sim/demo has installed and built what it needs."""

import signal

# Until there is something to clean up, Ctrl-C ends it without a word.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import contextlib
import os
import secrets
import select
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from xml.sax.saxutils import escape

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from console import Console
from ladder.diagram import Host, build_diagram, summary
from ladder.journal import parse_journal
from ladder.pcap import read_packets
from ladder.svg import draw_svg
from ladder.terminal import draw_terminal
from network import Network, demand_root
from phone import Phone
from processes import DemoError, run, start, stop
from verdict import verdicts
from web_server import WebServer

MAC = "000B82273B89"
PHONE_ADDRESS, SERVER_ADDRESS = "172.18.32.197", "172.18.0.10"
PHONE_END = ("phone", "eth0", "00:0b:82:27:3b:89", PHONE_ADDRESS)
SERVER_END = ("server", "eth0", "02:00:5e:00:00:0a", SERVER_ADDRESS)
FILE_NAME = "cfg000b82273b89.xml"
READY_S = 5

# What the administrator wants of the phone; the two passwords are drawn for each run.
VALUES = {
    "P271": "1",               # account 1 is active
    "P270": "Front desk",      # its name
    "P47": SERVER_ADDRESS,     # SIP server
    "P35": "1001",             # user
    "P36": "1001",             # authentication name
    "P3": "Reception & Hall",  # shown to others
    "P30": SERVER_ADDRESS,     # NTP server
}
SECRET_KEYS = ("P34", "P2")    # SIP password, administrator's password


@dataclass
class Run:
    """What a finished run left behind, for verdict.py."""

    protocol: str
    exit_status: int
    status: dict
    configuration: str
    journal: str
    console: str
    ladder: str
    fetches: list
    packets: list
    file: bytes  # as nginx served it
    secrets: list
    values: dict
    file_name: str = FILE_NAME


class Interrupted(Exception):
    """A signal asks for the end."""


def interrupt(number, _):
    raise Interrupted(number)


def configuration_file(passwords):
    values = {**VALUES, **dict(zip(SECRET_KEYS, passwords))}
    rows = "".join(f"    <{key}>{escape(value)}</{key}>\n" for key, value in values.items())
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<gs_provision version="1">\n'
            f"  <mac>{MAC.lower()}</mac>\n  <config version=\"1\">\n{rows}  </config>\n"
            "</gs_provision>\n")


class Demonstration:
    def __init__(self, given, folder, stack):
        self.given, self.folder, self.stack = given, folder, stack
        self.console = Console(f"{given.output}/console.log")
        stack.callback(self.console.close)
        self.passwords = [secrets.token_urlsafe(12) for _ in SECRET_KEYS]
        self.file_password = secrets.token_urlsafe(12) if given.encrypt else ""
        self.network = Network()
        stack.callback(self.network.close)
        self.capture = None

    def lay_out(self):
        for host in ("phone", "server"):
            self.network.add_host(host)
        self.network.join(SERVER_END, PHONE_END)
        self.network.wait_for_carrier("phone", PHONE_END[1])
        self.server = WebServer(self.network, "server", SERVER_ADDRESS, self.given.protocol,
                                f"{self.folder}/server")
        self.stack.callback(self.server.stop)
        self.write_file()
        self.server.start()

    def write_file(self):
        path = self.server.path_of(FILE_NAME)
        plain = path if not self.given.encrypt else f"{self.folder}/plain.xml"
        with open(plain, "w", encoding="utf-8") as file:
            file.write(configuration_file(self.passwords))
        if self.given.encrypt:
            with open(f"{self.folder}/password", "w", encoding="utf-8") as file:
                file.write(self.file_password)
            run(["openssl", "enc", "-aes-256-cbc", "-md", "sha256", "-salt", "-in", plain,
                 "-out", path, "-pass", f"file:{self.folder}/password"], "openssl enc")
        with open(path, "rb") as file:
            self.file = file.read()

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
        settings = ["order=static", f"static.url={self.server.url}"]
        if self.given.protocol == "https":
            settings.append(f"tls.ca={self.server.authority}")
        if self.given.encrypt:
            settings.append(f"config.password=@{self.folder}/password")
        return settings

    def live(self):
        """The phone's life, shown as it happens. Returns the phone, at its end."""
        phone = Phone(self.network, "phone", PHONE_END[1], MAC, self.given.programs, self.folder)
        self.stack.callback(phone.stop)
        phone.power_on(self.settings())
        for event in phone.events():
            self.console.event(event)
        self.exit_status = phone.wait()
        for line in phone.console().splitlines():
            self.console.say(f"           console {line}", "soft")
        self.server.stop()
        stop(self.capture)
        return phone

    def draw(self, packets, phone):
        hosts = [Host("Phone", PHONE_ADDRESS), Host("nginx", SERVER_ADDRESS)]
        return build_diagram(packets, parse_journal(phone.journal()), hosts, phone.power_on_us)

    def show(self):
        where = f"{PHONE_ADDRESS} (MAC {MAC}) and nginx at {SERVER_ADDRESS}"
        self.console.say(f"A phone at {where}, on a network of their own.", "head")
        self.console.say(f"The phone knows one thing: static.url = {self.server.url}")
        self.console.say()
        phone = self.live()
        packets = read_packets(f"{self.folder}/run.pcap")
        diagram = self.draw(packets, phone)
        title = "A phone provisions itself"
        svg = draw_svg(diagram, title, self.subtitle(diagram))
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
        return Run(self.given.protocol, self.exit_status, phone.status(), configuration,
                   phone.journal(), shown, svg + draw_terminal(diagram), self.server.fetches(),
                   packets, self.file, [*self.passwords, *filter(None, [self.file_password])],
                   VALUES)

    def subtitle(self, diagram):
        how = f"static server over {self.given.protocol}" + \
            (", encrypted file" if self.given.encrypt else "")
        return f"{how}: {summary(diagram)}"

    def keep(self, configuration, journal, svg):
        out = self.given.output
        for name, text in (("config.txt", configuration), ("journal.txt", journal),
                           ("ladder.svg", svg)):
            with open(f"{out}/{name}", "w", encoding="utf-8") as file:
                file.write(text)
        shutil.copyfile(f"{self.folder}/run.pcap", f"{out}/run.pcap")

    def judge(self, finished):
        self.console.heading("Seen from outside and inside:")
        found = verdicts(finished)
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
    parser.add_argument("--protocol", choices=("http", "https"), default="http")
    parser.add_argument("--encrypt", action="store_true")
    parser.add_argument("--output")
    given = parser.parse_args()
    given.output = os.path.abspath(given.output or f"{given.root}/build/demo")
    return given


def demonstrate(given):
    demand_root()
    for program in ("dialtoned", "dialtone"):
        if not os.access(f"{given.programs}/{program}", os.X_OK):
            raise DemoError(f"{given.programs}/{program} is not there: "
                            "run sim/demo without --no-build")
    os.makedirs(given.output, exist_ok=True)
    with contextlib.ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="dialtone-demo-")
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        os.chmod(folder, 0o711)
        demonstration = Demonstration(given, folder, stack)
        try:
            demonstration.lay_out()
            demonstration.start_capture()
            return demonstration.judge(demonstration.show())
        finally:
            ignore_signals()  # nothing may cut the cleaning up short


def ignore_signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def main():
    given = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
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

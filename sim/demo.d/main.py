# SPDX-License-Identifier: Apache-2.0
"""The demonstration itself; sim/demo has installed and built what it needs."""

import signal

# Until there is something to clean up, Ctrl-C ends it without a word.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import contextlib
import os
import pathlib
import shutil
import sys
import tempfile
from types import SimpleNamespace

from acs import PARAMETERS, DemoAcs
from arm_phone import ArmPhone
from console import Console
from kit import KitError, interruption, network
from kit.capture import Capture
from kit.certificates import Authority, names
from kit.configuration import MAC, OWN_FILE
from kit.dnsmasq import DhcpServer, TftpProgram, option
from kit.ftp import FtpServer
from kit.nginx import Nginx
from kit.pbx import GROUP, Pbx
from kit.processes import stop, stop_all
from kit.sipp import Sipp
from kit.tftp import TftpServer
from kit.udhcpc import start_udhcpc
from kit.vsftpd import Vsftpd
from kit.waiting import wait_until
from kit.web import WebServer, tls_context
from ladder.diagram import Host, build_diagram, summary
from ladder.svg import draw_svg
from ladder.terminal import draw_terminal
from phone import ADDRESS, INTERFACE, SERVER_ADDRESS, DemoPhone
from provisioning import ProvisioningFile
from verdict import verdicts

LOCATION = "provisioning"  # the folder of the Grandstream text's own example
WEB_PORTS = {"http": 5481, "https": 5443}
BROADCAST, NETMASK = "255.255.255.255", "255.255.0.0"
VENDOR_CLASS = "Grandstream GXP1628"
LOG_S = 1

SOURCE_WORDS = {
    "pnp": "The phone knows no server: it asks for one by SIP plug and play.",
    "dhcp": "The phone knows no server, and has no address: it asks DHCP for both.",
    "static": "The phone knows one thing: static.url = {url}",
    "tr069": "The phone knows no server, and has no address: it asks DHCP, which names an ACS.",
}
KNOWS_ACS = "The phone knows one thing: tr069.acs_url = {url}"
HOW = {"pnp": "SIP plug and play, then {protocol}", "dhcp": "DHCP option 66, then {protocol}",
       "static": "static server over {protocol}", "tr069": "an ACS by TR-069 over {protocol}"}


class LabPbx(Pbx):
    """Needs neither root nor a package."""

    name = "lab PBX"

    def verdict(self):
        is_so = any(" 200 " in line and "NOTIFY" in line for line in self.lines)
        return is_so, "the lab PBX sent a NOTIFY, and it was " + \
            ("answered 200" if is_so else "not answered 200")


class Demonstration:
    def __init__(self, given, folder, stack):
        self.given, self.folder, self.stack = given, folder, stack
        self.console = Console(f"{given.output}/console.log")
        stack.callback(self.console.close)
        self.file = ProvisioningFile(SERVER_ADDRESS, given.encrypt, folder)
        self.capture = self.pbx = self.dhcp_server = self.authority = None
        # Whom nobody gives an address is told what DHCP would say.
        self.has_dhcp = given.source == "dhcp" or (given.source == "tr069" and
                                                   not given.own_servers)

    # --- before power-on --------------------------------------------------------------------------

    def keep(self, thing):
        self.stack.callback(thing.close)
        return thing

    def lay_out(self):
        host, self.host = self.keep(network.Host()), self.keep(network.Host())
        self.phone = (ArmPhone if self.given.arm else DemoPhone)(host, self.given, self.folder)
        self.phone.plug_in(self.host, not self.has_dhcp)
        self.server = self.keep(self.acs() if self.given.source == "tr069" else self.files())
        self.server.start()
        if self.given.source == "pnp":
            self.pbx = self.keep(
                LabPbx(SERVER_ADDRESS, self.url(), self.host) if self.given.own_servers else
                Sipp(self.folder, self.host, SERVER_ADDRESS, self.url()))
            self.pbx.start()
        elif self.has_dhcp:
            self.dhcp_server = self.keep(
                DhcpServer(f"{self.folder}/dhcp", self.host, INTERFACE, (ADDRESS, ADDRESS, NETMASK),
                           self.dhcp_option()))
            self.dhcp_server.start()
        self.capture = self.keep(Capture(INTERFACE, self.host))

    def acs(self):
        return DemoAcs(self.folder, self.given.lab, self.host, SERVER_ADDRESS,
                       self.file.all_values())

    def files(self):
        """A server with the phone's file."""
        server = self.file_server(f"{self.folder}/server")
        server.put(f"/{LOCATION}/{OWN_FILE}", self.file.make())
        return server

    def dhcp_option(self):
        """What names the server: option 66, or sub-option 1 of 43 (TR-069 3.1) for an ACS."""
        url = self.url()
        if self.given.source != "tr069":
            return option(66, url, is_forced=False)
        return option(43, bytes([1, len(url)]) + url.encode())

    def file_server(self, folder):
        """One of those that administrators run, or of this process for people who are not root."""
        protocol, place = self.given.protocol, {"host": self.host, "address": SERVER_ADDRESS}
        certificate = None
        if protocol == "https":
            self.authority = Authority(self.folder)
            certificate = self.authority.issue("server", names(SERVER_ADDRESS))
        if protocol in WEB_PORTS:
            place["port"] = WEB_PORTS[protocol]
            return WebServer(tls=certificate and tls_context(*certificate), **place) \
                if self.given.own_servers else Nginx(folder, certificate=certificate, **place)
        if self.given.own_servers:
            return {"ftp": FtpServer, "tftp": TftpServer}[protocol](**place)
        return {"ftp": Vsftpd, "tftp": TftpProgram}[protocol](folder, **place)

    def url(self):
        """What the phone is told: a PBX names the file itself, the others the folder; an ACS has
        no files."""
        if self.given.source == "tr069":
            return self.server.url()
        return self.server.url(f"{LOCATION}/{OWN_FILE}" if self.given.source == "pnp" else LOCATION)

    def servers(self, between=" and "):
        parts = (self.pbx, self.dhcp_server, self.server)
        return between.join(dict.fromkeys(part.name for part in parts if part))

    def settings(self):
        names_acs = self.given.source == "tr069" and self.has_dhcp
        settings = {"order": "dhcp,tr069" if names_acs else self.given.source}
        if self.given.source == "static":
            settings["static.url"] = self.url()
        if self.given.source == "tr069" and not self.has_dhcp:
            settings["tr069.acs_url"] = self.url()
        return settings

    def setting_files(self):
        """Settings whose value is, or is in, a file."""
        files = {}
        if self.given.protocol == "https":
            files["tls.ca"] = self.authority.certificate
        if self.given.encrypt:
            files["config.password"] = self.file.key_path
        return files

    # --- the phone's life -------------------------------------------------------------------------

    def live(self):
        """The phone's life, shown as it happens."""
        self.stack.callback(self.phone.stop)
        self.phone.power_on(self.settings(), self.setting_files())
        if self.has_dhcp and not self.given.arm:
            self.stack.callback(stop, start_udhcpc(
                self.phone.host, INTERFACE, self.phone.state, self.folder, "--vendor-class",
                VENDOR_CLASS, tool=f"{self.given.programs}/dialtone"))
        self.phone.live(self.console)
        if self.given.source == "tr069":
            self.server.finish()
        else:
            self.let_log_settle()
        self.server.stop()
        self.capture.stop()

    def let_log_settle(self):
        """A server may write down what it has sent a moment after the phone has it."""
        with contextlib.suppress(KitError):
            wait_until(lambda: sum(request.path.endswith("/" + OWN_FILE)
                                   for request in self.server.requests) >= 2, "log", LOG_S)

    def show(self):
        """The whole life; what verdict.py is to judge of it."""
        where = f"{ADDRESS} (MAC {MAC}) and {self.servers()} at {SERVER_ADDRESS}"
        self.console.say(f"{self.phone.words} at {where}, on a network of their own.", "head")
        knows_acs = self.given.source == "tr069" and not self.has_dhcp
        words = KNOWS_ACS if knows_acs else SOURCE_WORDS[self.given.source]
        self.console.say(words.format(url=self.url()))
        self.console.say()
        self.live()
        phone = self.phone
        packets = self.capture.stop()
        diagram = self.draw(packets)
        svg = draw_svg(diagram, "A phone provisions itself", self.subtitle(diagram))
        configuration = phone.masked_configuration()
        self.console.heading("The configuration it runs with now:")
        for line in configuration.splitlines() or ["none"]:
            self.console.say("    " + line)
        self.console.heading("Who said what:")
        self.console.show("\n" + draw_terminal(diagram, self.console.has_colour))
        self.save(configuration, phone.journal_text(), svg)
        self.console.log.flush()
        shown = pathlib.Path(self.given.output, "console.log").read_text(encoding="utf-8")
        return SimpleNamespace(
            source=self.given.source, protocol=self.given.protocol, ending=phone.ending(),
            status=phone.status(), configuration=configuration, journal=phone.journal_text(),
            console=shown, ladder=svg + draw_terminal(diagram), packets=packets, server=self.server,
            pbx=self.pbx, file=self.file, file_name=OWN_FILE, url=self.url(),
            has_dhcp=self.has_dhcp, keys=PARAMETERS.values())

    def draw(self, packets):
        name = "lab servers" if self.given.own_servers else self.servers(", ")
        hosts = [Host("Phone", ADDRESS),
                 Host(name, SERVER_ADDRESS, also=(GROUP, BROADCAST))]
        return build_diagram(packets, self.phone.entries(), hosts, self.phone.power_on_us)

    def subtitle(self, diagram):
        how = HOW[self.given.source].format(protocol=self.given.protocol) + \
            (", encrypted file" if self.given.encrypt else "")
        return f"{how}: {summary(diagram)}"

    def save(self, configuration, journal, svg):
        out = self.given.output
        self.capture.save(f"{out}/run.pcap")
        for name, text in (("config.txt", configuration), ("journal.txt", journal),
                           ("ladder.svg", svg)):
            pathlib.Path(out, name).write_text(text, encoding="utf-8")

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
    parser.add_argument("--lab", default="", help="dialtone-lab, whose ACS --source tr069 needs")
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
    programs = [f"{given.programs}/{program}" for program in ("dialtoned", "dialtone")]
    for program in programs + [given.lab] * (given.source == "tr069"):
        if not os.access(program, os.X_OK):
            raise KitError(f"{program} is not there: run sim/demo without --no-build")
    try:
        os.makedirs(given.output, exist_ok=True)
        pathlib.Path(given.output, "console.log").write_text("", encoding="utf-8")
    except OSError as error:
        raise KitError(f"{error.filename}: {error.strerror} (--output names another folder)") \
            from None
    with contextlib.ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="dialtone-demo-")
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        os.chmod(folder, 0o711)
        stack.callback(stop_all)
        demonstration = Demonstration(given, folder, stack)
        try:
            demonstration.lay_out()
            return demonstration.judge(demonstration.show())
        finally:
            interruption.end()


def main():
    given = arguments()
    interruption.begin()
    try:
        return demonstrate(given)
    except KitError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except interruption.Interrupted as signalled:
        print("demo: interrupted; everything is cleaned up", file=sys.stderr)
        return 128 + signalled.args[0]


if __name__ == "__main__":
    sys.exit(main())

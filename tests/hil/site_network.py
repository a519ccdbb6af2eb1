# SPDX-License-Identifier: Apache-2.0
"""The site of one scenario: a network of its own with DHCP, a PBX and file servers, that does what
the scenario's steps say and remembers what it was asked. Nothing of it reaches another network."""

import pathlib
import select
import socket
import threading
import time

from hil.seen import Request
from kit import KitError
from kit.capture import Capture
from kit.closing import Keeper
from kit.dnsmasq import DhcpServer, option
from kit.ftp import FtpServer
from kit.network import Host
from kit.pbx import MESSAGE_BYTES, Pbx, assigns, unasked_notify
from kit.server import url_of
from kit.tftp import TftpServer
from kit.waiting import pause
from kit.web import Answer, WebServer
from ladder.sip_messages import read_sip

SITE_ADDRESS, PHONE_ADDRESS = "172.18.0.10", "172.18.32.197"
PREFIX_LENGTH, NETMASK = 16, "255.255.0.0"
INTERFACE = "eth0"  # of either end of the cable
SITE_MAC = "02:00:5e:00:00:0a"
VENDOR_OPTION = "43"
NOTIFY_S, NOTIFY_AGAIN_S = 10, 1
SERVERS = {"http": WebServer, "ftp": FtpServer, "tftp": TftpServer}


class InTurn:
    """An answer so many times, then its body as it is."""

    def __init__(self, answer, times):
        self.answer, self.left, self.lock = answer, times, threading.Lock()

    def __call__(self, _):
        with self.lock:
            self.left -= 1
            return self.answer if self.left >= 0 else Answer(body=self.answer.body)


class SiteNetwork(Keeper):
    """`names`: {word: value} for the texts of the scenario, the servers' URLs among them."""

    def __init__(self, scenario, names, contents, seen, folder):
        super().__init__()
        self.scenario, self.contents, self.seen = scenario, contents, seen
        self.folder = pathlib.Path(folder)
        urls = {name: url_of(one.protocol, SITE_ADDRESS, one.port).rstrip("/")
                for name, one in scenario.servers.items()}
        self.names = {**names, "site": SITE_ADDRESS, "secret": contents.secret, **urls}
        self.host = self.phone_host = None
        self.servers = {}
        self.pbx = self.capture = None

    def fill(self, text):
        """The text with what stands in braces; raises KitError for what has no such name."""
        try:
            return text.format(**self.names)
        except (KeyError, IndexError, ValueError) as error:
            raise KitError(f"'{text}' has braces that mean nothing here: {error}; known: "
                           f"{', '.join(sorted(self.names))}") from None

    # --- from its first cable to its end ----------------------------------------------------------

    def lay_out(self):
        """The namespaces, without the cable to the phone, which is the device's."""
        self.host, self.phone_host = self.keep(Host()), self.keep(Host())

    def join(self, mac):
        """The cable to a phone that is inside this computer."""
        self.host.cable(INTERFACE, self.phone_host, INTERFACE, mac=SITE_MAC, other_mac=mac,
                        is_quiet=True)

    def open(self, interface):
        """All services, on the interface that the phone's cable ends at."""
        self.host.add_address(interface, f"{SITE_ADDRESS}/{PREFIX_LENGTH}", "broadcast", "+")
        self.capture = self.keep(Capture(interface, self.host))
        for name, about in self.scenario.servers.items():
            server = self.servers[name] = self.keep(SERVERS[about.protocol](
                host=self.host, address=SITE_ADDRESS, port=about.port,
                is_listening=about.listens))
            server.on_request = lambda request, name=name: self.seen.add(noted(name, request))
            for path, word in about.files.items():
                server.put(self.fill(path), self.contents.of(word))
        if self.scenario.pnp:
            self.pbx = self.keep(Pbx(SITE_ADDRESS, self.fill(self.scenario.pnp), self.host,
                                     lambda e: assigns(e, self.scenario.pnp_after_s)))
            self.pbx.on_request = lambda request: self.seen.add(noted("pbx", request))
        options = [option(code, self.fill(text).encode() if code == VENDOR_OPTION else
                          self.fill(text))  # dnsmasq takes a text for 43 apart; bytes it leaves
                   for code, text in self.scenario.dhcp.items()]
        self.keep(DhcpServer(self.folder, self.host, interface,
                             (PHONE_ADDRESS, PHONE_ADDRESS, NETMASK), *options)).start()

    def close(self):
        super().close()
        if self.capture:
            self.capture.save(self.folder / "run.pcap")

    # --- the steps that are its own: each by its verb, with its value and its options ------------

    def start(self, name, _):
        self.servers[name].start()

    def stop(self, name, _):
        self.servers[name].stop()

    def put(self, path, options):
        self.servers[options["on"]].put(self.fill(path), self.contents.of(options["as"]))

    def remove(self, path, options):
        self.servers[options["on"]].remove(self.fill(path))

    def answer(self, path, options):
        fields = {name: self.fill(text) for name, text in options["fields"].items()}
        body = self.contents.of(options["as"])
        answer = Answer(body, options["status"], fields, is_last=options["dies"])
        if options["stall"] >= 0:
            answer.stall = options["stall"]
        if options["cut"] >= 0:
            answer.cut = options["cut"]
        if options["credentials"]:
            answer.credentials = (*options["credentials"], self.contents.secret)
        self.servers[options["on"]].put(self.fill(path), InTurn(answer, options["times"]))

    def assign(self, text, _):
        if self.pbx is None:
            raise KitError("'assign' in a scenario whose site has no 'pnp'")
        self.pbx.url = self.fill(text)

    def notify(self, event, _):
        """A NOTIFY to the phone's SIP port, again and again until it is answered. Raises KitError
        unless by a 2xx."""
        message = unasked_notify(PHONE_ADDRESS, SITE_ADDRESS, f"{event};reboot=false")
        with self.host.socket(socket.SOCK_DGRAM, SITE_ADDRESS, 0) as line:
            end_s = time.monotonic() + NOTIFY_S
            while time.monotonic() < end_s:
                send(line, message)
                if not select.select([line], [], [], NOTIFY_AGAIN_S)[0]:
                    continue
                answer = receive(line)
                if answer is None:
                    pause(NOTIFY_AGAIN_S)  # its port is closed for now
                elif answer.first[0].startswith("2"):
                    return
                else:
                    raise KitError(f"the phone answered the NOTIFY by {' '.join(answer.first)}")
        raise KitError(f"the phone did not answer the NOTIFY within {NOTIFY_S} s")


def noted(server, request):
    """A server's request as scenarios look at it, without what carries credentials."""
    fields = {name: value for name, value in request.fields.items() if name != "authorization"}
    text = request.raw.decode("latin-1") or f"{request.path} {fields}"
    return Request(0, server, request.method, request.path, request.status,
                   fields.get("user-agent", ""), text)


def send(line, message):
    try:
        line.sendto(message, (PHONE_ADDRESS, 5060))
    except OSError:
        pass  # the word of an earlier one that nobody took


def receive(line):
    try:
        return read_sip(line.recv(MESSAGE_BYTES))
    except OSError:
        return None

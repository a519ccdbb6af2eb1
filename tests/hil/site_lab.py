# SPDX-License-Identifier: Apache-2.0
"""The site of one scenario: a network of its own with DHCP, a PBX and file servers, that does what
the scenario's steps say and remembers what it was asked. Nothing of it reaches another network."""

import secrets
import select
import socket
import sys
import threading
import time

from dhcp import NETMASK
from file_servers import CLASSES, LastAnswer, url_of
from lab_pbx import MESSAGE_BYTES, Pbx
from ladder.sip_messages import read_sip
from namespace import bound_socket, call_inside, run_inside
from network import PREFIX_LENGTH, Network
from paths import SOURCE
from processes import DemoError, start, stop, wait_until
from seen import Request
from server import Answer

SITE_ADDRESS, PHONE_ADDRESS = "172.18.0.10", "172.18.32.197"
SITE_END = ("site", "eth0", "02:00:5e:00:00:0a", SITE_ADDRESS)
PHONE_END = ("phone", "eth0")
VENDOR_OPTION = "43"
READY_S = 10
NOTIFY_S, NOTIFY_AGAIN_S = 10, 1


class SitePbx(Pbx):
    """Assigns `url` so many seconds after the SUBSCRIBE; the answer comes at once."""

    def __init__(self, address, url, after_s, seen):
        super().__init__(address, url)
        self.after_s, self.seen = after_s, seen

    def take(self, data, phone):
        message = read_sip(data)
        if message and message.is_request and message.method == "SUBSCRIBE":
            agent = message.fields.get("user-agent", "")
            self.seen.add(Request(0, "pbx", "SUBSCRIBE", message.first[1], 0, agent,
                                  data.decode("latin-1")))
        before = set(self.unanswered)
        super().take(data, phone)
        for call in set(self.unanswered) - before:
            self.unanswered[call][2] += self.after_s


class Site:
    """`names`: {word: value} for the texts of the scenario, the servers' URLs among them."""

    def __init__(self, scenario, names, contents, seen, folder):
        self.scenario, self.contents, self.seen, self.folder = scenario, contents, seen, folder
        self.names = {**names, "site": SITE_ADDRESS, "secret": contents.secret,
                      **{name: url_of(SITE_ADDRESS, one) for name, one in scenario.servers.items()}}
        self.network = Network()
        self.servers, self.pbx = {}, None
        self.processes = []

    def fill(self, text):
        """The text with what stands in braces; raises DemoError for what has no such name."""
        try:
            return text.format(**self.names)
        except (KeyError, IndexError, ValueError) as error:
            raise DemoError(f"'{text}' has braces that mean nothing here: {error}; known: "
                            f"{', '.join(sorted(self.names))}") from None

    # --- from its first cable to its end ----------------------------------------------------------

    def lay_out(self):
        """The namespaces, without the cable to the phone, which is the device's."""
        for host in ("site", "phone"):
            self.network.add_host(host)

    def path(self):
        return self.network.path("site")

    def open(self, interface):
        """All services, on the interface that the phone's cable ends at."""
        if interface != SITE_END[1]:
            self.network.ip("site", "address", "add", f"{SITE_ADDRESS}/{PREFIX_LENGTH}",
                            "broadcast", "+", "dev", interface)
        self._capture(interface)
        for name, about in self.scenario.servers.items():
            self.servers[name] = CLASSES[about.protocol](self.path(), SITE_ADDRESS, about,
                                                         self.seen)
            for path, word in about.files.items():
                self.servers[name].put(self.fill(path), self.contents.of(word))
        if self.scenario.pnp:
            self.pbx = call_inside(self.path(), lambda: SitePbx(
                SITE_ADDRESS, self.fill(self.scenario.pnp), self.scenario.pnp_after_s, self.seen))
            run_inside(self.path(), self.pbx.run)
        self._serve_dhcp(interface)

    def _capture(self, interface):
        with open(f"{self.folder}/capture.log", "wb") as log:
            capture = start(self.network.inside("site", [
                sys.executable, str(SOURCE / "sim/demo.d/capture.py"), interface,
                f"{self.folder}/run.pcap"]), stdout=-1, stderr=log)
        self.processes.append(capture)
        if not select.select([capture.stdout], [], [], READY_S)[0] or \
                capture.stdout.readline() != b"ready\n":
            raise DemoError("the capture did not start")

    def _serve_dhcp(self, interface):
        """dnsmasq with one address to give, and the scenario's options as they stand there."""
        log_path = f"{self.folder}/dnsmasq.log"
        words = ["dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--pid-file=",
                 f"--interface={interface}", "--except-interface=lo", "--bind-interfaces",
                 f"--dhcp-range={PHONE_ADDRESS},{PHONE_ADDRESS},{NETMASK},1h", "--no-ping",
                 "--dhcp-authoritative", f"--dhcp-leasefile={self.folder}/leases", "--log-dhcp",
                 "--log-facility=-"]
        for code, text in self.scenario.dhcp.items():
            value = self.fill(text)
            # dnsmasq takes a text for 43 apart; as bytes it is left alone.
            value = value.encode().hex(":") if code == VENDOR_OPTION else value
            words.append(f"--dhcp-option-force={code},{value}")
        with open(log_path, "wb") as log:
            process = start(self.network.inside("site", words), stdout=log, stderr=log)
        self.processes.append(process)

        def is_up():
            with open(log_path, encoding="utf-8", errors="replace") as file:
                said = file.read()
            if process.poll() is not None:
                raise DemoError(f"dnsmasq did not start: {said.strip()}")
            return "DHCP, IP range" in said

        wait_until(is_up, "dnsmasq serves", READY_S)

    def close(self):
        for process in reversed(self.processes):
            stop(process)
        for server in self.servers.values():
            server.stop()
            server.close()
        self.network.close()

    # --- what the steps ask of it -----------------------------------------------------------------

    def start(self, name):
        self.servers[name].start()

    def stop(self, name):
        self.servers[name].stop()

    def put(self, path, options):
        self.servers[options["on"]].put(self.fill(path), self.contents.of(options["as"]))

    def remove(self, path, options):
        self.servers[options["on"]].remove(self.fill(path))

    def answer(self, path, options):
        fields = {name: self.fill(text) for name, text in options["fields"].items()}
        body = self.contents.of(options["as"])
        answer = (LastAnswer if options["dies"] else Answer)(body, options["status"], fields)
        if options["stall"] >= 0:
            answer.stall = options["stall"]
        if options["cut"] >= 0:
            answer.cut = options["cut"]
        if options["credentials"]:
            answer.credentials = (*options["credentials"], self.contents.secret)
        self.servers[options["on"]].answer(self.fill(path), answer, options["times"])

    def assign(self, text):
        if self.pbx is None:
            raise DemoError("'assign' in a scenario whose site has no 'pnp'")
        self.pbx.url = self.fill(text)

    def notify(self, event):
        """A NOTIFY to the phone's SIP port, again and again until it is answered. Raises DemoError
        unless by a 2xx."""
        message = notify_text(event)
        with bound_socket(self.path(), socket.SOCK_DGRAM, (SITE_ADDRESS, 0)) as line:
            end_s = time.monotonic() + NOTIFY_S
            while time.monotonic() < end_s:
                send(line, message)
                if not select.select([line], [], [], NOTIFY_AGAIN_S)[0]:
                    continue
                answer = receive(line)
                if answer is None:
                    threading.Event().wait(NOTIFY_AGAIN_S)  # its port is closed for now
                elif answer.first[0].startswith("2"):
                    return
                else:
                    raise DemoError(f"the phone answered the NOTIFY by {' '.join(answer.first)}")
        raise DemoError(f"the phone did not answer the NOTIFY within {NOTIFY_S} s")


def notify_text(event):
    own = f"sip:{SITE_ADDRESS}"
    lines = [f"NOTIFY sip:{PHONE_ADDRESS} SIP/2.0",
             f"Via: SIP/2.0/UDP {SITE_ADDRESS};branch=z9hG4bK{secrets.token_hex(6)};rport",
             "Max-Forwards: 70", f"From: <{own}>;tag={secrets.token_hex(4)}",
             f"To: <sip:{PHONE_ADDRESS}>", f"Call-ID: {secrets.token_hex(12)}", "CSeq: 1 NOTIFY",
             f"Contact: <{own}>", f"Event: {event};reboot=false",
             "Subscription-State: terminated", "Content-Length: 0", "", ""]
    return "\r\n".join(lines).encode()


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

# SPDX-License-Identifier: Apache-2.0
"""An attacker on the phone's own LAN: he sends from any address, takes over another's, and has
servers that ask whoever comes for user and password and keep what they are given. And what the
tests of him have in common: a phone that he may delay and no more."""

import base64
import socket
import struct
import tempfile

from kit.certificates import Authority, names
from kit.configuration import config_file, encrypted
from kit.ftp import FtpServer
from kit.lan import HTTP, OTHER, PHONE, SERVER, Lan, LanWeb
from kit.testcase import PhoneTest
from kit.web import Answer

ONE = config_file({"P47": "one.example"})
EVIL = config_file({"P47": "evil.example"})
PASSWORD = "hush hush"
TTL = 64
ETHERTYPE_ARP, ETHERTYPE_IP = 0x0806, 0x0800
ARP_REPLY = 2
BROADCAST = b"\xff" * 6
CHALLENGES = {"basic": 'Basic realm="phones"',
              "digest": 'Digest realm="phones", qop="auth", algorithm=MD5, nonce="ab12cd34"'}
CHALLENGES["both"] = f"{CHALLENGES['digest']}, {CHALLENGES['basic']}"


def forge(host, source, target, payload):
    """Sends a datagram from this host as if it came from `source`; both are (address, port)."""
    datagram = struct.pack("!4H", source[1], target[1], 8 + len(payload), 0) + payload
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 0, 0, 0, TTL, socket.IPPROTO_UDP, 0,
                         socket.inet_aton(source[0]), socket.inet_aton(target[0]))

    def send():
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
            raw.sendto(header + datagram, (target[0], 0))

    host.call(send)


def take_over(host, address):
    """From now on this host has the address, on eth0, and all of the LAN is told so by ARP."""
    host.add_address("eth0", f"{address}/32")

    def announce():
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
            raw.bind(("eth0", ETHERTYPE_ARP))
            own = raw.getsockname()[4]
            about = own + socket.inet_aton(address)
            raw.send(BROADCAST + own + struct.pack("!HHHBBH", ETHERTYPE_ARP, 1, ETHERTYPE_IP, 6, 4,
                                                   ARP_REPLY) + about + about)

    host.call(announce)


class CuriousWeb(LanWeb):
    """Asks for user and password by `challenge`, whoever they are, and never finds them right; asks
    for nothing without one."""

    def __init__(self, host, address, challenge="", port=HTTP, certificate=()):
        super().__init__(host, address, port, certificate)
        self.offer(Answer(b"no", 401, {"WWW-Authenticate": CHALLENGES[challenge]})
                   if challenge else EVIL)

    def learnt(self):
        """User and password in plain text, of each request that had them."""
        words = [request.authorization.split(" ", 1) for request in self.requests]
        return [base64.b64decode(word[1]).decode() for word in words if word[0] == "Basic"]


class CuriousFtp(FtpServer):
    """Lets nobody in."""

    def __init__(self, host, address):
        super().__init__(only="nobody:at all", host=host, address=address)
        self.folder_url = self.url("gs")

    def learnt(self):
        return [login for login in self.logins if not login.startswith("anonymous:")]


def prepare(stack):
    """What the tests stand on: an authority that phones trust, and one that they do not."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dialtone-attacker-"))
    AttackedTest.authority = Authority(folder, "authority")
    AttackedTest.stranger = Authority(folder, "stranger")


class AttackedTest(PhoneTest):
    """A LAN with a phone, its server at SERVER, and the attacker at OTHER."""

    authority: Authority  # made before the tests run
    stranger: Authority
    phone_address = PHONE

    def setUp(self):
        self.lan = self.keep(Lan(self.scratch_folder(0o711), self.phone_address))
        self.good, self.installed, self.before = None, "", {}

    def certificate(self, authority, address):
        return authority.issue("server", names(address))

    def trusting(self):
        """The setting with which a phone trusts the authority."""
        return f"tls.ca={self.authority.certificate}"

    def secure_web(self, address=SERVER, **dates):
        """A server whose certificate names its address and is of the authority."""
        certificate = self.authority.issue("server", names(address), **dates)
        return self.lan.web(certificate=certificate, address=address)

    def phone_of_verified_server(self, *settings, file=ONE):
        """Provisioned over https from a server whose certificate was checked."""
        self.good = self.secure_web()
        self.good.offer(file)
        return self.provisioned(self.trusting(), *settings)

    def phone_of_encrypted_file(self, *settings):
        """Provisioned over http by a file that only the administrator's password opens."""
        self.good = self.lan.web()
        self.good.offer(encrypted(ONE, PASSWORD))
        return self.provisioned(f"config.password={PASSWORD}", *settings)

    def phone_of_plain_server(self, *settings, file=ONE):
        """Provisioned over http, and nothing vouches for what it holds."""
        self.good = self.lan.web()
        self.good.offer(file)
        return self.provisioned(*settings)

    def provisioned(self, *settings):
        phone = self.lan.phone(f"static.url={self.good.folder_url}", *settings)
        self.check_end(phone.live("order=static"), 0)
        self.remember(phone)
        return phone

    def remember(self, phone):
        """What the attacker may not change from here on."""
        self.installed, self.before = phone.config(), phone.files()

    def evil_web(self, certificate=(), **named):
        web = self.lan.web(OTHER, certificate, **named)
        web.offer(EVIL)
        return web

    def evil_secure_web(self):
        """With a certificate that any authority would give him: for his own name."""
        return self.evil_web(self.certificate(self.authority, OTHER))

    def name_by(self, source, url):
        """The attacker's PBX, or his DHCP server, names this URL."""
        if source == "pnp":
            return self.lan.pbx("assigns", url, OTHER)
        return self.lan.dhcp(f"--dhcp-option-force=66,{url}", at=OTHER)

    def check_untouched(self, phone, life, *refused):
        """`refused`: a journal kind and words of its sentence, if there have to be such."""
        self.check_config(phone, self.installed)
        self.assertEqual(phone.files(), self.before)
        self.assertEqual(life.reboots(), 0)
        self.assertEqual(len(life.of_kind("boot")), 1)
        if refused:
            self.check_words(life, *refused)

# SPDX-License-Identifier: Apache-2.0
"""What a UDP datagram is, by its port and content: SIP start lines, DHCP message types, TFTP
packets, DNS names, NTP; anything else by its ports and size."""

import re
import struct

from ladder.mask import masked_sip_uri, printable

DNS, DHCP, TFTP, NTP, DHCPV6, MDNS = 53, (67, 68), 69, 123, (546, 547), 5353
SIP_REQUEST = re.compile(r"([A-Z]{3,20}) (\S+) SIP/2\.0$")
SIP_STATUS = re.compile(r"SIP/2\.0 (\d{3}) ?(.*)$")
DHCP_COOKIE = b"\x63\x82\x53\x63"
DHCP_TYPES = ("", "DISCOVER", "OFFER", "REQUEST", "DECLINE", "ACK", "NAK", "RELEASE", "INFORM")
DHCPV6_TYPES = ("", "SOLICIT", "ADVERTISE", "REQUEST", "CONFIRM", "RENEW", "REBIND", "REPLY",
                "RELEASE", "DECLINE", "RECONFIGURE", "INFORMATION-REQUEST")
DNS_TYPES = {1: "A", 2: "NS", 5: "CNAME", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV",
             35: "NAPTR", 65: "HTTPS"}
DNS_FAILURES = {1: "format error", 2: "server failure", 3: "no such name", 4: "not implemented",
                5: "refused"}
TFTP_FILE_BYTES = 512


def sip_words(data):
    """(label, detail, tone) of a SIP message, None if it is none."""
    first, _, rest = data[:8192].decode("latin-1").lstrip("\r\n").partition("\n")
    first = printable(first.rstrip("\r"))
    head = re.split(r"\r?\n\r?\n", rest, maxsplit=1)[0]
    request, status = SIP_REQUEST.match(first), SIP_STATUS.match(first)
    if request:
        event = _sip_field(head, "Event|o").split(";")[0].strip()
        label = f"{request[1]} {masked_sip_uri(request[2])}"
        return label, f"Event: {event}" if event else "", "request"
    if not status:
        return None
    method = _sip_field(head, "CSeq").split(" ")[-1]
    tone = {"1": "other", "2": "good", "3": "other"}.get(status[1][0], "bad")
    return f"{status[1]} {status[2]}".strip(), f"to {method}" if method else "", tone


def _sip_field(head, names):
    match = re.search(rf"^(?:{names})[ \t]*:[ \t]*([^\r\n]*)", head, re.M | re.I)
    return printable(match[1].strip()) if match else ""


def _dhcp_words(data, _):
    if len(data) < 240 or data[236:240] != DHCP_COOKIE:
        return None
    at, options = 240, {}
    while at + 1 < len(data) and data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        options[data[at]] = options.get(data[at], b"") + data[at + 2:at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    kind = options.get(53, b"\0")[0]
    name = DHCP_TYPES[kind] if 0 < kind < len(DHCP_TYPES) else "BOOTP"
    named = [f"option {n}" for n in (43, 66, 67, 120, 150, 160) if n in options]
    offered = ".".join(map(str, data[16:20])) if any(data[16:20]) else ""
    detail = ", ".join(filter(None, [offered, *named]))
    return f"DHCP {name}", detail, "request" if data[0] == 1 else "good"


def _dhcpv6_words(data, _):
    kind = data[0] if data else 0
    if not 0 < kind < len(DHCPV6_TYPES):
        return None
    return f"DHCPv6 {DHCPV6_TYPES[kind]}", "", "good" if kind in (2, 7) else "request"


def _dns_words(data, port):
    _, flags, _, answers = struct.unpack_from(">HHHH", data)
    labels, at = [], 12
    while data[at] and len(labels) < 128:
        labels.append(data[at + 1:at + 1 + data[at]].decode("latin-1"))
        at += 1 + data[at]
    (kind,) = struct.unpack_from(">H", data, at + 1)
    name = printable(".".join(labels)) or "."
    what = f"{'mDNS' if port == MDNS else 'DNS'} {DNS_TYPES.get(kind, kind)} {name}"
    if not flags & 0x8000:
        return what, "", "request"
    failure = DNS_FAILURES.get(flags & 15, "")
    return what, failure or f"{answers} answers", "bad" if failure else "good"


def _ntp_words(data, _):
    if len(data) < 48:
        return None
    mode = data[0] & 7
    return "NTP " + {3: "request", 4: "answer"}.get(mode, f"mode {mode}"), "", \
        "request" if mode == 3 else "good"


def tftp_words(data):
    """(label, detail, tone) of a TFTP packet, None if it is none."""
    if len(data) < 4 or data[0] != 0:
        return None
    kind, number = data[1], int.from_bytes(data[2:4], "big")
    texts = [printable(part.decode("latin-1")) for part in data[2:].split(b"\0")]
    if kind in (1, 2):
        options = " ".join(texts[2:]).strip()
        return f"{'RRQ' if kind == 1 else 'WRQ'} {texts[0][:TFTP_FILE_BYTES]}", options, "request"
    if kind == 3:
        return f"DATA {number}", f"{len(data) - 4:,} bytes", "good"
    if kind == 4:
        return f"ACK {number}", "", "request"
    if kind == 5:
        return f"ERROR {number}", printable(data[4:].rstrip(b"\0").decode("latin-1")), "bad"
    return ("OACK", " ".join(texts).strip(), "good") if kind == 6 else None


class DatagramNames:
    """Names datagrams one after the other; remembers which ports a TFTP transfer went on with."""

    def __init__(self):
        self._tftp = set()  # (address, port) of clients

    def words(self, segment):
        """(label, detail, tone)"""
        try:
            named = sip_words(segment.payload) or self._by_port(segment)
        except (struct.error, IndexError):
            named = None
        ports = f"UDP port {segment.source.port} to {segment.target.port}"
        return named or (ports, f"{len(segment.payload):,} bytes", "other")

    def _by_port(self, segment):
        source, target, data = segment.source, segment.target, segment.payload
        if target.port == TFTP:
            self._tftp.add((source.ip, source.port))
        if {(source.ip, source.port), (target.ip, target.port)} & self._tftp:
            return tftp_words(data)
        readers = {DNS: _dns_words, MDNS: _dns_words, NTP: _ntp_words}
        readers.update(dict.fromkeys(DHCP, _dhcp_words))
        readers.update(dict.fromkeys(DHCPV6, _dhcpv6_words))
        for port in (target.port, source.port):
            if port in readers:
                return readers[port](data, port)
        return None

# SPDX-License-Identifier: Apache-2.0
"""What a UDP datagram is, by its port and content: SIP, DHCP, TFTP, DNS names, NTP; anything else
by its ports and size."""

import struct

from ladder.dhcp_messages import dhcp_words
from ladder.mask import printable
from ladder.sip_messages import sip_words
from ladder.tftp_packets import TftpTransfers

DNS, DHCP, NTP, DHCPV6, MDNS = 53, (67, 68), 123, (546, 547), 5353
DHCPV6_TYPES = ("", "SOLICIT", "ADVERTISE", "REQUEST", "CONFIRM", "RENEW", "REBIND", "REPLY",
                "RELEASE", "DECLINE", "RECONFIGURE", "INFORMATION-REQUEST")
DNS_TYPES = {1: "A", 2: "NS", 5: "CNAME", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV",
             35: "NAPTR", 65: "HTTPS"}
DNS_FAILURES = {1: "format error", 2: "server failure", 3: "no such name", 4: "not implemented",
                5: "refused"}


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


class DatagramNames:
    """Names datagrams one after the other; remembers which ports a TFTP transfer went on with."""

    def __init__(self):
        self._tftp = TftpTransfers()

    def words(self, segment):
        """(label, detail, tone, anchor); None for what is not worth an arrow."""
        try:
            named = self._named(segment)
        except (struct.error, IndexError):
            named = None
        if named is None:
            ports = f"UDP port {segment.source.port} to {segment.target.port}"
            return ports, f"{len(segment.payload):,} bytes", "other", None
        return named if named[0] else None

    def _named(self, segment):
        source, target, data = segment.source, segment.target, segment.payload
        words = sip_words(data) or self._tftp.words(segment)
        if not words and {source.port, target.port} & set(DHCP):
            words = dhcp_words(data)
        if words:
            return words
        readers = {DNS: _dns_words, MDNS: _dns_words, NTP: _ntp_words}
        readers.update(dict.fromkeys(DHCPV6, _dhcpv6_words))
        for port in (target.port, source.port):
            if port in readers and (words := readers[port](data, port)):
                return (*words, None)
        return None

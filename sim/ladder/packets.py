# SPDX-License-Identifier: Apache-2.0
"""Frames to segments: who sent which UDP or TCP payload to whom. Everything else (ARP, ICMP,
fragments but the first) gives nothing."""

import ipaddress
import struct
from dataclasses import dataclass

ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_IPV6 = 0x86DD
ETHERTYPE_TAGS = (0x8100, 0x88A8)
IPV6_EXTENSIONS = (0, 43, 60)  # hop-by-hop, routing, destination options
EXTENSIONS_READ = 8
PROTOCOLS = {6: "tcp", 17: "udp"}

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10


@dataclass(frozen=True)
class Endpoint:
    mac: str
    ip: str
    port: int


@dataclass(frozen=True)
class Segment:
    at_us: int
    protocol: str  # "tcp" or "udp"
    source: Endpoint
    target: Endpoint
    payload: bytes
    sequence: int = 0
    flags: int = 0


def decode(packet):
    """The segment of one frame, or None. Never raises, whatever the bytes are."""
    try:
        return _decode_ethernet(packet.at_us, packet.data)
    except (struct.error, ValueError, IndexError):
        return None


def _decode_ethernet(at_us, frame):
    target_mac, source_mac = frame[0:6].hex(":"), frame[6:12].hex(":")
    at = 12
    (ethertype,) = struct.unpack_from(">H", frame, at)
    for _ in ETHERTYPE_TAGS:
        if ethertype in ETHERTYPE_TAGS:
            at += 4
            (ethertype,) = struct.unpack_from(">H", frame, at)
    macs = (source_mac, target_mac)
    if ethertype == ETHERTYPE_IPV4:
        return _decode_ipv4(at_us, macs, frame[at + 2:])
    if ethertype == ETHERTYPE_IPV6:
        return _decode_ipv6(at_us, macs, frame[at + 2:])
    return None


def _decode_ipv4(at_us, macs, data):
    head, total, fragment = (data[0] & 15) * 4, *struct.unpack_from(">H2xH", data, 2)
    if data[0] >> 4 != 4 or head < 20 or fragment & 0x1FFF:
        return None
    # Segments that the kernel has not cut yet may say 0: all there is.
    data = data[:total or len(data)]
    addresses = tuple(str(ipaddress.IPv4Address(data[a:a + 4])) for a in (12, 16))
    return _decode_transport(at_us, macs, addresses, data[9], data[head:])


def _decode_ipv6(at_us, macs, data):
    length, following = struct.unpack_from(">HB", data, 4)
    addresses = tuple(str(ipaddress.IPv6Address(data[a:a + 16])) for a in (8, 24))
    data = data[40:40 + (length or len(data))]
    for _ in range(EXTENSIONS_READ):
        if following not in IPV6_EXTENSIONS:
            break
        following, data = data[0], data[(data[1] + 1) * 8:]
    return _decode_transport(at_us, macs, addresses, following, data)


def _decode_transport(at_us, macs, addresses, number, data):
    protocol = PROTOCOLS.get(number)
    if protocol is None:
        return None
    ports = struct.unpack_from(">HH", data)
    source, target = (Endpoint(*who) for who in zip(macs, addresses, ports))
    if protocol == "udp":
        (length,) = struct.unpack_from(">H", data, 4)
        return Segment(at_us, protocol, source, target, bytes(data[8:max(length, 8)]))
    (sequence,) = struct.unpack_from(">I", data, 4)
    head, flags = (data[12] >> 4) * 4, data[13]
    if head < 20:
        return None
    return Segment(at_us, protocol, source, target, bytes(data[head:]), sequence, flags)

# SPDX-License-Identifier: Apache-2.0
"""The classic capture file (draft-ietf-opsawg-pcap): a header, then records of one frame each."""

import struct
from collections import namedtuple

FRAME_BYTES = 262144  # longest frame that is kept, tcpdump's own bound
FILE_BYTES = 256 * 1024 * 1024  # of a capture that is read
LINK_ETHERNET = 1

MAGIC_MICRO = 0xA1B2C3D4
MAGIC_NANO = 0xA1B23C4D

Packet = namedtuple("Packet", "at_us data")  # microseconds since 1970, frame


class BadCapture(Exception):
    """Not a capture of Ethernet frames; the words are for people."""


def file_header():
    """Version 2.4, UTC, microseconds, Ethernet; little-endian, as the reader sees by the magic."""
    return struct.pack("<IHHiIII", MAGIC_MICRO, 2, 4, 0, 0, FRAME_BYTES, LINK_ETHERNET)


def record(at_us, frame, length=None):
    """One record. `length` is what the frame had on the wire, if more than is kept."""
    kept = frame[:FRAME_BYTES]
    seconds, micros = divmod(at_us, 1_000_000)
    return struct.pack("<IIII", seconds, micros, len(kept), length or len(frame)) + kept


def read_packets(path):
    """All packets of a capture. A last record that is cut off is left out, as a capture that was
    ended hard leaves one. Raises BadCapture, OSError."""
    with open(path, "rb") as file:
        data = file.read(FILE_BYTES + 1)
    if len(data) > FILE_BYTES:
        raise BadCapture(f"{path}: longer than {FILE_BYTES} bytes")
    return parse_packets(data, path)


def parse_packets(data, name="capture"):
    for order in "<>":
        if len(data) < 24:
            break
        magic, _, _, _, _, _, link = struct.unpack_from(order + "IHHiIII", data)
        if magic not in (MAGIC_MICRO, MAGIC_NANO):
            continue
        if link & 0x0FFFFFFF != LINK_ETHERNET:
            raise BadCapture(f"{name}: link type {link} is not Ethernet")
        return list(_records(data, order, 1000 if magic == MAGIC_NANO else 1))
    raise BadCapture(f"{name}: not a classic pcap file")


def _records(data, order, ticks_per_us):
    at = 24
    while at + 16 <= len(data):
        seconds, ticks, kept, _ = struct.unpack_from(order + "IIII", data, at)
        at += 16
        if kept > FRAME_BYTES or at + kept > len(data):
            return
        yield Packet(seconds * 1_000_000 + ticks // ticks_per_us, data[at:at + kept])
        at += kept

# SPDX-License-Identifier: Apache-2.0
"""TLS records of a connection (RFC 8446, RFC 5246), as far as they can be named from outside:
hellos in clear, all else by kind and size. Records that follow one another in one direction are
one flight."""

import struct
from dataclasses import dataclass, field

from ladder.mask import printable

CHANGE_CIPHER, ALERT, HANDSHAKE, APPLICATION = 20, 21, 22, 23
RECORDS = 10000  # of one direction
HANDSHAKE_NAMES = {
    0: "HelloRequest", 1: "ClientHello", 2: "ServerHello", 4: "NewSessionTicket",
    11: "Certificate", 12: "ServerKeyExchange", 13: "CertificateRequest", 14: "ServerHelloDone",
    15: "CertificateVerify", 16: "ClientKeyExchange", 20: "Finished",
}
ALERT_NAMES = {
    0: "close notify", 10: "unexpected message", 20: "bad record MAC", 40: "handshake failure",
    42: "bad certificate", 43: "unsupported certificate", 44: "certificate revoked",
    45: "certificate expired", 46: "certificate unknown", 48: "unknown CA", 50: "decode error",
    51: "decrypt error", 70: "protocol version", 80: "internal error", 112: "unrecognized name",
}
SEALED_ALERT = "TLS alert"  # encrypted; at the end of a connection the farewell
VERSIONS = {0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"}
SERVER_NAME, SUPPORTED_VERSIONS = 0, 43


@dataclass
class Flight:
    begin: int  # offset of its first record in its direction
    from_client: bool
    at_us: int = 0
    names: list = field(default_factory=list)  # handshake messages and alerts, in order
    hidden_bytes: int = 0  # records whose kind cannot be seen
    bytes: int = 0  # application data
    notes: list = field(default_factory=list)  # "TLS 1.3", "for pbx.example"
    is_bad: bool = False


def looks_like_tls(data):
    return len(data) >= 3 and data[0] == HANDSHAKE and data[1] == 3 and data[2] <= 4


def flights_of(connection):
    """The flights of both directions in the order of time."""
    is_13 = _chosen_version(connection.down.data) == 0x0304
    records = []
    for from_client, stream in ((True, connection.up), (False, connection.down)):
        for offset, kind, body in _records(bytes(stream.data)):
            records.append((stream.time_of(offset), not from_client, offset, kind, body))
    records.sort(key=lambda record: record[:3])
    flights, state = [], _State(is_13)
    for at_us, from_server, offset, kind, body in records:
        if not flights or flights[-1].from_client == from_server:
            flights.append(Flight(offset, not from_server, at_us))
        state.take(flights[-1], kind, body)
    return [flight for flight in flights if flight.names or flight.bytes or flight.hidden_bytes]


def _records(data):
    at = 0
    for _ in range(RECORDS):
        if at + 5 > len(data):
            return
        kind, _, length = struct.unpack_from(">BHH", data, at)
        if not CHANGE_CIPHER <= kind <= APPLICATION or at + 5 + length > len(data):
            return
        yield at, kind, data[at + 5:at + 5 + length]
        at += 5 + length


class _State:
    """What the records so far allow to say about the next one. True: of the client."""

    def __init__(self, is_13):
        self.is_13 = is_13
        self.is_ciphered = {True: False, False: False}  # TLS 1.2, after ChangeCipherSpec
        self.client_finished = False  # TLS 1.3

    def take(self, flight, kind, body):
        side = flight.from_client
        if kind == CHANGE_CIPHER:
            self.is_ciphered[side] = not self.is_13
        elif kind == ALERT:
            self._take_alert(flight, body)
        elif kind == HANDSHAKE and self.is_ciphered[side]:
            flight.names.append("Finished")
        elif kind == HANDSHAKE:
            _take_handshake(flight, body)
        elif self.is_13 and not self.client_finished:
            self.client_finished = side
            if side:
                flight.names.append("Finished")
            else:
                flight.hidden_bytes += len(body)
        else:
            flight.bytes += len(body)

    def _take_alert(self, flight, body):
        if self.is_ciphered[flight.from_client] or len(body) != 2:
            flight.names.append(SEALED_ALERT)
            return
        flight.names.append("Alert: " + ALERT_NAMES.get(body[1], str(body[1])))
        flight.is_bad = flight.is_bad or body[1] != 0


def _take_handshake(flight, body):
    at = 0
    while at + 4 <= len(body):
        kind, length = body[at], int.from_bytes(body[at + 1:at + 4], "big")
        message = body[at + 4:at + 4 + length]
        flight.names.append(HANDSHAKE_NAMES.get(kind, f"Handshake {kind}"))
        if kind == 1:
            flight.notes += _client_notes(message)
        if kind == 2:
            flight.notes += _server_notes(message)
        at += 4 + length


def _extensions(message, is_client):
    """Extension number to its bytes; empty for what is cut or lies about its lengths."""
    try:
        at = 34 + 1 + message[34]
        if is_client:
            at += 2 + struct.unpack_from(">H", message, at)[0]
            at += 1 + message[at]
        else:
            at += 3
        (left,) = struct.unpack_from(">H", message, at)
        found, at = {}, at + 2
        end = min(at + left, len(message))
        while at + 4 <= end:
            number, length = struct.unpack_from(">HH", message, at)
            found[number] = message[at + 4:at + 4 + length]
            at += 4 + length
        return found
    except (struct.error, IndexError):
        return {}


def _client_notes(message):
    name = _extensions(message, True).get(SERVER_NAME, b"")[5:]
    return ["for " + printable(name.decode("latin-1"))] if name else []


def _server_version(message):
    chosen = _extensions(message, False).get(SUPPORTED_VERSIONS, message[:2])
    return int.from_bytes(chosen[:2], "big")


def _server_notes(message):
    return [VERSIONS[v] for v in [_server_version(message)] if v in VERSIONS]


def _chosen_version(data):
    for _, kind, body in _records(bytes(data)):
        if kind == HANDSHAKE and body[:1] == b"\x02":
            return _server_version(body[4:])
    return 0


def flight_words(flight):
    """Label, detail and tone of a flight's arrow."""
    parts = list(flight.names)
    if flight.hidden_bytes:
        parts.append(f"{flight.hidden_bytes:,} bytes of handshake")
    if flight.bytes:
        parts.append(f"Application Data, {flight.bytes:,} bytes")
    tone = "bad" if flight.is_bad else "sealed" if flight.bytes else "tls"
    tone = "light" if parts == [SEALED_ALERT] else tone
    return ", ".join(parts), ", ".join(flight.notes), tone

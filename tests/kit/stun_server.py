# SPDX-License-Identifier: Apache-2.0
"""A STUN server by RFC 3489 and TR-069 Annex G, written from these and not from what our phone
sends: answers Binding Requests, also to another address than the one they come from, keeps what it
is told of connection requests, and demands MESSAGE-INTEGRITY of those whose password it has.

    server = StunServer("198.51.100.1", host)
    server.bindings[-1], server.asked, server.complaints
"""

import hmac
import itertools
import socket
import struct
import time
from dataclasses import dataclass

from kit.network import HERE
from kit.server import Server

PORT = 3478
BINDING_REQUEST, BINDING_RESPONSE, BINDING_ERROR = 0x0001, 0x0101, 0x0111
MAPPED_ADDRESS, RESPONSE_ADDRESS, CHANGE_REQUEST, SOURCE_ADDRESS = 1, 2, 3, 4
USERNAME, MESSAGE_INTEGRITY, ERROR_CODE = 6, 8, 9
CONNECTION_REQUEST_BINDING, BINDING_CHANGE = 0xC001, 0xC002
CONNECTION_REQUESTS_HEARD = b"dslforum.org/TR-111 "
HEADER_BYTES, BLOCK_BYTES = 20, 64


@dataclass
class Asked:
    """A Binding Request."""

    at_s: float
    source: tuple             # address and port
    hears_requests: bool      # CONNECTION-REQUEST-BINDING
    is_change: bool           # BINDING-CHANGE
    answer_to: tuple | None   # RESPONSE-ADDRESS
    user: str
    is_protected: bool


class StunServer(Server):
    kind = socket.SOCK_DGRAM

    def __init__(self, address, host=HERE, credentials=None, knows_response_address=True):
        """`credentials`: user and password, which it demands."""
        self.credentials, self.knows_response_address = credentials, knows_response_address
        self.asked, self.bindings, self.complaints = [], [], []
        super().__init__(host, address, PORT)

    def of_connection_requests(self):
        return [one for one in self.asked if one.hears_requests]

    def take(self, listener):
        message, source = listener.recvfrom(2048)
        try:
            answer, destination = self.answer_to(message, source)
        except (ValueError, struct.error) as error:
            self.complaints.append(f"{error} in {message.hex()}")
            return
        listener.sendto(answer, destination)

    def answer_to(self, message, source):
        kind, length = struct.unpack("!HH", message[:4])
        identifier = message[4:HEADER_BYTES]
        if kind != BINDING_REQUEST or length != len(message) - HEADER_BYTES or length % 4:
            raise ValueError(f"a message of type {kind} and length {length}")
        there = attributes_of(message[HEADER_BYTES:])
        asked = self.read(there, source)
        self.asked.append(asked)
        if self.credentials and not self.is_proved(message, there):
            words = b"Unauthorized"
            return written(BINDING_ERROR, identifier,
                           [(ERROR_CODE, struct.pack("!HBB", 0, 4, 1) + words)]), source
        if asked.hears_requests:
            self.bindings.append(source)
        answer = written(BINDING_RESPONSE, identifier,
                         [(MAPPED_ADDRESS, endpoint_bytes(source)),
                          (SOURCE_ADDRESS, endpoint_bytes((self.address, PORT)))],
                         self.credentials and self.credentials[1])
        is_led = asked.answer_to and self.knows_response_address
        return answer, asked.answer_to if is_led else source

    def read(self, there, source):
        known = {RESPONSE_ADDRESS, CHANGE_REQUEST, USERNAME, MESSAGE_INTEGRITY,
                 CONNECTION_REQUEST_BINDING, BINDING_CHANGE}
        if set(there) - known:
            raise ValueError(f"attributes {set(there) - known}")
        hears = there.get(CONNECTION_REQUEST_BINDING)
        if hears not in (None, CONNECTION_REQUESTS_HEARD) or there.get(BINDING_CHANGE, b""):
            raise ValueError("an attribute of Annex G with another value")
        if BINDING_CHANGE in there and hears is None:
            raise ValueError("a binding that is another one, of which nothing is said")
        answer_to = there.get(RESPONSE_ADDRESS)
        return Asked(time.monotonic(), source, hears is not None, BINDING_CHANGE in there,
                     endpoint_of(answer_to) if answer_to else None,
                     there.get(USERNAME, b"").decode().rstrip(), MESSAGE_INTEGRITY in there)

    def is_proved(self, message, there):
        user, password = self.credentials
        if there.get(USERNAME, b"").decode().rstrip() != user or MESSAGE_INTEGRITY not in there:
            return False
        if list(there)[-1] != MESSAGE_INTEGRITY:
            raise ValueError("something follows MESSAGE-INTEGRITY")
        return there[MESSAGE_INTEGRITY] == integrity(message[:-24], password)


def attributes_of(rest):
    """Their values, in their order; each once, of multiples of four bytes."""
    there = {}
    while rest:
        kind, length = struct.unpack("!HH", rest[:4])
        if length % 4 or length > len(rest) - 4 or kind in there:
            raise ValueError(f"attribute {kind:#x} of {length} bytes")
        there[kind], rest = rest[4:4 + length], rest[4 + length:]
    return there


def written(kind, identifier, attributes, password=None):
    body = b"".join(struct.pack("!HH", name, len(value)) + value for name, value in attributes)
    added = 24 if password else 0
    message = struct.pack("!HH", kind, len(body) + added) + identifier + body
    if password:
        message += struct.pack("!HH", MESSAGE_INTEGRITY, 20) + integrity(message, password)
    return message


def integrity(message, password):
    """RFC 3489 11.2.8: the HMAC of all before it, padded to blocks."""
    padding = b"\0" * (-len(message) % BLOCK_BYTES)
    return hmac.digest(password.encode(), message + padding, "sha1")


def endpoint_bytes(endpoint):
    return struct.pack("!BBH", 0, 1, endpoint[1]) + socket.inet_aton(endpoint[0])


def endpoint_of(value):
    _, family, port = struct.unpack("!BBH", value[:4])
    if family != 1 or len(value) != 8:
        raise ValueError(f"an address of family {family}")
    return socket.inet_ntoa(value[4:]), port


IDENTIFIERS = itertools.count(1)


def connection_request(user, password, seconds=None, identifier=None, word="XTGRWIPC6D3IPXS3"):
    """A connection request over UDP (TR-069 G.2.2.3)."""
    stamp = str(int(time.time()) if seconds is None else seconds)
    number = str(next(IDENTIFIERS) if identifier is None else identifier)
    proof = hmac.new(password.encode(), (stamp + number + user + word).encode(), "sha1")
    return (f"GET http://10.0.0.2:7547?ts={stamp}&id={number}&un={user}&cn={word}"
            f"&sig={proof.hexdigest().upper()} HTTP/1.1\r\n\r\n").encode()

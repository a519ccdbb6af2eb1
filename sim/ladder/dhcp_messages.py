# SPDX-License-Identifier: Apache-2.0
"""DHCP messages (RFC 2131) as far as naming them needs: the type, the address and the options that
may name a server."""

from dataclasses import dataclass

from ladder.mask import masked_url, printable

COOKIE = b"\x63\x82\x53\x63"
FIXED_BYTES = 240
TYPES = ("", "DISCOVER", "OFFER", "REQUEST", "DECLINE", "ACK", "NAK", "RELEASE", "INFORM")
REQUESTED, TYPE = 55, 53
NAMING = (66, 43, 120, 150, 160)  # those that may name a server
VALUE_CHARACTERS = 60


@dataclass
class DhcpMessage:
    type: str  # "OFFER"; "BOOTP" without option 53
    is_answer: bool
    address: str  # given out or, in an answer to INFORM, none: empty
    client: str   # hardware address
    options: dict  # code: bytes, the pieces of split ones joined

    def text(self, code):
        """The value of an option as text, empty if it is not there."""
        return printable(self.options.get(code, b"").rstrip(b"\0\xff").decode("latin-1"))

    def asks_for(self, code):
        return code in self.options.get(REQUESTED, b"")


def read_dhcp(data):
    """The message, or None if it is none. Options that lie about their length end the reading."""
    if len(data) < FIXED_BYTES or data[236:240] != COOKIE:
        return None
    at, options = FIXED_BYTES, {}
    while at + 1 < len(data) and data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        options[data[at]] = options.get(data[at], b"") + data[at + 2:at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    kind = (options.get(TYPE) or b"\0")[0]
    name = TYPES[kind] if 0 < kind < len(TYPES) else "BOOTP"
    address = ".".join(map(str, data[16:20])) if any(data[16:20]) else ""
    return DhcpMessage(name, data[0] == 2, address, data[28:34].hex(":"), options)


def dhcp_words(data):
    """(label, detail, tone, anchor) of a DHCP message, None if it is none. What a phone's journal
    tells of is its own question, INFORM, and the answer to it, which gives out no address."""
    if not (message := read_dhcp(data)):
        return None
    label, anchor = f"DHCP {message.type}", None
    if not message.is_answer:
        wanted = [str(code) for code in NAMING if message.asks_for(code)]
        anchor = ("asked", "dhcp") if message.type == "INFORM" else None
        return label, f"asks for options {', '.join(wanted)}" if wanted else "", "request", anchor
    named = (_value_words(message, code) for code in NAMING if code in message.options)
    if message.type == "ACK" and not message.address:
        anchor = ("told", "dhcp")
    return label, ", ".join(filter(None, [message.address, *named])), "good", anchor


def _value_words(message, code):
    """An option that holds text is shown, as far as a URL may be."""
    value = message.options[code].rstrip(b"\0\xff")
    is_text = len(value) > 3 and all(32 < byte < 127 for byte in value)
    shown = masked_url(value.decode("latin-1")) if is_text else ""
    return f"option {code}" + (f" {shown}" if shown and len(shown) <= VALUE_CHARACTERS else "")

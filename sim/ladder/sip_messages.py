# SPDX-License-Identifier: Apache-2.0
"""SIP messages (RFC 3261) as far as naming them needs: the start line and a few fields, and the URL
that a NOTIFY carries. Credentials are never looked at."""

import re
from dataclasses import dataclass

from ladder.mask import masked_sip_uri, masked_url, printable

MESSAGE_BYTES = 8192
MESSAGES = 1000  # of one direction of a connection
REQUEST = re.compile(r"([A-Z]{3,20}) (\S+) SIP/2\.0$")
STATUS = re.compile(r"SIP/2\.0 (\d{3}) ?(.*)$")
COMPACT = {"o": "event", "c": "content-type", "i": "call-id", "l": "content-length", "v": "via",
           "f": "from", "t": "to", "m": "contact"}
TONES = {"1": "other", "2": "good", "3": "other"}


@dataclass
class SipMessage:
    first: tuple  # (method, URI) or (status, reason)
    fields: dict  # names in lower case and whole; the first of each
    body: str

    @property
    def is_request(self):
        return not self.first[0].isdecimal()

    @property
    def method(self):
        """Of an answer, the one it answers."""
        return self.first[0] if self.is_request else \
            self.fields.get("cseq", "").split(" ")[-1].upper()

    @property
    def event(self):
        return self.fields.get("event", "").split(";")[0].strip()

    @property
    def url(self):
        """Where a NOTIFY sends the phone, not masked; empty if it names nothing."""
        kind = re.sub(r"\s", "", self.fields.get("content-type", "")).lower()
        if kind.startswith("message/external-body"):
            match = re.search(r'url\s*=\s*"?([^";\s]+)', self.fields["content-type"], re.I)
            return match[1] if match else ""
        is_url = kind.startswith("application/url") or (not kind and self.event == "ua-profile")
        return next(iter(self.body.split()), "") if is_url else ""


def read_sip(data):
    """The message that these bytes begin with, or None."""
    text = bytes(data[:MESSAGE_BYTES]).decode("latin-1").lstrip("\r\n")
    head, _, body = re.sub(r"\r\n?", "\n", text).partition("\n\n")
    lines = re.sub(r"\n[ \t]+", " ", head).split("\n")
    first = printable(lines[0])
    if not (match := REQUEST.match(first) or STATUS.match(first)):
        return None
    fields = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if colon:
            fields.setdefault(COMPACT.get(name, name), printable(value.strip()))
    return SipMessage(match.groups(), fields, printable(body.replace("\n", " ").strip("\0 ")))


def sip_words(data):
    """(label, detail, tone, anchor) of a SIP message, None if it is none. A phone's journal tells
    of a source that is asked before the SUBSCRIBE, and of what a NOTIFY named after it was
    answered."""
    if not (message := read_sip(data)):
        return None
    if message.is_request:
        details = [f"Event: {message.event}" if message.event else "",
                   masked_url(message.url) if message.method == "NOTIFY" else ""]
        label = f"{message.first[0]} {masked_sip_uri(message.first[1])}"
        anchor = ("asked", "pnp") if message.method == "SUBSCRIBE" else None
        return label, ", ".join(filter(None, details)), "request", anchor
    status, reason = message.first
    detail = f"to {message.method}" if message.method else ""
    anchor = ("told", "pnp") if status == "200" and message.method == "NOTIFY" else None
    return f"{status} {reason}".strip(), detail, TONES.get(status[0], "bad"), anchor


def messages_of(stream):
    """(offset, bytes from there on) of the messages in one direction of a connection: they begin
    with a start line and say their length."""
    data, at = bytes(stream.data), 0
    for _ in range(MESSAGES):
        end = data.find(b"\r\n\r\n", at)
        if end < 0 or read_sip(data[at:end + 4]) is None:
            return
        length = re.search(rb"\r\n(?:Content-Length|l)[ \t]*:[ \t]*(\d{1,9})", data[at:end], re.I)
        begin, at = at, end + 4 + (int(length[1]) if length else 0)
        yield begin, data[begin:at]

# SPDX-License-Identifier: Apache-2.0
"""What a phone and its ACS say to each other over HTTP (TR-069 3.4), as far as naming it needs. An
envelope is looked at and not parsed: real ones have prefixes that nobody declared, and a capture
may hold a part of one. Of what is in it only IDs, events and codes of faults are told."""

import re
from xml.sax.saxutils import unescape

from ladder.mask import printable

LOOKED_AT = 64 * 1024  # bytes of an envelope
ENVELOPE = re.compile(rb"<(?:[\w.-]+:)?Envelope\b[^>]*schemas\.xmlsoap\.org/soap/envelope/")
METHOD = re.compile(rb"<(?:[\w.-]+:)?Body\b[^>]*>\s*<(?:[\w.-]+:)?([\w.-]{1,64})")
IDENTIFIER = re.compile(rb"<(?:[\w.-]+:)?ID\b[^>/]*>\s*([^<\s][^<]{0,39})")
EVENT = re.compile(rb"<EventCode>([^<]{1,64})</EventCode>")
FAULT = re.compile(rb"<FaultCode>\s*(\d{1,5})\s*</FaultCode>")
EVENTS_TOLD = 4


def is_soap(body):
    return bool(ENVELOPE.search(bytes(body[:LOOKED_AT])))


def speaks_to_acs(requests):
    """Whether one of these HTTP requests brings an envelope."""
    return any(request.first[0] == "POST" and is_soap(request.body) for request in requests)


def _words(found):
    return printable(unescape(found.decode("utf-8", "replace").strip()))


def envelope_words(body):
    """Label, detail and tone of an envelope; None: it is none."""
    body = bytes(body[:LOOKED_AT])
    method = METHOD.search(body)
    if not ENVELOPE.search(body) or not method:
        return None
    name, details, tone = _words(method[1]), [], "good" if method[1].endswith(b"Response") else ""
    if identifier := IDENTIFIER.search(body):
        details.append(f"ID {_words(identifier[1])}")
    if name == "Inform":
        events = [_words(event) for event in EVENT.findall(body)]
        more = " …" if len(events) > EVENTS_TOLD else ""
        details.append(", ".join(events[:EVENTS_TOLD]) + more)
    if name == "Fault":
        code = FAULT.search(body)
        name, tone = f"Fault {_words(code[1])}" if code else "Fault", "bad"
    return name, ", ".join(filter(None, details)), tone or "request"


def request_words(message):
    """Of an HTTP request to an ACS; None: it is named as any other."""
    if message.first[0] != "POST":
        return None
    return ("empty POST", "", "request") if not message.body else envelope_words(message.body)


def answer_words(message):
    """Of the ACS's answer; None: it is named as any other."""
    if message.first[0] == "204":
        return "204 No Content", "nothing more to ask", "good"
    if message.first[0] == "200" and not message.body:
        return "200, empty", "nothing more to ask", "good"
    return envelope_words(message.body) if message.body else None

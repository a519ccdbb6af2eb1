# SPDX-License-Identifier: Apache-2.0
"""HTTP/1 messages of a connection (RFC 9112), as far as naming them needs. Of the fields only a
few are looked at, and of Authorization only its first word."""

import hashlib
import re
from dataclasses import dataclass

from ladder.mask import masked_request_target, masked_url, printable

HEAD_BYTES = 64 * 1024
MESSAGES = 1000  # of one direction
REQUEST_LINE = re.compile(rb"([A-Z]{3,20}) (\S{1,8192}) HTTP/1\.[01]\r?\n")
STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})(?: ([^\r\n]*))?\r?\n")


@dataclass
class Message:
    begin: int  # offset of its first byte
    first: tuple  # (method, target) or (status, reason)
    fields: dict
    body: bytes = b""
    is_whole: bool = True


def looks_like_http(stream_data):
    return bool(REQUEST_LINE.match(bytes(stream_data[:HEAD_BYTES])))


def requests_of(data):
    return _messages(data, REQUEST_LINE, lambda first, fields: _has_length(fields))


def answers_of(data, methods):
    """`methods` of the requests they answer, in order."""
    methods = iter(methods)

    def has_body(first, _):
        status = int(first[0])
        if status < 200:
            return False
        return next(methods, "GET") != "HEAD" and status not in (204, 304)

    return _messages(data, STATUS_LINE, has_body)


def _has_length(fields):
    return "content-length" in fields or "transfer-encoding" in fields


def _messages(data, first_line, has_body):
    data, at, found = bytes(data), 0, []
    while len(found) < MESSAGES:
        match = first_line.match(data, at)
        end = re.search(rb"\r?\n\r?\n", data[at:at + HEAD_BYTES]) if match else None
        if not end:
            return found
        head = data[match.end():at + end.start()].decode("latin-1")
        first = tuple(printable((part or b"").decode("latin-1")) for part in match.groups())
        message = Message(at, first, _fields(head))
        at += end.end()
        if has_body(first, message.fields):
            at = _take_body(message, data, at)
        found.append(message)
    return found


def _fields(head):
    lines = re.sub(r"\r?\n[ \t]+", " ", head).splitlines()
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): printable(value.strip()) for name, _, value in pairs}


def _take_body(message, data, at):
    """Fills in the body and returns where the next message begins."""
    if "chunked" in message.fields.get("transfer-encoding", "").lower():
        return _take_chunks(message, data, at)
    length = message.fields.get("content-length", "")
    if not length.isdecimal():  # until the end of the connection
        message.body = data[at:]
        return len(data)
    end = at + int(length[:12])
    message.body, message.is_whole = data[at:end], end <= len(data)
    return min(end, len(data))


def _take_chunks(message, data, at):
    while True:
        match = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]{0,256}\r\n").match(data, at)
        if not match:
            message.is_whole = False
            return len(data)
        size, at = int(match.group(1), 16), match.end()
        if size == 0:
            end = re.compile(rb"(?:[^\r\n]+\r\n)*\r\n").match(data, at)
            message.is_whole = bool(end)
            return end.end() if end else len(data)
        message.body += data[at:at + size]
        at += size + 2


# --- words ---------------------------------------------------------------------------------------


def request_words(message):
    """Label and detail of a request's arrow."""
    method, target = message.first
    agent = message.fields.get("user-agent", "")
    detail = f"User-Agent: {agent}" if agent else ""
    if scheme := message.fields.get("authorization", "").split(" ")[0]:
        detail = f"with {scheme} credentials"
    return f"{method} {masked_request_target(target)}", detail


def answer_words(message):
    """Label, detail and tone of an answer's arrow."""
    status, reason = message.first
    details = []
    if "location" in message.fields:
        details.append("to " + masked_url(message.fields["location"]))
    if "www-authenticate" in message.fields:
        details.append("asks for " + message.fields["www-authenticate"].split(" ")[0])
    if status.startswith("2") and message.body:
        details.append(f"{len(message.body):,} bytes")
        if message.is_whole:
            details.append(f"SHA-256 {hashlib.sha256(message.body).hexdigest()[:8]}…")
    if not message.is_whole:
        promised = message.fields.get("content-length", "")
        details.append("cut off" + (f", {int(promised):,} promised" if promised else ""))
    return f"{status} {reason}".strip(), ", ".join(details), _tone(status, message.is_whole)


def _tone(status, is_whole):
    if not is_whole or status.startswith("5"):
        return "bad"
    return "good" if status.startswith("2") else "other"

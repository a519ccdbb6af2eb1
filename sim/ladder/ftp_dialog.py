# SPDX-License-Identifier: Apache-2.0
"""FTP (RFC 959): commands and replies of a control connection. Of a login only the command is
named."""

import re
from dataclasses import dataclass

from ladder.mask import printable

LINES = 1000  # of one direction
GREETING = re.compile(rb"220[ -][^\r\n]*\r?\n")
COMMAND = re.compile(r"([A-Za-z]{3,4})(?: (.*))?$")
REPLY = re.compile(r"(\d{3}) (.*)$")
SECRET = ("USER", "PASS", "ACCT")
# Ends of what a RETR began, good or bad.
ENDINGS = ("226", "250", "4", "5")


def looks_like_ftp(connection):
    return bool(GREETING.match(bytes(connection.down.data[:1024])))


def lines_of(stream):
    """(offset, text) of each line in one direction."""
    at = 0
    for line in bytes(stream.data).split(b"\n")[:LINES]:
        yield at, printable(line.rstrip(b"\r").decode("latin-1"))
        at += len(line) + 1


def ftp_rows(connection):
    """(time, is it the client's, label, detail, tone, anchor) of each line, in order of time."""
    rows = []
    for at, line in lines_of(connection.up):
        if match := COMMAND.match(line):
            verb, word = match[1].upper(), match[2] or ""
            label = f"{verb} ***" if verb in SECRET and word not in ("", "anonymous") else \
                f"{verb} {word}".strip()
            rows.append((connection.up.time_of(at), True, label, verb, word))
    for at, line in lines_of(connection.down):
        if match := REPLY.match(line):
            rows.append((connection.down.time_of(at), False, line, match[1], match[2]))
    rows.sort(key=lambda row: row[0])
    state = _State()
    return [_with_anchor(row, state) for row in rows]


@dataclass
class _State:
    folder: str = "/"
    asked: str = ""        # the folder that a CWD wants
    is_open: bool = False  # a file was asked for and is not there yet


def _with_anchor(row, state):
    at_us, is_client, label, code, word = row
    anchor, tone = None, "request"
    if is_client:
        if code == "CWD":
            state.asked = word if word.startswith("/") else f"{state.folder.rstrip('/')}/{word}"
        if code in ("RETR", "SIZE") and not state.is_open:
            anchor = ("request", f"{state.folder.rstrip('/')}/{word}")
            state.is_open = True
    else:
        tone = {"4": "bad", "5": "bad"}.get(code[0], "good")
        if code == "250" and state.asked:
            state.folder, state.asked = state.asked, ""
        elif state.is_open and code.startswith(ENDINGS):
            anchor, state.is_open = ("answer", ""), False
    return at_us, is_client, label, "", tone, anchor


def passive_ports(connection):
    """The ports of the server that its replies to EPSV and PASV name."""
    text = bytes(connection.down.data).decode("latin-1")
    ports = {int(port) for port in re.findall(r"^229 .*\(\|\|\|(\d{1,5})\|\)", text, re.M)}
    pairs = re.findall(r"^227 .*?(?:\d{1,3},){4}(\d{1,3}),(\d{1,3})", text, re.M)
    return ports | {int(high) * 256 + int(low) for high, low in pairs}

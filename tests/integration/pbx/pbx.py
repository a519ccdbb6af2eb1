#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""PBXs that do what real ones do and sipp cannot: wrong dialogs, broken messages, several ports.

    pbx.py BEHAVIOUR ADDRESS URL [WORD ...]

Each behaviour is what one server does that was seen in the open, or what a test needs. Writes a
line for each message it gets; runs until it is ended, or for LIFE_S.
"""

import pathlib
import re
import secrets
import select
import socket
import sys
import time

sys.dont_write_bytecode = True
SIM = pathlib.Path(__file__).resolve().parents[3] / "sim"
sys.path += [str(SIM), str(SIM / "demo.d")]

from lab_pbx import CONTACT_URI, GROUP, MESSAGE_BYTES, PORT, answer_to, notify_for, open_socket
from ladder.sip_messages import read_sip

LIFE_S = 60
PHONE_PORT = 5060


class Exchange:
    """A SUBSCRIBE, and what can be sent because of it."""

    def __init__(self, pbx, message, phone, data):
        self.pbx, self.message, self.phone, self.data = pbx, message, phone, data
        self.call = message.fields.get("call-id", "")
        self.contact = CONTACT_URI.search(message.fields.get("contact", ""))[1]

    def send(self, text, to=None, source=None):
        data = text if isinstance(text, bytes) else text.encode()
        (source or self.pbx.socket).sendto(data, to or self.phone)

    def answer(self, status="200 OK", extra=(), source=None, **fields):
        """`fields` replace the request's in the answer."""
        message = self.message
        if fields:
            message = type(message)(message.first, {**message.fields, **fields}, "")
        self.send(answer_to(message, status, extra), source=source)

    def answer_bytes(self, status="200 OK", **fields):
        message = type(self.message)(self.message.first, {**self.message.fields, **fields}, "")
        return answer_to(message, status)

    def notify(self, uri=None, call=None, cseq="3 NOTIFY", event="ua-profile", state=None,
               content_type="application/url", body=None, extra=(), to_field=None, from_field=None,
               end="\r\n", length=None, request_end="\r\n"):
        """The text of a NOTIFY; None leaves a field out or gives it its usual value."""
        body = self.pbx.url if body is None else body
        own = f"<sip:{self.pbx.here}>"
        lines = [f"NOTIFY {uri or self.contact} SIP/2.0",
                 f"Via: SIP/2.0/UDP {self.pbx.here};branch=z9hG4bK{secrets.token_hex(6)}",
                 f"From: {from_field or own + ';tag=' + secrets.token_hex(4)}",
                 f"To: {to_field or self.message.fields['from']}",
                 f"Call-ID: {call or self.call}", f"CSeq: {cseq}",
                 f"Contact: {own}", "Max-Forwards: 70", f"Event: {event}"]
        lines += [f"Subscription-State: {state}"] if state else []
        lines += [f"Content-Type: {content_type}"] if content_type else []
        lines += [*extra, f"Content-Length: {len(body) if length is None else length}"]
        return end.join(lines) + end + request_end + body


class Pbx:
    def __init__(self, address, url):
        self.address, self.here, self.url = address, f"{address}:{PORT}", url
        self.socket = open_socket(address)
        self.other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.other.bind((address, 1036))
        self.later = []  # (time, function)

    def after(self, wait_s, action):
        self.later.append((time.monotonic() + wait_s, action))

    def run(self, on_subscribe, on_start=None):
        end_s = time.monotonic() + LIFE_S
        if on_start:
            on_start(self)
        while time.monotonic() < end_s:
            due = [row for row in self.later if row[0] <= time.monotonic()]
            self.later = [row for row in self.later if row not in due]
            for _, action in due:
                action()
            wait_s = min([row[0] for row in self.later] + [end_s]) - time.monotonic()
            readable, _, _ = select.select([self.socket, self.other], [], [], max(wait_s, 0))
            for one in readable:
                data, phone = one.recvfrom(MESSAGE_BYTES)
                message = read_sip(data)
                if message is None:
                    continue
                about = message.fields.get("cseq", "") if not message.is_request else ""
                print(phone[0], message.first[0], about, flush=True)
                if message.is_request and message.method == "SUBSCRIBE":
                    on_subscribe(Exchange(self, message, phone, data))


# --- what servers do -----------------------------------------------------------------------------


def snom(e):
    """Answers from another port and without the blank line; copies the fields unswapped."""
    e.send(e.answer_bytes().removesuffix(b"\r\n"), source=e.pbx.other)
    e.send(e.notify(from_field=e.message.fields["from"], to_field=e.message.fields["to"],
                    state="terminated;reason=timeout"), source=e.pbx.other)


def miko(e):
    """A fixed CSeq, the phone's own Contact, no blank line; a URL with a token."""
    e.send(e.answer_bytes(cseq="1 SUBSCRIBE").removesuffix(b"\r\n"))
    e.send(e.notify(body=e.pbx.url + "?token=ab12cd", state="terminated;reason=timeout"))


def zero_touch(e):
    """An empty Contact."""
    e.answer(extra=["Contact: "])
    e.send(e.notify())


def pmps(e):
    """The wrong CSeq, no blank line, always to port 5060; the URL as a query."""
    number = int(e.message.fields["cseq"].split(" ")[0])
    e.send(e.answer_bytes(cseq=f"{number + 1} SUBSCRIBE").removesuffix(b"\r\n"))
    e.send(e.notify(body=e.pbx.url + "?mac=000b82273b89&model=x"), to=(e.phone[0], PHONE_PORT))


def freeswitch(e):
    """A Call-ID of its own, no Content-Type, a brace in the URL."""
    e.answer()
    body = e.pbx.url.replace("000b82273b89", "{mac}")
    e.send(e.notify(call=secrets.token_hex(8), content_type=None, body=body))


def netifaces(e):
    """The right dialog; the answer ends with half a line end."""
    e.send(e.answer_bytes().removesuffix(b"\r\n") + b"\r")
    e.send(e.notify(state="terminated;reason=noresource"))


def counted_line_end(e):
    """No Subscription-State, no tag, a body whose line end is counted."""
    e.answer()
    e.send(e.notify(from_field=f"<sip:{e.pbx.here}>", body=e.pbx.url + "\r\n"))


def external_body(e):
    """The request-URI is the phone's own from the SUBSCRIBE; no body."""
    e.answer()
    kind = f'message/external-body; access-type=URL; URL="{e.pbx.url}"'
    e.send(e.notify(uri=e.message.first[1], content_type=kind, body=""))


def line_feeds(e):
    """Lines ended by LF alone, a From that is none, blanks after the body."""
    e.answer()
    e.send(e.notify(cseq="869 NOTIFY", from_field="<sip:pbx@>;tag", end="\n", request_end="\n",
                    body=e.pbx.url + "   ", length=len(e.pbx.url)))


def effective_by(e):
    """A parameter of the event; the Accept of the phone as Content-Type."""
    e.answer()
    e.send(e.notify(event="ua-profile;effective-by=0",
                    content_type=e.message.fields.get("accept", "")))


def device_manager(e):
    """A Call-ID of its own, the phone's address as To, no Subscription-State."""
    e.answer()
    e.send(e.notify(call=secrets.token_hex(8), to_field=f"<sip:{e.phone[0]}:{e.phone[1]}>"))


def dollar(e):
    """The phone fills in its MAC."""
    e.answer()
    e.send(e.notify(body=e.pbx.url.replace("000b82273b89", "$mac")))


def loose_type(e):
    """Blanks and capitals in the Content-Type, several lines, a NUL at the end."""
    e.answer("202 Accepted")
    e.send(e.notify(content_type="Application / URL ; charset=utf-8",
                    body="\r\n " + e.pbx.url + "\r\n\0"))


def compact(e):
    """The short names of the fields."""
    e.answer()
    text = e.notify()
    for name, short in (("Via", "v"), ("From", "f"), ("To", "t"), ("Call-ID", "i"),
                        ("Contact", "m"), ("Content-Type", "c"), ("Content-Length", "l"),
                        ("Event", "o")):
        text = text.replace(f"\r\n{name}: ", f"\r\n{short}: ")
    e.send(text)


def late_answer(e):
    """The NOTIFY comes a second before the answer to the SUBSCRIBE."""
    e.send(e.notify())
    e.pbx.after(1, e.answer)


# --- what tests need -----------------------------------------------------------------------------


def wants_plain_user(e):
    """Takes the twelve digits after "sip:MAC" for the MAC, and is silent about anything else."""
    if re.match(rf"sip:MAC[0-9a-f]{{12}}@{re.escape(GROUP)}$", e.message.first[1]):
        assigns(e)


def wants_lines(e):
    """Reads the fields by the number of their line, and one digit of CSeq."""
    lines = e.data.decode().split("\r\n")
    wanted = [r"SUBSCRIBE sip:MAC%3a\w{12}@", "Via: ", "From: ", "To: ", "Call-ID: ", r"CSeq: \d ",
              "Event: "]
    if all(re.match(pattern, line) for pattern, line in zip(wanted, lines)):
        assigns(e)


def repeats(e):
    """The same NOTIFY four times, byte by byte, as a server does that hears no answer."""
    e.answer()
    text = e.notify()
    for _ in range(4):
        e.send(text)


def refuses(e):
    """The first WORD is the status. The one after the last is an assignment."""
    if WORDS:
        e.answer(f"{WORDS.pop(0)} Because")
    else:
        assigns(e)


def always_refuses(e):
    """WORD is the status."""
    e.answer(f"{WORDS[0]} Because")


def assigns(e):
    """As the Grandstream text draws it."""
    e.answer()
    e.send(notify_for(e.message, e.pbx.here, e.pbx.url, secrets.token_hex(8)))


def forges(pbx):
    """Without being asked, again and again, to the phone at WORD: every kind of NOTIFY."""
    kinds = [("ua-profile", pbx.url), ("check-sync", ""), ("check-sync;reboot=true", ""),
             ("resync", ""), ("check-sync", pbx.url)]

    def send(round_number):
        for number, (event, body) in enumerate(kinds):
            lines = [f"NOTIFY sip:{WORDS[0]}:{PHONE_PORT} SIP/2.0",
                     f"Via: SIP/2.0/UDP {pbx.here};branch=z9hG4bKf{round_number}x{number}",
                     f"From: <sip:{pbx.here}>;tag=f{number}", f"To: <sip:{WORDS[0]}>",
                     f"Call-ID: f{round_number}x{number}@{pbx.address}", "CSeq: 1 NOTIFY",
                     f"Event: {event}", f"Content-Length: {len(body)}"]
            lines += ["Content-Type: application/url"] if body else []
            pbx.socket.sendto(("\r\n".join([*lines, "", ""]) + body).encode(),
                              (WORDS[0], PHONE_PORT))
        pbx.after(0.1, lambda: send(round_number + 1))

    send(0)


REAL = {action.__name__: action for action in (
    snom, miko, zero_touch, pmps, freeswitch, netifaces, counted_line_end, external_body,
    line_feeds, effective_by, device_manager, dollar, loose_type, compact, late_answer)}
BEHAVIOURS = {**REAL, **{action.__name__: action for action in (
    wants_plain_user, wants_lines, repeats, refuses, always_refuses, assigns)}, "forges": assigns}
WORDS = sys.argv[4:]


def main():
    behaviour, address, url = sys.argv[1:4]
    Pbx(address, url).run(BEHAVIOURS[behaviour], forges if behaviour == "forges" else None)


if __name__ == "__main__":
    main()

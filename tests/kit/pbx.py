# SPDX-License-Identifier: Apache-2.0
"""A PBX that hears of phones by SIP plug and play and tells them where their configuration is. How
it does that is its behaviour: as the Grandstream text draws it, as real servers do it that sipp
cannot play (wrong dialogs, broken messages, several ports), or as a test needs it.

    pbx = Pbx("172.18.0.10", url, host, BEHAVIOURS["snom"])
"""

import functools
import re
import secrets
import socket
import time

from kit.network import HERE
from kit.server import Request, Server
from ladder.sip_messages import read_sip

PORT, GROUP = 5060, "224.0.1.75"
OTHER_PORT = 1036
MESSAGE_BYTES = 65536
T1_S, T2_S, SENDINGS = 0.5, 4, 7
CONTACT_URI = re.compile(r"<?(sips?:[^>;\s]+)")


def answer_to(message, status="200 OK", extra=()):
    """The answer to a request: its own fields, as RFC 3261 section 8.2.6.2 wants them."""
    own = message.fields
    to = own.get("to", "")
    tag = "" if ";tag=" in to else f";tag={secrets.token_hex(4)}"
    lines = [f"SIP/2.0 {status}", f"Via: {own.get('via', '')}", f"From: {own.get('from', '')}",
             f"To: {to}{tag}", f"Call-ID: {own.get('call-id', '')}",
             f"CSeq: {own.get('cseq', '')}", *extra, "Content-Length: 0", "", ""]
    return "\r\n".join(lines).encode()


def notify_for(message, here, url, call_id):
    """The NOTIFY as the Grandstream text draws it, for the phone that sent the SUBSCRIBE."""
    phone = CONTACT_URI.search(message.fields.get("contact", ""))
    own = f"sip:{here}"
    lines = [f"NOTIFY {phone[1] if phone else 'sip:phone'} SIP/2.0",
             f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{secrets.token_hex(6)};rport",
             "Max-Forwards: 70", f"Contact: <{own}>", f"To: <{own}>",
             f"From: <{own}>;tag={secrets.token_hex(4)}", f"Call-ID: {call_id}",
             "CSeq: 1 NOTIFY", "Content-Type: application/url", "Event: ua-profile",
             f"Content-Length: {len(url)}", "", url]
    return "\r\n".join(lines).encode()


def unasked_notify(phone, here, event, body=""):
    """A NOTIFY without a SUBSCRIBE before it."""
    own = f"sip:{here}"
    lines = [f"NOTIFY sip:{phone} SIP/2.0",
             f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{secrets.token_hex(6)};rport",
             "Max-Forwards: 70", f"From: <{own}>;tag={secrets.token_hex(4)}", f"To: <sip:{phone}>",
             f"Call-ID: {secrets.token_hex(12)}", "CSeq: 1 NOTIFY", f"Contact: <{own}>",
             f"Event: {event}", "Subscription-State: terminated",
             *(["Content-Type: application/url"] if body else []),
             f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines).encode()


class Pbx(Server):
    """`words` are for the behaviour. A SUBSCRIBE is noted as a Request, too."""

    kind = socket.SOCK_DGRAM

    def __init__(self, address, url, host=HERE, behaviour=None, words=()):
        self.here, self.url = f"{address}:{PORT}", url
        self.behaviour, self.words = behaviour or assigns, list(words)
        self.lines, self.later = [], []  # later: (time, function)
        self.unanswered = set()          # Call-IDs of NOTIFYs
        self.own = self.other = None
        self.exchange = None             # the newest
        super().__init__(host, address, PORT, is_listening=False)
        if self.behaviour is forges:
            self.after(0, lambda: forges(self))
            self.behaviour = assigns
        self.start()

    def make_sockets(self):
        self.own = self.host.call(lambda: open_socket(self.address))
        self.other = self.host.socket(self.kind, self.address, OTHER_PORT)
        return [self.own, self.other]

    def after(self, wait_s, action):
        """From the PBX's own thread, or before it has anything to do."""
        self.later.append((time.monotonic() + wait_s, action))

    def heard(self):
        """A line for each message: who sent it, its method or status, CSeq of an answer."""
        return "".join(self.lines)

    def pause_s(self):
        return max(min(at for at, _ in self.later) - time.monotonic(), 0) if self.later else None

    def tick(self):
        due = [row for row in self.later if row[0] <= time.monotonic()]
        self.later = [row for row in self.later if row not in due]
        for _, action in due:
            action()

    def take(self, listener):
        data, phone = listener.recvfrom(MESSAGE_BYTES)
        message = read_sip(data)
        if message is None:
            return
        about = "" if message.is_request else message.fields.get("cseq", "")
        self.lines.append(f"{phone[0]} {message.first[0]} {about}\n")
        if not message.is_request:
            self.unanswered.discard(message.fields.get("call-id"))
        elif message.method == "SUBSCRIBE":
            self.note(Request("SUBSCRIBE", message.first[1], message.fields, raw=data))
            self.exchange = Exchange(self, message, phone, data)
            self.behaviour(self.exchange)

    def send_until_answered(self, notify, phone, call, wait_s=T1_S, sendings=SENDINGS):
        """As RFC 3261 section 17.1.2.2 says for a request over UDP."""
        if sendings == SENDINGS:
            self.unanswered.add(call)
        if call in self.unanswered and sendings:
            self.own.sendto(notify, phone)
            self.after(wait_s, lambda: self.send_until_answered(
                notify, phone, call, min(wait_s * 2, T2_S), sendings - 1))


def open_socket(address):
    """A socket that hears the group on the interface with this address."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Whoever sees the port in use may count on the group, too.
    member = socket.inet_aton(GROUP) + socket.inet_aton(address)
    made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    made.bind(("", PORT))
    return made


class Exchange:
    """A SUBSCRIBE, and what can be sent because of it."""

    def __init__(self, pbx, message, phone, data):
        self.pbx, self.message, self.phone, self.data = pbx, message, phone, data
        self.call = message.fields.get("call-id", "")
        self.contact = CONTACT_URI.search(message.fields.get("contact", ""))[1]

    def send(self, text, to=None, source=None):
        data = text if isinstance(text, bytes) else text.encode()
        (source or self.pbx.own).sendto(data, to or self.phone)

    def answer(self, status="200 OK", extra=(), source=None, **fields):
        """`fields` replace the request's in the answer."""
        self.send(self.answer_bytes(status, extra, **fields), source=source)

    def answer_bytes(self, status="200 OK", extra=(), **fields):
        message = type(self.message)(self.message.first, {**self.message.fields, **fields}, "")
        return answer_to(message, status, extra)

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
    e.send(e.notify(body=e.pbx.url + "?mac=000b82273b89&model=x"), to=(e.phone[0], PORT))


def netifaces(e):
    """The right dialog; the answer ends with half a line end."""
    e.send(e.answer_bytes().removesuffix(b"\r\n") + b"\r")
    e.send(e.notify(state="terminated;reason=noresource"))


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
    """The next of the words is the status. The one after the last is an assignment."""
    if e.pbx.words:
        e.answer(f"{e.pbx.words.pop(0)} Because")
    else:
        assigns(e)


def always_refuses(e):
    """The word is the status."""
    e.answer(f"{e.pbx.words[0]} Because")


def accepts(e):
    """And sends nothing: what follows is the test's."""
    e.answer(extra=("Expires: 0",))


def assigns(e, after_s=0):
    """As the Grandstream text draws it; the NOTIFY comes again until it is answered."""
    pbx, call = e.pbx, secrets.token_hex(12)
    e.answer(extra=(f"Contact: <sip:{pbx.here}>", "Expires: 0"))
    pbx.after(after_s, lambda: pbx.send_until_answered(
        notify_for(e.message, pbx.here, pbx.url, call), e.phone, call))
    pbx.tick()


def forges(pbx):
    """Without being asked, again and again, to the phone whose address is the word: every kind of
    NOTIFY."""
    phone = pbx.words[0], PORT
    kinds = [("ua-profile", pbx.url), ("check-sync", ""), ("check-sync;reboot=true", ""),
             ("resync", ""), ("check-sync", pbx.url)]

    for kind in kinds:
        pbx.own.sendto(unasked_notify(phone[0], pbx.here, *kind), phone)
    pbx.after(0.1, lambda: forges(pbx))


# What is odd about the NOTIFY of those that answer, and then send one.
ODD_NOTIFIES = {
    # A Call-ID of its own, no Content-Type, a brace in the URL.
    "freeswitch": lambda e: {"call": secrets.token_hex(8), "content_type": None,
                             "body": e.pbx.url.replace("000b82273b89", "{mac}")},
    # No Subscription-State, no tag, a body whose line end is counted.
    "counted_line_end": lambda e: {"from_field": f"<sip:{e.pbx.here}>", "body": e.pbx.url + "\r\n"},
    # The request-URI is the phone's own from the SUBSCRIBE; no body.
    "external_body": lambda e: {
        "uri": e.message.first[1], "body": "",
        "content_type": f'message/external-body; access-type=URL; URL="{e.pbx.url}"'},
    # Lines ended by LF alone, a From that is none, blanks after the body.
    "line_feeds": lambda e: {"cseq": "869 NOTIFY", "from_field": "<sip:pbx@>;tag", "end": "\n",
                             "request_end": "\n", "body": e.pbx.url + "   ",
                             "length": len(e.pbx.url)},
    # A parameter of the event; the Accept of the phone as Content-Type.
    "effective_by": lambda e: {"event": "ua-profile;effective-by=0",
                               "content_type": e.message.fields.get("accept", "")},
    # A Call-ID of its own, the phone's address as To, no Subscription-State.
    "device_manager": lambda e: {"call": secrets.token_hex(8),
                                 "to_field": f"<sip:{e.phone[0]}:{e.phone[1]}>"},
    # The phone fills in its MAC.
    "dollar": lambda e: {"body": e.pbx.url.replace("000b82273b89", "$mac")},
}


def notifies(fields, e):
    e.answer()
    e.send(e.notify(**fields(e)))


REAL = {name: functools.partial(notifies, fields) for name, fields in ODD_NOTIFIES.items()} | {
    action.__name__: action for action in (
        snom, miko, zero_touch, pmps, netifaces, loose_type, compact, late_answer)}
BEHAVIOURS = {**REAL, **{action.__name__: action for action in (
    wants_plain_user, wants_lines, repeats, refuses, always_refuses, accepts, assigns, forges)}}

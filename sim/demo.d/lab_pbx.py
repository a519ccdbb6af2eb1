# SPDX-License-Identifier: Apache-2.0
"""A small PBX, for people who have no sipp: it hears of phones by SIP plug and play and tells them
where their configuration is.

    python3 lab_pbx.py ADDRESS URL

Answers every SUBSCRIBE to Event ua-profile with 200, and then sends a NOTIFY with the URL until it
is answered, as RFC 3261 says for a request over UDP. Says on standard output what it did, one line
each. Runs until it is ended.
"""

import os
import re
import secrets
import selectors
import socket
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from ladder.sip_messages import read_sip

PORT, GROUP = 5060, "224.0.1.75"
MESSAGE_BYTES = 65536
T1_S, T2_S, SENDINGS = 0.5, 4, 7
CONTACT_URI = re.compile(r"<?(sips?:[^>;\s]+)")


def open_socket(address, port=PORT, group=GROUP):
    """A socket that hears the group on the interface with this address."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Whoever sees the port in use may count on the group, too.
    member = socket.inet_aton(group) + socket.inet_aton(address)
    made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    made.bind(("", port))
    return made


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


class Pbx:
    def __init__(self, address, url):
        self.here, self.url = f"{address}:{PORT}", url
        self.socket = open_socket(address)
        self.unanswered = {}  # Call-ID of a NOTIFY: [bytes, phone, next time, wait, sendings]

    def run(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            while True:
                times = [row[2] for row in self.unanswered.values()]
                wait_s = max(min(times) - time.monotonic(), 0) if times else None
                if selector.select(wait_s):
                    self.take(*self.socket.recvfrom(MESSAGE_BYTES))
                self.send_again()

    def take(self, data, phone):
        message = read_sip(data)
        if message is None:
            return
        if not message.is_request:
            if self.unanswered.pop(message.fields.get("call-id"), None):
                print(f"NOTIFY to {phone[0]} answered {message.first[0]}", flush=True)
        elif message.method == "SUBSCRIBE" and message.event == "ua-profile":
            print(f"SUBSCRIBE from {phone[0]}", flush=True)
            self.socket.sendto(answer_to(message, extra=(f"Contact: <sip:{self.here}>",
                                                         "Expires: 0")), phone)
            call_id = secrets.token_hex(12)
            notify = notify_for(message, self.here, self.url, call_id)
            self.unanswered[call_id] = [notify, phone, time.monotonic(), T1_S, SENDINGS]

    def send_again(self):
        now = time.monotonic()
        for call_id, row in list(self.unanswered.items()):
            notify, phone, at, wait_s, sendings = row
            if at > now:
                continue
            if sendings == 0:
                print(f"NOTIFY to {phone[0]} never answered", flush=True)
                del self.unanswered[call_id]
                continue
            self.socket.sendto(notify, phone)
            row[2:] = [now + wait_s, min(wait_s * 2, T2_S), sendings - 1]


def main():
    pbx = Pbx(*sys.argv[1:])
    print("ready", flush=True)
    pbx.run()


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""What a life costs on the wire: every frame between phone and server is captured and the times
the phone had to wait for an answer are counted. Needs a network namespace of its own; the phone
gets another one, at the far end of a veth pair, and its link comes up while it waits for it.
"""

import collections
import struct
import subprocess

from kit import KitError, durable
from kit.capture import Capture
from kit.closing import Closing
from kit.network import HERE, Host
from kit.processes import ask, start, stop
from kit.waiting import wait_until
from ladder.http_messages import requests_of
from ladder.packets import decode
from ladder.streams import connections_of
from ladder.tls_records import flights_of, looks_like_tls

SERVER_ADDRESS, PHONE_ADDRESS = "192.0.2.1", "192.0.2.2"
SERVER_END, PHONE_END = "server0", "phone0"
PREFIX_LENGTH, PHONE_MAC = 24, "00:0b:82:12:34:56"
LIFE_LIMIT_S = 60
PASSES, FILES_ASKED = 2, 2  # of what lab.py serves: the plan's first file is not there

# What makes a life: round trips as (which of the two passes, what the phone waited for), and
# milliseconds since power-on of what the journal says.
Wire = collections.namedtuple("Wire", "trips connections requests handshakes")
Times = collections.namedtuple("Times", "applied reboot confirmed")


class Cable(Closing):
    """Server and phone, joined. The caller's own namespace is the server's."""

    def __init__(self):
        self.phone = Host()
        HERE.cable(SERVER_END, self.phone, PHONE_END, other_mac=PHONE_MAC)
        HERE.add_address(SERVER_END, f"{SERVER_ADDRESS}/{PREFIX_LENGTH}")
        self.phone.add_address(PHONE_END, f"{PHONE_ADDRESS}/{PREFIX_LENGTH}")
        self.inside = self.phone.inside

    def set_link(self, state):
        self.phone.ip("link", "set", PHONE_END, state)

    def close(self):
        self.phone.close()
        ask(["ip", "link", "delete", SERVER_END])


def live(cable, lab, server, variant):
    """One life from power-on without a link; Times from the link's coming up."""
    state = lab.new_state()
    journal = state / durable.JOURNAL
    cable.set_link("down")
    phone = start(cable.inside(lab.phone(server, variant, state, PHONE_END)),
                  stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: journal.exists() and "\tboot\t" in journal.read_text(),
                   "the phone's start")
        cable.set_link("up")
        complaint = phone.communicate(timeout=LIFE_LIMIT_S)[1]
    finally:
        stop(phone)
    if phone.returncode != 0:
        raise KitError(f"the phone's life ended with {phone.returncode}: {complaint.strip()}")
    return times_of(journal.read_text())


def times_of(journal):
    at = collections.defaultdict(list)
    for line in journal.splitlines():
        stamp, _, kind, *_ = line.split("\t")
        at[kind].append(int(stamp))
    if len(at["boot"]) != 2 or not at["plan_unchanged"]:
        raise KitError("the life was not what is measured: a pass, a reboot, a second pass")
    up = at["link_up"][0]
    return Times(at["applied"][0] - up, at["boot"][1] - up, at["plan_unchanged"][-1] - up)


def watch(cable, lab, server, variant):
    """One life with everything it sent and was sent; a Wire."""
    lab.restart()
    with Capture(SERVER_END) as capture:
        live(cable, lab, server, variant)
        lab.server.stop()
    wire = wire_of(capture.packets, lab.server.requests)
    lab.server.start()
    return wire


def wire_of(packets, fetches):
    """`fetches` is the server's log: what was asked inside TLS cannot be seen from outside."""
    trips = [(packet.at_us, "its address: ARP") for packet in packets if asks_for_server(packet)]
    segments = [segment for segment in map(decode, packets) if segment]
    others = [s for s in segments if s.protocol != "tcp"
              and PHONE_ADDRESS in (s.source.ip, s.target.ip)]
    if others:
        raise KitError(f"the phone also used {others[0].protocol} port {others[0].target.port}")
    connections = connections_of(segments)
    handshakes, left = 0, list(fetches)
    for connection in connections:
        trips.append((connection.opened_us, "a connection: SYN"))
        asked, full = trips_of(connection)
        handshakes += full
        number = left[0].connection
        own = [fetch for fetch in left if fetch.connection == number]
        left = left[len(own):]
        trips += asked
        trips += [(at_us, f"GET {fetch.path.rsplit('/', 1)[1]}: status {fetch.status}")
                  for at_us, fetch in zip(request_times(connection, own), own)]
    trips.sort(key=lambda trip: trip[0])
    reboot_us = connections[-1].opened_us
    told = [(2 if at_us >= reboot_us else 1, what) for at_us, what in trips]
    return Wire(told, len(connections), len(fetches), handshakes)


def asks_for_server(packet):
    """An ARP request of the phone (RFC 826) for another address than its own."""
    frame = packet.data
    if len(frame) < 42 or frame[12:14] != b"\x08\x06":
        return False
    (operation,) = struct.unpack_from(">H", frame, 20)
    sender, target = (".".join(map(str, frame[at:at + 4])) for at in (28, 38))
    return operation == 1 and sender == PHONE_ADDRESS and target == SERVER_ADDRESS


def trips_of(connection):
    """The handshake's round trips, and whether there was one."""
    if not looks_like_tls(connection.up.data):
        return [], 0
    return [(flight.at_us, f"TLS: {name}") for flight in flights_of(connection)
            for name in ("ClientHello", "ClientKeyExchange")
            if flight.from_client and name in flight.names], 1


def request_times(connection, fetches):
    if looks_like_tls(connection.up.data):
        sent = [f.at_us for f in flights_of(connection) if f.from_client and f.bytes]
        sent += [connection.closed_us or sent[-1]] * (len(fetches) - len(sent))
        return sent
    return [connection.up.time_of(r.begin) for r in requests_of(connection.up.data)]


def needed(server):
    """Round trips that a life needs at least: the server's hardware address, then for each of its
    two passes one to connect, the handshake's (RFC 8446 section 2: one, RFC 5246 section 7.3: two),
    and one for each file asked for, as each answer decides whether and how the next one is."""
    handshake = {"http": 0, "tls13": 1, "tls12": 2}[server]
    return 1 + PASSES * (1 + handshake + FILES_ASKED)

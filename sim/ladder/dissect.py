# SPDX-License-Identifier: Apache-2.0
"""Packets to arrows: each message one arrow, openings and ends of connections as light ones."""

import re
from dataclasses import dataclass

from ladder import http_messages, tls_records
from ladder.datagrams import DatagramNames, sip_words
from ladder.packets import decode
from ladder.streams import connections_of

SIP_MESSAGES = 1000  # of one direction of a connection
TONES = ("light", "request", "good", "other", "bad", "tls", "sealed")


@dataclass
class Arrow:
    at_us: int
    source: object  # Endpoint
    target: object
    label: str
    detail: str = ""
    tone: str = "other"
    # What the journal can be held against: ("request", masked path) or ("answer", ""), else None.
    anchor: tuple = None


def arrows_of(packets):
    """The arrows of a capture in the order of time."""
    segments = [segment for segment in map(decode, packets) if segment]
    arrows = []
    names = DatagramNames()
    for segment in segments:
        if segment.protocol == "udp":
            arrows.append(Arrow(segment.at_us, segment.source, segment.target,
                                *names.words(segment)))
    for connection in connections_of(s for s in segments if s.protocol == "tcp"):
        arrows += _connection_arrows(connection)
    arrows.sort(key=lambda arrow: arrow.at_us)
    return _with_agents_once(arrows)


def _connection_arrows(connection):
    client, server = connection.client, connection.server
    arrows = [Arrow(connection.opened_us, client, server,
                    f"TCP connect, port {client.port} to {server.port}", tone="light")]
    if http_messages.looks_like_http(connection.up.data):
        arrows += _http_arrows(connection)
    elif tls_records.looks_like_tls(connection.up.data):
        arrows += _tls_arrows(connection)
    else:
        arrows += _sip_arrows(connection) or _plain_arrows(connection)
    if connection.closed_us is not None:
        ends = (client, server) if connection.closed_by_client else (server, client)
        words = "TCP refused" if connection.refused else \
            "TCP reset" if connection.reset else "TCP close"
        arrows.append(Arrow(connection.closed_us, *ends, words,
                            tone="bad" if connection.refused else "light"))
    return arrows


def _http_arrows(connection):
    client, server = connection.client, connection.server
    requests = http_messages.requests_of(connection.up.data)
    answers = http_messages.answers_of(connection.down.data, [r.first[0] for r in requests])
    for request in requests:
        label, detail = http_messages.request_words(request)
        path = label.split(" ", 1)[1]
        yield Arrow(connection.up.time_of(request.begin), client, server, label, detail, "request",
                    ("request", path))
    for answer in answers:
        yield Arrow(connection.down.time_of(answer.begin), server, client,
                    *http_messages.answer_words(answer), ("answer", ""))


def _tls_arrows(connection):
    for flight in tls_records.flights_of(connection):
        ends = (connection.client, connection.server)
        anchor = None
        if flight.bytes:
            anchor = ("request" if flight.from_client else "answer", "")
        yield Arrow(flight.at_us, *(ends if flight.from_client else ends[::-1]),
                    *tls_records.flight_words(flight), anchor)


def _sip_arrows(connection):
    """SIP over TCP: messages begin with a start line and say their length."""
    arrows = []
    ends = (connection.client, connection.server)
    for pair, stream in ((ends, connection.up), (ends[::-1], connection.down)):
        data, at = bytes(stream.data), 0
        for _ in range(SIP_MESSAGES):
            end = data.find(b"\r\n\r\n", at)
            words = sip_words(data[at:]) if end >= 0 else None
            if not words:
                break
            arrows.append(Arrow(stream.time_of(at), *pair, *words))
            length = re.search(rb"\r\n(?:Content-Length|l)[ \t]*:[ \t]*(\d{1,9})", data[at:end],
                               re.I)
            at = end + 4 + (int(length[1]) if length else 0)
    return arrows


def _plain_arrows(connection):
    """Neither HTTP nor TLS nor SIP: how many bytes went each way."""
    ends = (connection.client, connection.server)
    for pair, stream in ((ends, connection.up), (ends[::-1], connection.down)):
        if stream.total:
            yield Arrow(stream.times[0], *pair, f"{stream.total:,} bytes")


def _with_agents_once(arrows):
    """A User-Agent is worth a line when it is new, not at each request."""
    last = {}
    for arrow in arrows:
        if arrow.anchor and arrow.anchor[0] == "request":
            who = (arrow.source.ip, arrow.target.ip)
            if last.get(who) == arrow.detail and not arrow.detail.startswith("with "):
                arrow.detail = ""
            else:
                last[who] = arrow.detail
    return arrows

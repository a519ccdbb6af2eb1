# SPDX-License-Identifier: Apache-2.0
"""Packets to arrows: each message one arrow, openings and ends of connections as light ones."""

import hashlib
from dataclasses import dataclass

from ladder import ftp_dialog, http_messages, sip_messages, soap_messages, tls_records
from ladder.datagrams import DatagramNames
from ladder.packets import decode
from ladder.streams import connections_of

TONES = ("light", "request", "good", "other", "bad", "tls", "sealed")


@dataclass
class Arrow:
    at_us: int
    source: object  # Endpoint
    target: object
    label: str
    detail: str = ""
    tone: str = "other"
    # What the journal can be held against: ("request", masked path), ("answer", ""),
    # ("asked", source), ("told", source), ("inform", "") or ("acs_end", ""), else None.
    anchor: tuple = None


def arrows_of(packets):
    """The arrows of a capture in the order of time."""
    segments = [segment for segment in map(decode, packets) if segment]
    arrows = []
    names = DatagramNames()
    for segment in segments:
        if words := names.words(segment) if segment.protocol == "udp" else None:
            arrows.append(Arrow(segment.at_us, segment.source, segment.target, *words))
    connections = connections_of(s for s in segments if s.protocol == "tcp")
    data_ends = {(connection.server.ip, port) for connection in connections
                 if ftp_dialog.looks_like_ftp(connection)
                 for port in ftp_dialog.passive_ports(connection)}
    acs_ends = {_server(connection) for connection in connections if _is_of_acs(connection)}
    for connection in connections:
        is_data = _server(connection) in data_ends
        arrows += _data_arrows(connection) if is_data else \
            _connection_arrows(connection, _server(connection) in acs_ends)
    arrows.sort(key=lambda arrow: arrow.at_us)
    return _with_agents_once(arrows)


def _server(connection):
    return connection.server.ip, connection.server.port


def _is_of_acs(connection):
    up = connection.up.data
    return http_messages.looks_like_http(up) and \
        soap_messages.speaks_to_acs(http_messages.requests_of(up))


def _connection_arrows(connection, is_of_acs):
    client, server = connection.client, connection.server
    arrows = [Arrow(connection.opened_us, client, server,
                    f"TCP connect, port {client.port} to {server.port}", tone="light")]
    if http_messages.looks_like_http(connection.up.data):
        arrows += _http_arrows(connection, is_of_acs)
    elif tls_records.looks_like_tls(connection.up.data):
        arrows += _tls_arrows(connection)
    elif ftp_dialog.looks_like_ftp(connection):
        arrows += _ftp_arrows(connection)
    else:
        arrows += _sip_arrows(connection) or _plain_arrows(connection)
    if connection.closed_us is not None:
        ends = (client, server) if connection.closed_by_client else (server, client)
        words = "TCP refused" if connection.refused else \
            "TCP reset" if connection.reset else "TCP close"
        arrows.append(Arrow(connection.closed_us, *ends, words,
                            tone="bad" if connection.refused else "light"))
    return arrows


def _http_arrows(connection, is_of_acs):
    """What is posted to an ACS, and its answers, go by the methods of TR-069."""
    client, server = connection.client, connection.server
    requests = http_messages.requests_of(connection.up.data)
    answers = http_messages.answers_of(connection.down.data, [r.first[0] for r in requests])
    for request in requests:
        words, anchor = _acs_request(request) if is_of_acs else (None, None)
        if not words:
            label, detail = http_messages.request_words(request)
            words, anchor = (label, detail, "request"), ("request", label.split(" ", 1)[1])
        yield Arrow(connection.up.time_of(request.begin), client, server, *words, anchor)
    posted = iter([is_of_acs and request.first[0] == "POST" for request in requests])
    for answer in answers:
        is_final = not answer.first[0].startswith("1")
        words, anchor = _acs_answer(answer) if is_final and next(posted, False) else \
            (http_messages.answer_words(answer), ("answer", ""))
        yield Arrow(connection.down.time_of(answer.begin), server, client, *words, anchor)


def _acs_request(request):
    words = soap_messages.request_words(request)
    return words, ("inform", "") if words and words[0] == "Inform" else None


def _acs_answer(answer):
    """The journal tells of an ACS's answers no more than that it redirects, and of the last one."""
    words = soap_messages.answer_words(answer)
    if words:
        return words, ("acs_end", "") if words[0][:3] in ("200", "204") else None
    return http_messages.answer_words(answer), \
        ("answer", "") if answer.first[0].startswith("3") else None


def _tls_arrows(connection):
    for flight in tls_records.flights_of(connection):
        ends = (connection.client, connection.server)
        anchor = None
        if flight.bytes:
            anchor = ("request" if flight.from_client else "answer", "")
        yield Arrow(flight.at_us, *(ends if flight.from_client else ends[::-1]),
                    *tls_records.flight_words(flight), anchor)


def _ftp_arrows(connection):
    client, server = connection.client, connection.server
    for at_us, is_client, *words in ftp_dialog.ftp_rows(connection):
        yield Arrow(at_us, *((client, server) if is_client else (server, client)), *words)


def _data_arrows(connection):
    """What FTP moves goes over a connection of its own, and is one arrow."""
    ends = (connection.client, connection.server)
    for pair, stream in ((ends, connection.up), (ends[::-1], connection.down)):
        if stream.total:
            detail = f"SHA-256 {hashlib.sha256(stream.data).hexdigest()[:8]}…" \
                if stream.total == len(stream.data) else ""
            yield Arrow(stream.times[0], *pair, f"FTP data, {stream.total:,} bytes", detail, "good")


def _sip_arrows(connection):
    arrows = []
    ends = (connection.client, connection.server)
    for pair, stream in ((ends, connection.up), (ends[::-1], connection.down)):
        arrows += [Arrow(stream.time_of(at), *pair, *sip_messages.sip_words(message))
                   for at, message in sip_messages.messages_of(stream)]
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

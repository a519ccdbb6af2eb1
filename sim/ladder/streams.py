# SPDX-License-Identifier: Apache-2.0
"""TCP segments to connections. Each direction becomes one run of bytes that knows when each of
them had arrived; repeats are dropped, and what lies behind a hole stays out."""

from bisect import bisect_left
from dataclasses import dataclass, field

from ladder.packets import ACK, FIN, RST, SYN

STREAM_BYTES = 1024 * 1024  # kept of a direction, enough to name messages
EARLY_SEGMENTS = 256  # kept of a direction while one before them is missing
CONNECTIONS = 4096


@dataclass
class Stream:
    """One direction."""

    base: int = None  # sequence number of the first byte
    data: bytearray = field(default_factory=bytearray)
    ends: list = field(default_factory=list)  # data[:ends[i]] had arrived at times[i]
    times: list = field(default_factory=list)
    early: dict = field(default_factory=dict)
    total: int = 0  # bytes in order, also those beyond STREAM_BYTES

    def add(self, sequence, payload, at_us):
        offset = (sequence - self.base) & 0xFFFFFFFF
        if offset > 0x7FFFFFFF:  # begins before what is known
            payload, offset = payload[0x100000000 - offset:], 0
        if offset > self.total:
            if len(self.early) < EARLY_SEGMENTS:
                self.early.setdefault(offset, payload)
            return
        self._append(payload[self.total - offset:], at_us)
        while self.early and min(self.early) <= self.total:
            start = min(self.early)
            self._append(self.early.pop(start)[self.total - start:], at_us)

    def _append(self, fresh, at_us):
        if not fresh:
            return
        self.total += len(fresh)
        self.data += fresh[:STREAM_BYTES - len(self.data)]
        self.ends.append(self.total)
        self.times.append(at_us)

    def time_of(self, offset):
        """When the byte at `offset` arrived."""
        if not self.times:
            return 0
        return self.times[min(bisect_left(self.ends, offset + 1), len(self.times) - 1)]


@dataclass
class Connection:
    client: object  # Endpoint
    server: object
    opened_us: int
    client_isn: int = None
    refused: bool = False
    closed_us: int = None
    closed_by_client: bool = False
    reset: bool = False
    up: Stream = field(default_factory=Stream)    # from the client
    down: Stream = field(default_factory=Stream)  # from the server


def connections_of(segments):
    """The connections of TCP segments, in the order in which they were opened."""
    found, latest = [], {}
    for segment in segments:
        names = (segment.source, segment.target)
        connection = latest.get(names) or latest.get(names[::-1])
        if connection is None or _is_reopened(connection, segment):
            if len(found) == CONNECTIONS or segment.flags & RST:
                continue
            connection = _opened_by(segment)
            found.append(connection)
            latest[(connection.client, connection.server)] = connection
        _take(connection, segment)
    return found


def _is_reopened(connection, segment):
    """The same ports again; a repeat of the same SYN is no new connection."""
    is_open = segment.flags & (SYN | ACK) == SYN and segment.source == connection.client
    return is_open and segment.sequence != connection.client_isn


def _opened_by(segment):
    # In the middle of a connection the higher port is the client's.
    from_server = segment.flags & (SYN | ACK) == SYN | ACK or (
        not segment.flags & SYN and segment.source.port < segment.target.port)
    ends = (segment.source, segment.target)
    client, server = ends[::-1] if from_server else ends
    return Connection(client, server, segment.at_us)


def _take(connection, segment):
    from_client = segment.source == connection.client
    stream = connection.up if from_client else connection.down
    syn = 1 if segment.flags & SYN else 0
    if syn and from_client:
        connection.client_isn = segment.sequence
    if stream.base is None:
        stream.base = (segment.sequence + syn) & 0xFFFFFFFF
    if segment.payload:
        stream.add((segment.sequence + syn) & 0xFFFFFFFF, segment.payload, segment.at_us)
    if segment.flags & (FIN | RST) and connection.closed_us is None:
        connection.closed_us = segment.at_us
        connection.closed_by_client = from_client
        connection.reset = bool(segment.flags & RST)
        connection.refused = connection.reset and not from_client and not stream.total \
            and not connection.up.total

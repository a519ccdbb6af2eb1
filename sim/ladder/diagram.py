# SPDX-License-Identifier: Apache-2.0
"""Arrows and journal on one time axis: what the two drawings have in common.

The journal counts milliseconds since power-on, the capture has its own clock. Where the two tell of
the same request or answer they are held against each other, so that a note never stands on the
wrong side of an arrow, and the caller needs to know power-on only roughly.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ladder.dissect import arrows_of
from ladder.journal import filled, note_form

HOSTS = 8  # lifelines drawn; messages of further hosts are left out
PAUSE_US = 400_000  # nothing happens for so long: the axis says so
MERGE_US = 250_000  # lines of the journal so close are one note
GROUP_NAMES = {
    "224.0.1.75": "SIP multicast", "224.0.0.251": "mDNS", "255.255.255.255": "broadcast",
    "ff02::1:2": "DHCPv6 servers", "ff02::fb": "mDNS",
}
ANSWER_KINDS = ("answer", "file_absent", "redirect")
FIRST_ANCHORS = ("answer", "told", "acs_end")
ACS_ANCHORS = {"acs_inform": "inform", "acs_session": "acs_end"}


@dataclass
class Host:
    name: str
    address: str
    also: tuple = ()  # further addresses: groups that it listens to, the broadcast


@dataclass
class Message:
    """An arrow between the hosts with these indices."""

    at_us: int
    source: int
    target: int
    label: str
    detail: str
    tone: str


@dataclass
class Note:
    """On the phone's lifeline."""

    at_us: int
    title: str
    lines: list = field(default_factory=list)
    tone: str = "calm"
    kind: str = ""  # the journal's, of its first line


@dataclass
class Pause:
    at_us: int  # its end
    length_us: int


@dataclass
class Diagram:
    hosts: list  # the phone first
    rows: list  # Message, Note and Pause in the order of time; at_us since power-on
    messages: int = 0  # openings and ends of connections not counted
    reboots: int = 0
    end_us: int = 0  # the last thing that became of the phone


def build_diagram(packets, entries, hosts=(), power_on_us=None):
    """`hosts`: those that have a name, the phone first. `power_on_us`: about when, since 1970."""
    arrows = arrows_of(packets)
    hosts = list(hosts) or _phone_of(arrows)
    anchors = _anchors(arrows, entries)
    zero_us = _zero(arrows, entries, anchors, power_on_us)
    rows = _messages(arrows, hosts, zero_us)
    rows += [(at_us - zero_us, 1, entry) for at_us, entry in _placed(entries, anchors, zero_us)]
    rows.sort(key=lambda row: row[:2])
    drawn = _with_pauses(_with_merged_notes(rows))
    messages = sum(isinstance(row, Message) and row.tone != "light" for row in drawn)
    ends = [row.at_us for row in drawn if isinstance(row, Note)] or [row.at_us for row in drawn]
    return Diagram(hosts, drawn, messages, sum(entry.kind == "reboot" for entry in entries),
                   ends[-1] if ends else 0)


def _phone_of(arrows):
    return [Host("phone", arrows[0].source.ip)] if arrows else [Host("phone", "")]


# --- the two clocks ------------------------------------------------------------------------------


def _anchors(arrows, entries):
    """[(entry index, arrow)] of requests and answers that both sides tell of, in order."""
    found, cursor = [], 0
    for index, entry in enumerate(entries):
        wanted = _anchor_of(entry)
        at = _next_arrow(arrows, cursor, wanted) if wanted else None
        if at is None:
            continue
        is_asking = _is_asking(entry)
        found.append((index, _opening(arrows, cursor, at) if is_asking else arrows[at]))
        cursor = at + 1
    return found


def _anchor_of(entry):
    """The anchor that an arrow of the same thing would have, None if there is none."""
    source = entry.fields.get("source")
    if entry.kind == "request":
        return "request", urlsplit(entry.fields.get("url", "")).path
    if entry.kind in ACS_ANCHORS:
        return ACS_ANCHORS[entry.kind], ""
    if entry.kind in ANSWER_KINDS:
        return "answer", ""
    if entry.kind == "source_asked" and source in ("pnp", "dhcp"):
        return "asked", source
    # Without a server it is what the phone remembers, and a lease came before it was asked.
    server = entry.fields.get("server", "")
    if entry.kind == "source_url" and (source == "pnp" and server or "DHCPINFORM" in server):
        return "told", source
    return None


def _is_asking(entry):
    """It was written before something went out; the others after something had come."""
    return entry.kind in ("request", "source_asked", "acs_inform")


def _next_arrow(arrows, cursor, wanted):
    for at in range(cursor, len(arrows)):
        kind, shown = arrows[at].anchor or ("", "")
        if kind == wanted[0] and (not shown or _is_path(shown.partition("?")[0], wanted[1])):
            return at
    return None


def _is_path(path, written):
    """The journal cuts a long URL and ends it with "..." then."""
    return path == written or written.endswith("...") and path.startswith(written[:-3])


def _opening(arrows, cursor, at):
    """The connection of a request was opened for it, if it was opened after the last answer."""
    for arrow in arrows[cursor:at]:
        if arrow.label.startswith("TCP connect") and arrow.source == arrows[at].source:
            return arrow
    return arrows[at]


def _zero(arrows, entries, anchors, power_on_us):
    """Power-on in the capture's clock. The phone writes `request` before it sends and `answer`
    after it has received, both rounded down to a millisecond."""
    latest = [arrow.at_us - entries[index].at_ms * 1000 for index, arrow in anchors
              if _is_asking(entries[index])]
    earliest = [arrow.at_us - (entries[index].at_ms + 1) * 1000 for index, arrow in anchors
                if not _is_asking(entries[index])]
    if power_on_us is None and not anchors:
        if entries:
            return entries[0].wall_s * 1_000_000 - entries[0].at_ms * 1000
        return arrows[0].at_us if arrows else 0
    if power_on_us is None:
        return min(latest) if latest else max(earliest)
    low = max(earliest, default=power_on_us)
    high = min(latest, default=power_on_us)
    return min(max(power_on_us, low), high) if low <= high else high


def _placed(entries, anchors, zero_us):
    """(time, entry) of what becomes notes, between the arrows that belong before and after."""
    anchors = dict(anchors)
    ceilings, ceiling = [], None
    for index in reversed(range(len(entries))):
        if index in anchors and _is_asking(entries[index]):
            ceiling = anchors[index].at_us
        ceilings.append(ceiling)
    ceilings.reverse()
    floor = 0
    for index, entry in enumerate(entries):
        if index in anchors and not _is_asking(entry):
            floor = max(floor, anchors[index].at_us)
        if note_form(entry) is None:
            continue
        at_us = max(zero_us + entry.at_ms * 1000, floor)
        if ceilings[index] is not None:
            at_us = min(at_us, ceilings[index])
        floor = max(floor, at_us)
        yield at_us, entry


# --- rows ----------------------------------------------------------------------------------------


def _messages(arrows, hosts, zero_us):
    macs = {}
    rows = []
    for arrow in arrows:
        ends = [_host_index(end, hosts, macs) for end in (arrow.source, arrow.target)]
        if None in ends or ends[0] == ends[1]:
            continue
        # At the same microsecond an answer stands before notes, a request after them.
        rank = 0 if arrow.anchor and arrow.anchor[0] in FIRST_ANCHORS else 2
        rows.append((arrow.at_us - zero_us, rank,
                     Message(arrow.at_us - zero_us, *ends, arrow.label, arrow.detail, arrow.tone)))
    return rows


def _host_index(end, hosts, macs):
    """Where a host stands; before a phone has an address it is known by its hardware's."""
    if end.ip in ("0.0.0.0", "::"):
        return macs.get(end.mac, 0)
    for index, host in enumerate(hosts):
        if end.ip == host.address or end.ip in host.also:
            macs[end.mac] = index
            return index
    if len(hosts) == HOSTS:
        return None
    hosts.append(Host(GROUP_NAMES.get(end.ip, "host"), end.ip))
    return len(hosts) - 1


def _with_merged_notes(rows):
    drawn, note, note_end_us = [], None, 0
    for at_us, _, row in rows:
        if isinstance(row, Message):
            drawn.append(row)
            note = None
            continue
        form = note_form(row)
        is_joined = note is not None and at_us - note_end_us < MERGE_US and \
            not (form.title and note.title) and "reboot" not in (row.kind, note.kind)
        if not is_joined:
            note = Note(at_us, "", kind=row.kind)
            drawn.append(note)
        if form.title:
            note.title, note.tone, note.kind = filled(form.title, row.fields), form.tone, row.kind
            note.at_us = at_us
        line = filled(form.line, row.fields)
        if line and line not in note.lines:
            note.lines.append(line)
        note_end_us = at_us
    return drawn


def _with_pauses(rows):
    drawn, last_us = [], 0
    for row in rows:
        if row.at_us - last_us >= PAUSE_US:
            drawn.append(Pause(row.at_us, row.at_us - last_us))
        drawn.append(row)
        last_us = row.at_us
    return drawn


def seconds(at_us):
    """ "0.012 s", as the phone's own sentences spell it."""
    sign = "-" if at_us < 0 else ""
    return f"{sign}{abs(at_us) // 1_000_000}.{abs(at_us) // 1000 % 1000:03} s"


def summary(diagram):
    """What the run was, in one line."""
    reboots = {0: "no reboot", 1: "one reboot"}.get(diagram.reboots, f"{diagram.reboots} reboots")
    whole = seconds(diagram.end_us)
    return f"{diagram.messages} messages, {reboots}, {whole} from power-on to rest"

# SPDX-License-Identifier: Apache-2.0
"""Whether the phone is provisioned and confirmed: asked of its exit status and its own words, and
seen from outside, in the servers' logs and on the wire."""

from ladder import ftp_dialog, http_messages
from ladder.dhcp_messages import read_dhcp
from ladder.dissect import arrows_of
from ladder.journal import parse_journal
from ladder.packets import SYN, decode
from ladder.sip_messages import read_sip
from ladder.streams import connections_of
from ladder.tftp_packets import TftpTransfers

FOUND = (200, 304)
NOTIFY_ANSWER_US = 500_000  # then a server sends it again (RFC 3261, T1)


def verdicts(run):
    """[(is it so, the sentence that says it)] of a finished run (Demonstration.show)."""
    segments = [segment for segment in map(decode, run.packets) if segment]
    found = [
        run.ending,
        _status_verdict(run.status),
        _source_verdict(run),
    ]
    if run.source == "pnp":
        found += [run.pbx.verdict(), _notify_verdict(run, segments)]
    if run.has_dhcp:
        found.append(_dhcp_verdict(run, segments))
    found += _acs_verdicts(run) if run.source == "tr069" else _file_verdicts(run, segments)
    return found + [_values_verdict(run), _secrets_verdict(run)]


def _file_verdicts(run, segments):
    found = [_log_verdict(run), _reboot_verdict(run)]
    if run.protocol != "https":
        found.append(_wire_verdict(run, segments))
    return found


def _acs_verdicts(run):
    return [run.server.verdict(), _session_verdict(run), _methods_verdict(run)]


# --- its own words -------------------------------------------------------------------------------


def _status_verdict(status):
    is_so = status["generation"] > 0 and status["trial"] == "none" and not status["trouble"]
    return is_so, f"dialtone status: {status['headline']}"


def _source_verdict(run):
    """The one source it was given was asked and named the server, before anything was fetched."""
    order = []
    if run.source == "tr069":
        return _acs_source_verdict(run)
    for entry in parse_journal(run.journal):
        if entry.kind == "source_asked":
            order.append(entry.fields.get("source"))
        elif entry.kind == "source_url":
            order.append(entry.fields.get("url"))
        elif entry.kind == "request":
            break
    is_so = order in ([run.source, run.url], [run.url])
    return is_so, "the journal: " + (f"{run.source} named {run.url}" if is_so else
                                     f"asked and named: {', '.join(map(str, order)) or 'none'}")


def _acs_source_verdict(run):
    """The session was with the ACS that was named, and who named it is told."""
    sessions = [entry for entry in parse_journal(run.journal) if entry.kind == "acs_inform"]
    urls = {entry.fields.get("url") for entry in sessions}
    names = {entry.fields.get("server", "") for entry in sessions}
    is_so = urls == {run.url} and (names != {""}) == run.has_dhcp
    by = ", ".join(sorted(filter(None, names))) or "a setting"
    return is_so, f"the journal: {by} named {', '.join(map(str, urls)) or 'nobody'}"


def _session_verdict(run):
    """A session in which what it set became durable, no restart, and none that failed. A phone that
    stays up may report in another one what has changed since its start."""
    wanted = ["acs_inform", "applied", "acs_session"]
    order = [entry.kind for entry in parse_journal(run.journal)
             if entry.kind in (*wanted, "acs_failed", "rolled_back", "reboot")]
    once = [kind for at, kind in enumerate(order) if kind not in order[:at]]
    is_so = once == wanted
    return is_so, "the journal: " + ", ".join(order or ["nothing"]).replace("_", " ")


def _reboot_verdict(run):
    """Fetch, reboot, fetch again: in this order in the journal."""
    order = []
    for entry in parse_journal(run.journal):
        if entry.kind == "answer" and entry.fields.get("url", "").endswith("/" + run.file_name):
            order.append("fetch")
        elif entry.kind in ("applied", "reboot", "file_unchanged"):
            order.append(entry.kind)
    wanted = ["fetch", "applied", "reboot", "fetch", "file_unchanged"]
    return order == wanted, "the journal: " + ", ".join(order or ["nothing"]).replace("_", " ")


def _values_verdict(run):
    lines = set(run.configuration.split("\n"))
    by_acs, where = run.source == "tr069", "in the file"
    wanted = run.file.values
    if by_acs:
        wanted, where = {key: value for key, value in wanted.items() if key in run.keys}, \
            "set by the ACS"
    if missing := [key for key, value in wanted.items() if f"{key}={value}" not in lines]:
        return False, f"the phone lacks values that are {where}: {', '.join(missing)}"
    return True, f"the phone has the {len(wanted)} values in clear that are {where}"


def _secrets_verdict(run):
    texts = {"the configuration": run.configuration, "the journal": run.journal,
             "the console": run.console, "the ladder": run.ladder}
    told = [name for name, text in texts.items() if any(s in text for s in run.file.secrets)]
    return not told, "no password is shown" + (f" but in {', '.join(told)}" if told else "")


# --- seen from outside ---------------------------------------------------------------------------


def _first_download_us(segments, port):
    """When the phone first turned to the provisioning server; None if it never did."""
    times = [s.at_us for s in segments if s.target.port == port and
             (s.protocol == "udp" or s.flags & SYN)]
    return min(times, default=None)


def _notify_verdict(run, segments):
    """A SUBSCRIBE to the group; the NOTIFY answered 200 in time, and before the download."""
    asked, sent_us, answered_us = 0, {}, {}
    for segment in segments:
        message = read_sip(segment.payload) if segment.protocol == "udp" else None
        if message is None:
            continue
        call = message.fields.get("call-id", "")
        if message.is_request and message.method == "SUBSCRIBE":
            asked += segment.target.ip == "224.0.1.75"
        elif message.is_request and message.method == "NOTIFY":
            sent_us.setdefault(call, segment.at_us)
        elif message.method == "NOTIFY" and message.first[0] == "200":
            answered_us.setdefault(call, segment.at_us)
    waits = [answered_us[call] - at_us for call, at_us in sent_us.items() if call in answered_us]
    download_us = _first_download_us(segments, run.server.port)
    is_first = bool(answered_us) and download_us is not None and \
        min(answered_us.values()) < download_us
    is_so = asked > 0 and bool(waits) and max(waits) < NOTIFY_ANSWER_US and is_first
    if not waits:
        return False, f"on the wire: {asked} SUBSCRIBE to 224.0.1.75, no NOTIFY answered 200"
    return is_so, (f"on the wire: SUBSCRIBE to 224.0.1.75, NOTIFY answered 200 after "
                   f"{max(waits) / 1000:.1f} ms, {'before' if is_first else 'NOT before'} "
                   "the first download")


def _dhcp_verdict(run, segments):
    """The phone asked for the option and was given it, with the URL as it was told."""
    code = 43 if run.source == "tr069" else 66
    messages = [message for message in (read_dhcp(s.payload) for s in segments
                                        if s.protocol == "udp") if message]
    asks = sorted({m.type for m in messages if not m.is_answer and m.asks_for(code)})
    given = sorted({m.type for m in messages if m.is_answer and _names(m, code, run.url)})
    is_so = bool(asks) and "ACK" in given
    return is_so, (f"on the wire: option {code} asked for in {', '.join(asks) or 'nothing'}; "
                   f"given in {', '.join(given) or 'nothing'}")


def _names(message, code, url):
    """In option 43 it stands behind the code and the length of its sub-option."""
    text = message.text(code)
    return url == (text[2:] if code == 43 else text)


def _methods_verdict(run):
    """What both said to each other in the first session, as the ladder names it: an answer for each
    call, and the end."""
    said = [arrow.label for arrow in arrows_of(run.packets)
            if run.server.port in (arrow.source.port, arrow.target.port) and arrow.tone != "light"]
    calls = ["GetParameterValues", "AddObject", "AddObject", "SetParameterValues",
             "GetParameterValues"]
    wanted = ["Inform", "InformResponse", "empty POST"]
    for method in calls:
        wanted += [method, method + "Response"]
    wanted.append("204 No Content")
    is_so = said[:len(wanted)] == wanted
    return is_so, "on the wire: " + (
        f"{len(wanted)} messages of a session, each call answered, up to its end" if is_so else
        f"the methods {', '.join(said) or 'none'}")


def _log_verdict(run):
    fetches = [f for f in run.server.requests if f.path.endswith("/" + run.file_name) and
               f.status in FOUND]
    sizes = {f.bytes for f in fetches if f.status == 200}
    is_so = len(fetches) >= 2 and len(sizes) == 1 and \
        fetches[0].connection != fetches[-1].connection
    counts = {0: "never", 1: "once", 2: "twice"}.get(len(fetches), f"{len(fetches)} times")
    words = f"{run.server.name} served {run.file_name} {counts}"
    if is_so and None not in sizes:
        words += f", {sizes.pop()} bytes, over two connections"
    return is_so, words


def _wire_verdict(run, segments):
    """The bodies that crossed the wire are the file, byte for byte, both times."""
    bodies = _tftp_bodies(run, segments) if run.protocol == "tftp" else _tcp_bodies(run, segments)
    is_so = len(bodies) == 2 and all(body == run.file.content for body in bodies)
    return is_so, "the same checksum on the wire, before and after the reboot"


def _tftp_bodies(run, segments):
    transfers = TftpTransfers()
    for segment in segments:
        if segment.protocol == "udp":
            transfers.words(segment)
    return [bytes(transfer.content) for transfer in transfers.found
            if transfer.is_whole and transfer.path.endswith("/" + run.file_name)]


def _tcp_bodies(run, segments):
    connections = connections_of(s for s in segments if s.protocol == "tcp")
    bodies = []
    for connection in connections:
        requests = http_messages.requests_of(connection.up.data)
        answers = http_messages.answers_of(connection.down.data, [r.first[0] for r in requests])
        bodies += [answer.body for request, answer in zip(requests, answers)
                   if request.first[1].endswith("/" + run.file_name)]
    if run.protocol == "ftp":
        ports = set().union(*(ftp_dialog.passive_ports(c) for c in connections
                              if ftp_dialog.looks_like_ftp(c)))
        bodies = [bytes(c.down.data) for c in connections
                  if c.server.port in ports and c.down.total]
    return bodies

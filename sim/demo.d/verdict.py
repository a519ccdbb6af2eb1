# SPDX-License-Identifier: Apache-2.0
"""Whether the phone is provisioned and confirmed: asked of its exit status and its own words, and
seen from outside, in nginx's log and on the wire."""

from ladder import http_messages
from ladder.journal import parse_journal
from ladder.packets import decode
from ladder.streams import connections_of

FOUND = (200, 304)


def verdicts(run):
    """[(is it so, the sentence that says it)] of a finished run (main.Run)."""
    found = [
        (run.exit_status == 0, f"dialtoned ended with status {run.exit_status}"),
        _status_verdict(run.status),
        _log_verdict(run),
        _reboot_verdict(run),
        _values_verdict(run),
        _secrets_verdict(run),
    ]
    if run.protocol == "http":
        found.append(_wire_verdict(run))
    return found


def _status_verdict(status):
    is_so = status["generation"] > 0 and status["trial"] == "none" and not status["trouble"]
    return is_so, f"dialtone status: {status['headline']}"


def _log_verdict(run):
    fetches = [f for f in run.fetches if f.path.endswith("/" + run.file_name) and
               f.status in FOUND]
    sizes = {f.bytes for f in fetches if f.status == 200}
    is_so = len(fetches) >= 2 and len(sizes) == 1 and \
        fetches[0].connection != fetches[-1].connection
    counts = {0: "never", 1: "once", 2: "twice"}.get(len(fetches), f"{len(fetches)} times")
    words = f"nginx served {run.file_name} {counts}"
    if is_so:
        words += f", {sizes.pop()} bytes, over two connections"
    return is_so, words


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
    missing = [key for key, value in run.values.items() if f"{key}={value}" not in lines]
    if missing:
        return False, f"the phone lacks values that are in the file: {', '.join(missing)}"
    return True, f"the phone has the {len(run.values)} values in clear that are in the file"


def _secrets_verdict(run):
    texts = {"the configuration": run.configuration, "the journal": run.journal,
             "the console": run.console, "the ladder": run.ladder}
    told = [name for name, text in texts.items() if any(s in text for s in run.secrets)]
    return not told, "no password is shown" + (f" but in {', '.join(told)}" if told else "")


def _wire_verdict(run):
    """The bodies that crossed the wire are the file, byte for byte, both times."""
    segments = [segment for segment in map(decode, run.packets) if segment]
    bodies = []
    for connection in connections_of(s for s in segments if s.protocol == "tcp"):
        requests = http_messages.requests_of(connection.up.data)
        answers = http_messages.answers_of(connection.down.data, [r.first[0] for r in requests])
        bodies += [answer.body for request, answer in zip(requests, answers)
                   if request.first[1].endswith("/" + run.file_name)]
    is_so = len(bodies) == 2 and all(body == run.file for body in bodies)
    return is_so, "the same checksum on the wire, before and after the reboot"

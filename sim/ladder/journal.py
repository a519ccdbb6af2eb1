# SPDX-License-Identifier: Apache-2.0
"""The phone's journal (agent/journal.h) read back, and which of its lines become notes."""

import re
from dataclasses import dataclass, field

from ladder.mask import printable

ENTRIES = 100000
ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}


@dataclass
class Entry:
    at_ms: int  # since power-on
    wall_s: int
    kind: str
    fields: dict = field(default_factory=dict)


def unescaped(text):
    def one(match):
        letter = match[1]
        return chr(int(letter[1:], 16)) if letter[0] == "x" else ESCAPES[letter]

    return re.sub(r"\\([tnr\\]|x[0-9A-Fa-f]{2})", one, text)


def parse_journal(text):
    """The entries of a journal's text; lines that a power cut tore are passed over."""
    entries = []
    for line in text.split("\n"):
        columns = line.split("\t")
        if len(columns) < 3 or not columns[0].isdecimal() or not re.match(r"-?\d+$", columns[1]):
            continue
        pairs = (column.partition("=") for column in columns[3:])
        fields = {name: printable(unescaped(value)) for name, _, value in pairs}
        entries.append(Entry(int(columns[0]), int(columns[1]), columns[2], fields))
        if len(entries) == ENTRIES:
            break
    return entries


def last_life(entries):
    """The entries since the last power-on."""
    begin = 0
    for index, entry in enumerate(entries):
        if entry.kind == "boot" and entry.fields.get("cause") == "power-on":
            begin = index
    return entries[begin:]


@dataclass(frozen=True)
class NoteForm:
    """How a kind of line is shown. Texts have fields in braces; a piece between < and > is left
    out when a field in it is missing or empty. Without a title it is a line of another note."""

    title: str = ""
    line: str = ""
    tone: str = "calm"  # calm, good, bad, power


NOTE_FORMS = {
    "state_recovered": NoteForm("Damage found", "{file}: {reason}", "bad"),
    "state_of_later": NoteForm("Of a later release", "{file}: {reason}", "bad"),
    "settings_refused": NoteForm("Settings refused", "{reason}", "bad"),
    "clock_floor": NoteForm(line="the clock was wrong and goes on from the floor"),
    "clock_set": NoteForm(line="{server} set the clock"),
    "clock_unset": NoteForm(line="no time: {reason}"),
    "link_up": NoteForm(line="{interface} is up<, {address}>"),
    "link_down": NoteForm("Network down", "", "bad"),
    "source_silent": NoteForm(line="{source} names no server"),
    "source_remark": NoteForm(line="{source}: {reason}"),
    "source_url": NoteForm(line="{source}: {url}"),
    "notified": NoteForm("Notified", "<{server}: >{reason}"),
    "check_begins": NoteForm(line="asks its sources again<, because of {from}>"),
    "check_waits": NoteForm(line="asks its sources again in {wait_s} s<, because of {from}>"),
    "file_read": NoteForm(line="{format} · {keys} keys · encryption: {cipher}"),
    "file_unchanged": NoteForm(line="the same file as installed"),
    "request_failed": NoteForm("No whole answer", "{reason}", "bad"),
    "file_refused": NoteForm("File refused", "<{where}: >{reason}", "bad"),
    "file_unopened": NoteForm("{times} in a row that no key opens", "<{next}>", "bad"),
    "plan_absent": NoteForm("No file for this phone", "<{reason}>", "bad"),
    "plan_refused": NoteForm("Nothing taken over", "<{reason}>", "bad"),
    "plan_unreachable": NoteForm("Nothing taken over", "<{reason}>", "bad"),
    "plan_unchanged": NoteForm(line="nothing to write, nothing to reboot for"),
    "plan_held_back": NoteForm("Changed again, held back", "<{reason}>", "bad"),
    "plan_was_rolled_back": NoteForm("Failed its trial before", "<{reason}>", "bad"),
    "retry_waits": NoteForm("Waits {wait_s} s", "<{reason}>"),
    "applied": NoteForm("Configuration {generation} applied", "<{keys} keys changed>", "good"),
    "apply_failed": NoteForm("Could not be stored", "{step}: {reason}", "bad"),
    "hooks_ran": NoteForm(line="{ran} hooks ran<, {failed} failed>"),
    "trial_begins": NoteForm(line="configuration {generation} is on trial"),
    "trial_confirmed": NoteForm("Configuration {generation} confirmed", "<{by}>", "good"),
    "trial_failed": NoteForm("Trial failed", "configuration {predecessor} returns", "bad"),
    "return_failed": NoteForm("Configuration {generation} stays", "", "calm"),
    "rolled_back": NoteForm("Configuration {generation} withdrawn", "", "bad"),
    "nothing_found": NoteForm("No source led anywhere", "<{reason}>", "bad"),
    "factory_reset": NoteForm("Factory reset", "<{reason}>", "bad"),
    "rest": NoteForm("Rests", "<asks again in {wait_s} s>", "good"),
    "reboot": NoteForm("Reboots", "{reason}", "power"),
    "source_manages": NoteForm(line="its ACS manages the phone: nobody else is asked"),
    "connection_request": NoteForm("The ACS asks for a session", "by {method} from {from}"),
    "acs_inform": NoteForm(line="reports to its ACS: {events}"),
    "acs_session": NoteForm("Session with the ACS ended well", "{calls} calls<; {next}>", "good"),
    "acs_failed": NoteForm("Session with the ACS failed", "{reason}<; again in {wait_s} s>", "bad"),
}


def filled(text, fields):
    """`text` with its fields; the same rules as the sentences in agent/journal.h."""
    def fill(piece):
        return re.sub(r"\{(\w+)\}", lambda m: fields.get(m[1], ""), piece)

    def optional(match):
        names = re.findall(r"\{(\w+)\}", match[1])
        return fill(match[1]) if all(fields.get(name) for name in names) else ""

    return fill(re.sub(r"<([^<>]*)>", optional, text))


def note_form(entry):
    """The form of an entry, None if it is not drawn."""
    if entry.kind == "boot":
        return _boot_form(entry)
    if entry.kind == "finished":
        done = entry.fields.get("status") == "0"
        return NoteForm("Provisioned and confirmed" if done else "Ends with status {status}",
                        "" if done else "<{reason}>", "good" if done else "bad")
    return NOTE_FORMS.get(entry.kind)


def _boot_form(entry):
    fields = entry.fields
    holds = fields.get("generation", "0")
    has = f"configuration {holds} is active" if holds != "0" else "no configuration yet"
    if fields.get("cause") == "power-on":
        return NoteForm("Power on", "{model}, firmware {version}, " + has, "power")
    after = "the reboot" if fields.get("cause") == "provisioning" else "a crash"
    return NoteForm("Back after " + after, has, "power")

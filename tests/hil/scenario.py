# SPDX-License-Identifier: Apache-2.0
"""Scenarios as files: what a site offers, what happens, and what has to be seen from outside. Read
strictly: an unknown key, a missing one and a value of another kind are errors with file and key.
docs/hil.md explains every key."""

import pathlib
import tomllib
from dataclasses import dataclass, field

from hil.vendor import Contents

FOLDER = pathlib.Path(__file__).parent / "scenarios"

NEEDS = {
    "settings": "it has to be given settings of the agent, which this device cannot be",
    "new": "it has to begin as a factory-new phone, and nothing can reset this device",
    "sip": "it has to have a SIP stack that takes a NOTIFY, and this device has none",
    "dhcp-question": "it has to read a URL in DHCP option 66, which busybox udhcpc keeps to "
                     "itself; the agent's own question needs PACKET_AUXDATA, which QEMU's "
                     "emulator of programs does not know",
    "encryption": "how this vendor encrypts its files is not published",
}
PROTOCOLS = ("http", "tftp", "ftp")
POWER = ("on", "off", "cycle")
EVENTS = ("check-sync", "resync")
KINDS = ("file", "folder", "nothing")
WITHIN_S, SECONDS = 20, 90


class BadScenario(Exception):
    """FILE: KEY: what is wrong, for a person."""


@dataclass
class FileServer:
    name: str
    protocol: str
    port: int
    listens: bool = True
    files: dict = field(default_factory=dict)  # {path: word of a content}


@dataclass
class Expectation:
    """One row of `see`: the same pass over a folder, file or SUBSCRIBE, so many times."""

    fetch: str = ""   # one of KINDS, or a path
    subscribe: bool = False
    of: str = ""      # the server's name
    folder: str = ""
    status: int = 200  # what the server answers to the phone's own file
    times: tuple = (1, 1)
    pause_s: float = 0  # at least, between the request before and each of the times


@dataclass
class Step:
    """`verb` is the one key that says what is done; `value` its value."""

    verb: str
    value: object
    options: dict
    place: str  # FILE: step N, for words to a person


@dataclass
class Scenario:
    name: str
    words: str
    needs: tuple
    seconds: float
    settings: dict
    hurry: dict
    pnp: str
    pnp_after_s: float
    dhcp: dict
    servers: dict
    steps: list


class Table:
    """A table of the file whose keys are taken one by one; what is left at the end is unknown."""

    def __init__(self, place, values):
        if not isinstance(values, dict):
            raise BadScenario(f"{place}: has to be a table")
        self.place, self.left = place, dict(values)

    def take(self, key, kind, default=None):
        """`kind`: a type, or a function of the value that returns the value or raises ValueError.
        Without a default the key has to be there."""
        if key not in self.left:
            if default is None:
                raise BadScenario(f"{self.place}: '{key}' is missing")
            return default
        value = self.left.pop(key)
        if not isinstance(kind, type):
            try:
                return kind(value)
            except ValueError as error:
                raise BadScenario(f"{self.place}: '{key}' {error}") from None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise BadScenario(f"{self.place}: '{key}' has to be {KIND_WORDS[kind]}")
        return value

    def end(self):
        for key in self.left:
            raise BadScenario(f"{self.place}: unknown key '{key}'")


KIND_WORDS = {str: "a text", int: "a whole number", bool: "true or false", dict: "a table",
              list: "a list"}


# --- values --------------------------------------------------------------------------------------


def one_of(*allowed):
    def check(value):
        if not any(type(value) is type(one) and value == one for one in allowed):
            raise ValueError(f"has to be one of {', '.join(map(str, allowed))}, not {value!r}")
        return value
    return check


def that(is_right, words, made=lambda value: value):
    """A check of a value, and what becomes of a right one."""
    def check(value):
        if not is_right(value):
            raise ValueError(f"has to be {words}")
        return made(value)
    return check


def is_number(value, kinds=int):
    return isinstance(value, kinds) and not isinstance(value, bool)


def number_within(first, last):
    return that(lambda value: is_number(value) and first <= value <= last,
                f"a whole number from {first} to {last}")


seconds = that(lambda value: is_number(value, (int, float)) and 0 < value <= 600,
               "a number of seconds, above 0 and at most 600")
path = that(lambda value: isinstance(value, str) and value.startswith("/"),
            "a path that begins with /")
words_of = that(lambda value: isinstance(value, str) and value.strip(), "a sentence")
texts = that(lambda value: isinstance(value, dict) and
             all(isinstance(one, str) for one in value.values()), "a table of texts")
times = that(lambda value: isinstance(value, list) and len(value) == 2 and
             all(map(is_number, value)) and 0 <= value[0] <= value[1] > 0,
             "[at least, at most]", tuple)
credentials = that(lambda value: isinstance(value, list) and len(value) == 2 and
                   value[0] in ("basic", "digest") and isinstance(value[1], str),
                   '["basic" or "digest", the user]', tuple)


def dhcp_options(value):
    for code in texts(value):
        if not (code.isdecimal() and 1 <= int(code) <= 254):
            raise ValueError(f"has '{code}', which is no DHCP option from 1 to 254")
    return value


def needs(value):
    for word in value if isinstance(value, list) else [value]:
        if word not in NEEDS:
            raise ValueError(f"knows {', '.join(NEEDS)}, not {word!r}")
    if not isinstance(value, list):
        raise ValueError("has to be a list")
    return tuple(value)


content = one_of(*Contents.WORDS)


def files(value):
    for name, word in texts(value).items():
        path(name)
        content(word)
    return value


# --- tables --------------------------------------------------------------------------------------


def read_server(place, values):
    table = Table(place, values)
    made = FileServer(table.take("name", str), table.take("protocol", one_of(*PROTOCOLS)),
                      table.take("port", number_within(1, 65535)),
                      table.take("listens", bool, True), table.take("files", files, {}))
    table.end()
    return made


def read_expectation(place, values, servers):
    table = Table(place, values)
    made = Expectation(times=table.take("times", times, (1, 1)))
    made.pause_s = table.take("pause_s", seconds, 0)
    made.subscribe = table.take("subscribe", one_of(True), False)
    if not made.subscribe:
        made.fetch = table.take("fetch", lambda value: value if value in KINDS else path(value))
        made.of = table.take("of", one_of(*servers))
        made.status = table.take("status", number_within(100, 599),
                                 404 if made.fetch == "nothing" else 200)
        if made.fetch in KINDS:
            made.folder = table.take("folder", path)
    table.end()
    return made


def read_see(values, place, servers):
    if not isinstance(values, list) or not values:
        raise BadScenario(f"{place}: 'see' has to be a list of tables")
    return [read_expectation(f"{place}, see {number}", row, servers)
            for number, row in enumerate(values, 1)]


def verbs(servers):
    """{verb: (kind of its value, {option: (kind, default)})}; a default of None: it is needed."""
    server = one_of(*servers)
    web = one_of(*(name for name, one in servers.items() if one.protocol == "http"))
    return {
        "power": (one_of(*POWER), {"after_ms": (number_within(1, 10000), 0)}),
        "start": (server, {}),
        "stop": (server, {}),
        "put": (path, {"on": (server, None), "as": (content, None)}),
        "remove": (path, {"on": (server, None)}),
        "answer": (path, {"on": (web, None), "as": (content, "one"),
                          "status": (number_within(200, 599), 200), "fields": (texts, {}),
                          "stall": (number_within(0, 100000), -2),
                          "cut": (number_within(0, 100000), -2),
                          "credentials": (credentials, ()), "dies": (bool, False),
                          "times": (number_within(1, 100), 1000)}),
        "assign": (words_of, {}),
        "notify": (one_of(*EVENTS), {}),
        "see": (lambda value: value, {"within_s": (seconds, WITHIN_S)}),
        "quiet_s": (seconds, {}),
    }


def read_step(place, values, servers):
    table, known = Table(place, values), verbs(servers)
    given = [verb for verb in known if verb in table.left]
    if len(given) != 1:
        raise BadScenario(f"{place}: needs exactly one of {', '.join(known)}")
    kind, optional = known[given[0]]
    value = table.take(given[0], kind)
    if given[0] == "see":
        value = read_see(value, place, servers)
    options = {name: table.take(name, *about) for name, about in optional.items()}
    table.end()
    return Step(given[0], value, options, place)


def read_site(place, values):
    table = Table(place, values)
    made = (table.take("pnp", words_of, ""), table.take("pnp_after_s", seconds, 0),
            table.take("dhcp", dhcp_options, {}))
    table.end()
    return made


def read_servers(name, rows):
    servers = {}
    for number, row in enumerate(rows, 1):
        server = read_server(f"{name}: server {number}", row)
        if server.name in servers:
            raise BadScenario(f"{name}: server {number}: there is a '{server.name}' already")
        servers[server.name] = server
    if not servers:
        raise BadScenario(f"{name}: no [[server]]")
    return servers


def read_text(name, text):
    """A Scenario; `name` is the file's, without folder and ending. Raises BadScenario."""
    try:
        table = Table(name, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadScenario(f"{name}: {error}") from None
    pnp, pnp_after_s, dhcp = read_site(f"{name}: site", table.take("site", dict, {}))
    servers = read_servers(name, table.take("server", list, []))
    steps = [read_step(f"{name}: step {number}", row, servers)
             for number, row in enumerate(table.take("step", list), 1)]
    made = Scenario(name, table.take("words", words_of), table.take("needs", needs, ()),
                    table.take("seconds", seconds, SECONDS), table.take("settings", texts, {}),
                    table.take("hurry", texts, {}), pnp, pnp_after_s, dhcp, servers, steps)
    table.end()
    if made.settings and "settings" not in made.needs:
        raise BadScenario(f"{name}: settings: only with needs = [\"settings\"]")
    if not any(step.verb == "see" for step in steps):
        raise BadScenario(f"{name}: no step has 'see', so that it could not fail")
    return made


def read_file(file):
    file = pathlib.Path(file)
    try:
        return read_text(file.stem, file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadScenario(f"{file}: {error}") from None


def find(words):
    """[(Scenario, file)] of those that are named, by name or path; all of them if none is."""
    if not words:
        return [(read_file(file), file) for file in sorted(FOLDER.glob("*.toml"))]
    found = []
    for word in words:
        file = pathlib.Path(word) if word.endswith(".toml") else FOLDER / f"{word}.toml"
        if not file.exists():
            known = ", ".join(sorted(one.stem for one in FOLDER.glob("*.toml")))
            raise BadScenario(f"{word}: no such scenario; known: {known}")
        found.append((read_file(file), file.resolve()))
    return found

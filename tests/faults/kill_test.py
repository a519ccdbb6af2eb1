# SPDX-License-Identifier: Apache-2.0
"""kill -9 in every state of every table, on the real process. Phones of the real programs, linked
so that they die where they are told to (mortal.cpp), live through stories that together come
through every state that can be reached: as the state is entered, and at the end of it; once the
agent's process alone, which the supervisor starts again, and once everything. Whatever is gone is
started again until the story is at its end.

    tests/kit/run tests/faults/kill_test.py [--all] [--only WORD] [--workers N]

Each time the phone holds one whole configuration, rests with the one that the story ends with, the
hooks know it, and what was reported as done is done. By default each state dies in the first story
that reaches it; with --all in every one. A state that no story reaches any more fails the test.
"""

import collections
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from faults.lives import CONFIGURATIONS, FaultyPhone, FileServers, phone_with
from kit import BIN, durable
from kit.acs import AcsServer
from kit.closing import Keeper
from kit.configuration import OWN_FILE, config_file
from kit.dnsmasq import option
from kit.lan import PHONE, Lan
from kit.needs import private_system
from kit.pbx import Pbx
from kit.processes import COMMAND_S, run, start, stop
from kit.program import text_of
from kit.sntp import TimeServer
from kit.waiting import pause
from kit.web import Answer, WebServer

NEEDS = (private_system,)
MORTAL = "dialtoned-mortal"
PAGE_BYTES = 8192
MOST_TABLES, MOST_STATES = 31, 32  # in the page
MOMENTS = ("entered", "left")
WORKERS = 10
STORY_S = 60
CLOCK = f"{BIN}/libmachine_clock.so"

# No story comes to these: none can, or nothing on the disk depends on them.
OUT_OF_REACH = {
    ("life", "off", "entered"): "the agent begins in it",
    ("store", "off", "entered"): "the store begins in it",
    ("life", "leaving", "left"): "the process ends before another cue comes",
} | {(table, state, way): "no command of the daemon submits a job yet"
     for table, states in (("tftp", ["holding"]),
                           ("jobs", ["idle", "measuring", "fetching", "storing", "waiting", "kept",
                                     "removing", "over"]))
     for state in states for way in ("entered", "left")
} | {(table, state, way): "no ACS here orders a file: lab/crash cuts the power in these"
     for table, states in (("acs session", ["requesting"]),
                           ("acs transfer", ["idle", "fetching", "proving", "reading", "waiting",
                                             "applying", "handing over", "sending"]))
     for state in states for way in MOMENTS if (state, way) != ("idle", "left")
} | {(table, state, way): "what STUN finds out is never kept"
     for table, states in (("stun", ["idle", "resolving", "asking", "bound", "silent"]),
                           ("stun lifetime", ["idle", "opening", "probing", "waiting"]))
     for state in states for way in MOMENTS}

# What an ACS wants told, which has to be on the disk before it is answered.
ATTRIBUTES = """<cwmp:SetParameterAttributes>
<ParameterList enc:arrayType="cwmp:SetParameterAttributesStruct[1]"><SetParameterAttributesStruct>
<Name>Device.LAN.</Name><NotificationChange>1</NotificationChange><Notification>1</Notification>
<AccessListChange>0</AccessListChange><AccessList enc:arrayType="xsd:string[0]"/>
</SetParameterAttributesStruct></ParameterList></cwmp:SetParameterAttributes>"""


class WatchingAcs(AcsServer):
    """Calls it once a session."""

    def __init__(self):
        self.asked = set()
        super().__init__()

    def next_call(self, session):
        if session in self.awaited and session not in self.asked:
            self.asked.add(session)
            self.wanted.append(ATTRIBUTES)
        return super().next_call(session)


@dataclass
class Story:
    """What a phone goes through, from `before` to one of `ends`, with `commands` on its way."""

    name: str
    settings: list
    before: str = ""
    ends: tuple = ("new",)
    may_forget = False
    between: tuple = ()          # what it may hold on its way, beside `before` and `ends`
    commands: tuple = ()         # each given when the phone rests, again until it is answered
    is_on_lan: bool = False
    has_clock: bool = True       # else its machine's stands in 1970
    is_managed: bool = False     # each life holds a session with its ACS

    @property
    def may_hold(self):
        return {self.before, *self.ends, *self.between}

    @property
    def may_rest_with(self):
        return set(self.ends)


class StoryServers(Keeper):
    """The servers of all stories."""

    def __init__(self, folder):
        super().__init__()
        self.folder = pathlib.Path(folder)
        self.files = self.keep(FileServers())
        self.lan = None
        self.fading = self.keep(WebServer())
        self.fading.answers = self  # asked in get()

    def get(self, path, *_):
        """What the fading server has: the configuration "lost" for the phone whose number the path
        begins with; it answers it nothing from when its journal says that the configuration is
        applied until it says that the trial has failed."""
        number, _, name = path.lstrip("/").partition("/")
        journal = (self.folder / number / "state" / durable.JOURNAL).read_bytes()
        if journal.rfind(b"\tapplied\tgeneration=2") > journal.rfind(b"\ttrial_failed\t"):
            return Answer(raw=b"")
        return config_file(CONFIGURATIONS["lost"][0]) if name == OWN_FILE else Answer(status=404)

    def lan_url(self):
        """A LAN whose DHCP server names a web server with the configuration "new"."""
        (self.folder / "lan").mkdir()
        self.lan = self.keep(Lan(self.folder / "lan"))
        web = self.lan.web()
        web.offer(config_file(CONFIGURATIONS["new"][0]))
        self.lan.dhcp(option(66, web.folder_url), option(43, "01:00"))

    def stories(self):
        """The first one that comes to a state is the one in which it dies by default."""
        new, old = (f"static.url={self.files.url('http', name)}" for name in ("new", "old"))
        tftp = f"static.url={self.files.url('tftp', 'new')}"
        self.keep(Pbx("127.0.0.1", self.files.url("http", "new")))
        self.keep(TimeServer("127.0.0.2", int(time.time()) + 1000))
        self.lan_url()
        by_pnp = ["order=pnp", "pnp.server=127.0.0.1"]
        by_dhcp = ["order=dhcp", "dhcp.options=160,66"]  # 66 is not the best there could be
        return [
            Story("change", [new], "old"),
            Story("return", [f"static.url={self.fading.url()}{{number}}", "trial.timeout=3"], "old",
                  ("old", "lost")),
            Story("commands", [new, "splay=1"], "old", ("first",), ("", "new"),
                  ("resync", "factory-reset")),
            Story("tftp", [tftp], "old"),
            Story("pnp", by_pnp, "", ("first",)),
            Story("time", [old, "clock.sntp=127.0.0.2"], "", ("old",), has_clock=False),
            Story("lease awaited", [new, "order=dhcp,static", "dhcp.inform=0"], "old"),
            Story("dhcp", by_dhcp, "", ("first",), is_on_lan=True),
            Story("acs", [new, f"tr069.acs_url={self.keep(WatchingAcs()).acs_url()}",
                          "tr069.connection_request_port=0"], "old", is_managed=True),
        ]


class Kill(collections.namedtuple("Kill", "table state moment who")):
    def __str__(self):
        return ":".join(self)


class Run:
    """One phone that goes through a story, with or without a kill."""

    def __init__(self, servers, story, template, folder, number, kill=None):
        self.story, self.kill = story, kill
        place = {"host": servers.lan.hosts[PHONE], "interface": "eth0"} if story.is_on_lan else {}
        settings = ["splay=0", f"sip.port={20000 + number}",
                    *(words.replace("{number}", str(number)) for words in story.settings)]
        self.phone = FaultyPhone(folder, *settings, **place)
        self.phone.program = MORTAL
        if template:
            self.phone.take_over(template)
        self.page = folder / "page"
        self.page.write_bytes(bytes(PAGE_BYTES))
        self.process = None
        self.starts = 0
        self.left = list(story.commands)
        self.words = ""

    def start(self):
        environment = {**os.environ, "DIALTONE_MORTAL_PAGE": str(self.page)}
        if self.kill:
            environment["DIALTONE_MORTAL"] = str(self.kill)
        if not self.story.has_clock:
            environment |= {"LD_PRELOAD": CLOCK, "DIALTONE_CLOCK_OFFSET_S": str(-int(time.time()))}
        self.process = start(self.phone.command(once=False), self.page.with_name("stderr"),
                             env=environment)
        self.starts += 1

    def journal_kinds(self):
        """Of everything since the last power-on or crash."""
        kinds = self.phone.journal_kinds()
        boots = [at for at, kind in enumerate(kinds) if kind == "boot"]
        return kinds[boots[-1]:] if boots else []

    def rests(self):
        """Whether the agent that lives now has come to rest after all that it was told."""
        kinds = self.journal_kinds()
        if self.story.is_managed and "acs_session" not in kinds:
            return False
        kinds = [kind for kind in kinds if not kind.startswith("acs_")]
        return bool(kinds) and kinds[-1] == "rest"

    def step(self):
        """Gives the next command when it is time. True when the story is over."""
        if self.process.poll() is not None:
            if words := self.phone.trouble(self.story):
                self.words = "after the kill " + words
            self.start()
        if not self.rests():
            return False
        if not self.left:
            return self.phone.held() in self.story.may_rest_with
        if self.phone.tool(self.left[0]).returncode == 0:
            self.left.pop(0)
        return False

    def live(self):
        """Words about what went wrong, or none."""
        end_s = time.monotonic() + STORY_S
        self.start()
        try:
            while not self.words and not self.step():
                if time.monotonic() > end_s:
                    self.words = f"it did not come to rest within {STORY_S} s"
                pause(0.03)
        finally:
            self.end()
        return self.words or self.judge()

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(COMMAND_S)
        except subprocess.TimeoutExpired:
            self.words = self.words or "it did not stop"
        stop(self.process)

    def judge(self):
        return self.phone.trouble(self.story) or self.phone.rest_trouble(self.story)

    def visits(self):
        """How many processes were killed, and how often each (table, state, moment) was there."""
        count = 1 + 2 * MOST_TABLES * MOST_STATES
        numbers = struct.unpack_from(f"{count}I", self.page.read_bytes())
        return numbers[0], numbers[1:]


def states():
    """(table, state, moment, place in the page) of all."""
    listed = run([BIN / MORTAL], env={"DIALTONE_MORTAL": "list"}).splitlines()
    tables = collections.defaultdict(list)
    for line in listed:
        table, _, state = line.partition(":")
        tables[table].append(state)
    assert 1 < len(tables) <= MOST_TABLES
    return [(table, state, moment,
             (at_moment * MOST_TABLES + at_table) * MOST_STATES + at_state)
            for at_table, table in enumerate(tables) for at_state, state in enumerate(tables[table])
            for at_moment, moment in enumerate(MOMENTS)]


class Test:
    def __init__(self, servers, folder, in_all_stories):
        self.servers, self.folder = servers, pathlib.Path(folder)
        self.in_all_stories = in_all_stories
        self.numbers = iter(range(1, 10000))
        self.lock = threading.Lock()
        self.wrong = []
        self.templates = {"": None,
                          "old": phone_with("old", servers.files, self.folder / "template")}

    def run(self, story, kill=None):
        """(what went wrong, the visits)"""
        with self.lock:
            number = next(self.numbers)
        one = Run(self.servers, story, self.templates[story.before], self.folder / str(number),
                  number, kill)
        words = one.live()
        strikes, visits = one.visits()
        if kill and not words and strikes != 1:
            words = "no process was killed"
        if words:
            errors = text_of(one.page.with_name("stderr"))
            place = f"{story.name}, {kill or 'without a kill'}"
            words = f"{place}: {words}\n    {' '.join(one.journal_kinds())}\n    {errors}"
            print(words, flush=True)
            self.wrong.append(words)
        shutil.rmtree(one.phone.folder)
        return words, visits

    def kills_of(self, stories, pool, only):
        """What is to be tried: (story, kill)."""
        rows, reached, tries = states(), set(), []
        for story, (words, visits) in zip(stories, pool.map(self.run, stories)):
            if words:
                continue
            for *what, place in rows:
                if visits[place] == 0 or (tuple(what) in reached and not self.in_all_stories):
                    continue
                reached.add(tuple(what))
                tries += [(story, Kill(*what, who)) for who in ("child", "group")]
        self.check_reached({tuple(row[:3]) for row in rows}, reached)
        return [row for row in tries if only in f"{row[0].name} {row[1]}"]

    def check_reached(self, everything, reached):
        for what in sorted(everything - reached - set(OUT_OF_REACH)):
            self.wrong.append(f"no story comes to {':'.join(what)}")
            print(self.wrong[-1])
        for what in sorted(reached & set(OUT_OF_REACH)):
            self.wrong.append(f"{':'.join(what)} is reached, and said to be out of reach")
            print(self.wrong[-1])
        print(f"of {len(everything)} entrances and exits of states {len(reached)} are reached; "
              f"out of reach: {len(OUT_OF_REACH)}", flush=True)


def main(words):
    only = words[words.index("--only") + 1] if "--only" in words else ""
    workers = int(words[words.index("--workers") + 1]) if "--workers" in words else WORKERS
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dialtone-kills-") as folder, \
            ThreadPoolExecutor(workers) as pool, StoryServers(folder) as servers:
        test = Test(servers, folder, "--all" in words)
        tries = test.kills_of(servers.stories(), pool, only)
        list(pool.map(lambda row: test.run(*row), tries))
    print(f"kills: tried={len(tries)} wrong={len(test.wrong)} "
          f"seconds={time.monotonic() - began_s:.0f}")
    return 1 if test.wrong or not tries else 0

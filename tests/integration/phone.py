# SPDX-License-Identifier: Apache-2.0
"""A phone made of the real programs: dialtoned with a state directory of its own, and dialtone to
look at it. Every wait is bounded, and only processes that were started here are ended."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from dataclasses import dataclass
from urllib.parse import unquote

from server import Server

SOURCE = pathlib.Path(os.environ.get("DIALTONE_SOURCE", pathlib.Path(__file__).parents[2]))
BIN = pathlib.Path(os.environ.get("DIALTONE_BIN", SOURCE / "build/host/bin"))
MAC = "000B82273B89"
OWN_FILE = "cfg000b82273b89.xml"

SECRET_SETTINGS = ("provision.password", "config.password", "config.password_old", "config.key",
                   "config.key_common", "tr069.password")

LIFE_S = 45         # what --once promises, without a trial
PATIENCE_S = 60     # then a life has failed and is ended
COMMAND_S = 20      # for a command of the tool
EVENT_S = 20        # for something in the journal of a daemon


def config_file(values, mac=MAC.lower()):
    """A Grandstream XML file; `values` is a dict or the inside of <config> as it stands."""
    if isinstance(values, dict):
        values = "".join(f"<{key}>{value}</{key}>\n" for key, value in values.items())
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<gs_provision version="1">\n'
            f"<mac>{mac}</mac>\n<config version=\"1\">\n{values}</config>\n"
            "</gs_provision>\n").encode()


@dataclass
class Life:
    """One run of dialtoned --once, at its end."""

    status: int
    stderr: str
    seconds: float
    entries: list  # of the journal, as `dialtone explain --json` gives them

    def kinds(self):
        return [entry["kind"] for entry in self.entries]

    def of_kind(self, kind):
        return [entry for entry in self.entries if entry["kind"] == kind]

    def sentences(self):
        return "\n".join(entry["sentence"] for entry in self.entries)

    def reboots(self):
        return len(self.of_kind("reboot"))


class Phone:
    """`settings` are KEY=VALUE texts, given to every life. `prefix` is put before each command,
    and `seen` is where this process finds the phone's state directory, should that be another
    place."""

    def __init__(self, test, *settings, state=None, prefix=(), seen=None):
        self.folder = tempfile.mkdtemp(prefix="dialtone-test-")
        test.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.state = state or f"{self.folder}/state"
        self.seen = pathlib.Path(seen or self.state)
        self.settings = list(settings)
        self.prefix = list(prefix)
        self.test = test

    def file(self, name, content, mode=0o600):
        path = pathlib.Path(self.folder, name)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        return str(path)

    # --- one life ---------------------------------------------------------------------------------

    def command(self, *settings, once=True, options=()):
        words = [*self.prefix, str(BIN / "dialtoned"), "--profile", "grandstream", "--mac", MAC,
                 "--interface", "lo", "--state", self.state]
        if once:
            words.append("--once")
        # Nothing of the machine the test runs on, and nobody asked whom the test does not play.
        for setting in [f"hooks.dir={self.folder}/no-hooks", "order=static", *self.settings,
                        *settings]:
            words += ["--set", setting]
        return words + list(options)

    def live(self, *settings, options=()):
        """From power-on to the end with --once."""
        began_s = time.monotonic()
        process = start(self.test, self.command(*settings, options=options))
        _, stderr = wait_for_end(process)
        seconds = time.monotonic() - began_s
        self.check_secrets([*self.settings, *settings], stderr)
        return Life(process.returncode, stderr, seconds, self.last_life())

    def check_secrets(self, settings, stderr):
        """What is secret in the settings is neither in the journal nor on standard error."""
        told = self.journal().decode("utf-8", "replace") + stderr
        for setting in settings:
            key, _, value = setting.partition("=")
            found = re.search(r"//[^/@]*:([^/@]*)@", value)
            secrets = [found[1], unquote(found[1])] if found else []
            if key in SECRET_SETTINGS:
                secrets.append(value)
            for secret in filter(None, secrets):
                self.test.assertNotIn(secret, told, key)

    def provision(self, *settings):
        """A life that has to go well, to start a test from."""
        life = self.live(*settings)
        self.test.assertEqual(life.status, 0, life.stderr + life.sentences())
        return life

    # --- a daemon ---------------------------------------------------------------------------------

    def start(self, *settings):
        """Without --once. It is ended when the test is over."""
        return start(self.test, self.command("splay=0", *settings, once=False))

    def wait_for(self, kind, count=1, **fields):
        """Waits until the journal has `count` lines of this kind with these fields since the
        last power-on; returns the newest."""
        def found():
            return [entry for entry in self.last_life() if entry["kind"] == kind and
                    all(entry["fields"].get(name) == value for name, value in fields.items())]

        def journal_stamp():
            about = (self.seen / "journal").stat()
            return about.st_ino, about.st_size

        return wait_until(self.test, found, lambda entries: len(entries) >= count,
                          journal_stamp, f"journal line {kind} {fields}")[-1]

    # --- looking at it ----------------------------------------------------------------------------

    def tool_command(self, *words):
        return [*self.prefix, str(BIN / "dialtone"), "--state", self.state, *words]

    def tool(self, *words):
        return subprocess.run(self.tool_command(*words), capture_output=True, text=True,
                              timeout=COMMAND_S, check=False)

    def config(self):
        """What `dialtone show config` prints."""
        return self.tool("show", "config").stdout

    def status(self):
        return json.loads(self.tool("status", "--json").stdout)

    def last_life(self):
        explained = self.tool("explain", "--json").stdout
        lives = json.loads(explained)["lives"] if explained else []
        return lives[-1]["entries"] if lives else []

    def journal(self):
        """The journal's files as they stand on the disk."""
        return b"".join(path.read_bytes() for path in sorted(self.seen.glob("journal*")))

    def files(self):
        """What the state directory holds besides the journal: content, inode and times."""
        found = {}
        for path in sorted(self.seen.iterdir()):
            if not path.name.startswith("journal"):
                about = path.stat()
                found[path.name] = (path.read_bytes(), about.st_ino, about.st_mtime_ns,
                                    about.st_ctime_ns)
        return found


def start(test, words, stdin=subprocess.DEVNULL):
    """A process in a group of its own; whatever is left of the group ends with the test."""
    process = subprocess.Popen(words, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, start_new_session=True)
    test.addCleanup(end, process)
    return process


def end(process):
    """As an init system does it: first a word, then force."""
    if process.poll() is None:
        process.terminate()
        try:
            process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            kill_group(process)
    process.communicate()


def kill_group(process):
    """Only while the process has not been waited for: afterwards its number may be another's."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def wait_for_end(process, patience_s=PATIENCE_S):
    try:
        return process.communicate(timeout=patience_s)
    except subprocess.TimeoutExpired:
        kill_group(process)
        process.communicate()
        raise


def wait_until(test, look, is_it, stamp, what, patience_s=EVENT_S):
    """Looks again whenever the stamp has changed, until `is_it` is content with what it sees."""
    end_s, tick = time.monotonic() + patience_s, threading.Event()
    while True:
        before = stamp_or_none(stamp)
        seen = look()
        if is_it(seen):
            return seen
        while stamp_or_none(stamp) == before:
            if time.monotonic() > end_s:
                test.fail(f"no {what} within {patience_s} s; the last look: {seen}")
            tick.wait(0.005)


def stamp_or_none(stamp):
    try:
        return stamp()
    except FileNotFoundError:
        return None


class PhoneTest(unittest.TestCase):
    """With what most tests need: servers and phones that go when the test is over."""

    maxDiff = None

    def serve(self, answers=None, tls=None):
        server = Server(answers, tls)
        self.addCleanup(server.close)
        return server

    def check_config(self, phone, text):
        self.assertEqual(phone.config(), text)

    def check_words(self, life, kind, *words):
        """One entry of this kind has all these words in its sentence, and `explain` tells it."""
        sentences = [entry["sentence"] for entry in life.of_kind(kind)]
        for sentence in sentences:
            if all(word in sentence for word in words):
                return
        self.fail(f"no {kind} with {words} in the journal:\n{life.sentences()}")

    def check_end(self, life, status):
        """The exit status, the bound, and one line on standard error that says why."""
        self.assertEqual(life.status, status, life.stderr + life.sentences())
        self.assertLess(life.seconds, LIFE_S)
        self.assertRegex(life.stderr, r"\Adialtoned: [^\n]+\n\Z")
        ends = life.of_kind("finished")
        self.assertEqual([entry["fields"]["status"] for entry in ends], [str(status)])
        self.assertIn(ends[0]["fields"]["reason"], life.stderr)

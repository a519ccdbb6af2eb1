# SPDX-License-Identifier: Apache-2.0
"""What the tests of this folder have in common: phones whose configuration says whether it is
whole, file servers for every protocol, hooks that remember what they were told, and what has to be
so after a life that something happened to.

Everything is on the loopback interface of a network namespace of the test's own.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field

SOURCE = pathlib.Path(os.environ.get("DIALTONE_SOURCE", pathlib.Path(__file__).parents[2]))
BIN = pathlib.Path(os.environ.get("DIALTONE_BIN", SOURCE / "build/host/bin"))
sys.path.append(str(SOURCE / "tests/integration"))

from phone import MAC, OWN_FILE, config_file, kill_group

TLS = SOURCE / "tests/data/tls"
FILE_SERVER = SOURCE / "sim/demo.d/lab_file_server.py"
PORTS = {"http": 8080, "https": 8443, "ftp": 21, "tftp": 69}
START_S, LIFE_S, COMMAND_S = 20, 90, 20
SECRET = "hush"  # all secrets contain it, and nothing else does
JOURNAL_BYTES = 64 * 1024  # then it begins anew

# No key of these means anything to the agent but P34, a password.
KEYS = [f"P{key}" for key in range(5000, 5040)]
OLD = {"P47": "old.example", "P35": "kept", "P34": "hush-sip"} | {key: "old " * 9 for key in KEYS}
NEW = {"P47": "new.example", "P36": "added"} | {key: "new " * 9 for key in KEYS}
LOST = NEW | {"P237": "127.0.0.1:9/lost"}  # the server's path, where nobody is


def listing(values):
    return "".join(f"{key}={value}\n" for key, value in sorted(values.items()))


# The values of the file that the server has, and what the phone holds then.
CONFIGURATIONS = {"old": (OLD, listing(OLD)), "new": (NEW, listing(OLD | NEW)),
                  "first": (NEW, listing(NEW)), "lost": (LOST, listing(OLD | LOST))}


def raise_loopback():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=COMMAND_S)


class FileServers:
    """One folder, served by each protocol that is asked for. `close` ends them."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dialtone-faults-"))
        self.folder.chmod(0o755)
        self.processes = {}
        for name, (values, _) in CONFIGURATIONS.items():
            (self.folder / "files" / name).mkdir(parents=True)
            (self.folder / "files" / name / OWN_FILE).write_bytes(config_file(values))

    def url(self, protocol, name):
        """Of the folder with the configuration `name`; the server is there once this returns."""
        if protocol not in self.processes:
            self.start(protocol)
        port = "" if PORTS[protocol] < 1024 else f":{PORTS[protocol]}"
        user = "" if protocol == "tftp" else f"desk:{SECRET}-url@"
        return f"{protocol}://{user}127.0.0.1{port}/{name}"

    def start(self, protocol):
        words = [sys.executable, FILE_SERVER, protocol, "127.0.0.1", str(PORTS[protocol]),
                 self.folder / "files", self.folder / f"{protocol}.log"]
        if protocol == "https":
            words += [TLS / "server.pem", TLS / "server.key"]
        with open(self.folder / f"{protocol}.out", "wb") as out:
            self.processes[protocol] = subprocess.Popen(words, stdout=out, stderr=out)
        self.wait_for(protocol)

    def wait_for(self, protocol):
        kind, state = ("udp", "07") if protocol == "tftp" else ("tcp", "0A")
        wanted = re.compile(rf":{PORTS[protocol]:04X} \w+:0000 {state} ")
        end_s, tick = time.monotonic() + START_S, threading.Event()
        while not wanted.search(pathlib.Path(f"/proc/net/{kind}").read_text(encoding="ascii")):
            if time.monotonic() > end_s:
                raise AssertionError((self.folder / f"{protocol}.out").read_text())
            tick.wait(0.02)

    def close(self):
        for process in self.processes.values():
            process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Ended:
    """A run of dialtoned at its end; `status` is negative when a signal ended it."""

    status: int
    stderr: str


@dataclass
class Story:
    """What a phone goes through: it holds the configuration `before`, and is offered `offer`."""

    name: str
    protocol: str
    offer: str
    before: str = ""
    settings: list = field(default_factory=list)
    # A disk that gives nothing any more makes a phone a new one: it may forget what was before.
    may_forget: bool = False
    # A trial that nothing could get through has failed, and the predecessor returns.
    may_return: bool = False

    @property
    def may_hold(self):
        return {self.before, self.offer} | ({"", "first"} if self.may_forget else set())

    @property
    def may_rest_with(self):
        return {self.offer} | ({"first"} if self.may_forget else set()) | \
            ({self.before} if self.may_return else set())

    @property
    def may_end_with(self):
        return (0, 4, 5) if self.may_return else (0,)


class FaultyPhone:
    """One phone in a folder of its own."""

    def __init__(self, folder, settings, program=BIN / "dialtoned", prefix=(), interface="lo"):
        self.program, self.prefix, self.interface = program, prefix, interface
        self.folder = pathlib.Path(folder)
        self.state = self.folder / "state"
        self.told = self.folder / "told"
        hooks = self.folder / "hooks"
        hooks.mkdir(parents=True)
        (hooks / "remember").write_text(f"#!/bin/sh\nexec cat \"$1\" >> '{self.told}'\n")
        (hooks / "remember").chmod(0o755)
        self.settings = [f"hooks.dir={hooks}", f"tr069.password={SECRET}-acs",
                         f"provision.password={SECRET}-web", f"tls.ca={TLS}/authority.pem",
                         "order=static", "trial.timeout=30", *settings]

    def command(self, *settings, once=True):
        words = [*self.prefix, str(self.program), "--profile", "grandstream", "--mac", MAC,
                 "--interface", self.interface, "--state", str(self.state)]
        words += ["--once"] if once else []
        for setting in [*self.settings, *settings]:
            words += ["--set", setting]
        return words

    def live(self, *settings, environment=None, command=None):
        """From power-on to the end with --once, the last process of it included."""
        alive, held = os.pipe()
        process = subprocess.Popen(command or self.command(*settings), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, **(environment or {})},
                                   start_new_session=True, pass_fds=[held])
        os.close(held)
        try:
            _, stderr = process.communicate(timeout=LIFE_S)
        except subprocess.TimeoutExpired:
            kill_group(process)
            _, stderr = process.communicate()
            stderr += f"it did not end within {LIFE_S} s"
        with open(alive, "rb", buffering=0) as pipe:
            pipe.read()
        return Ended(process.returncode, stderr)

    def tool(self, *words):
        return subprocess.run([str(BIN / "dialtone"), "--state", str(self.state), *words],
                              capture_output=True, text=True, timeout=COMMAND_S, check=False)

    def config(self):
        """The name of the configuration that is held, none if there is none; anything else is
        words about what is wrong."""
        if not self.state.exists():
            return ""
        shown = self.tool("show", "config")
        if shown.returncode != 0:
            return f"no configuration can be shown: {shown.stderr}"
        for name, (_, text) in CONFIGURATIONS.items():
            if shown.stdout == text:
                return name
        if not shown.stdout:
            return ""
        lines = shown.stdout.splitlines()
        old = sum("old" in line for line in lines)
        return f"a mixture of {len(lines)} lines, {old} of them old"

    def status(self):
        shown = self.tool("status", "--json")
        return json.loads(shown.stdout) if shown.returncode == 0 else {"trouble": shown.stderr}

    def journal_bytes(self):
        return b"".join(path.read_bytes() for path in sorted(self.state.glob("journal*")))

    def entries(self):
        """Of the journal, of the last life."""
        explained = self.tool("explain", "--json").stdout
        lives = json.loads(explained)["lives"] if explained else []
        return lives[-1]["entries"] if lives else []

    def kinds(self):
        return [entry["kind"] for entry in self.entries()]

    def heard(self):
        """What the hooks know: the listing of everything they were told, one over the other."""
        values = {}
        if self.told.exists():
            for line in self.told.read_text(encoding="utf-8").splitlines():
                key, _, value = line.partition("=")
                values[key] = value
        return listing({key: value for key, value in values.items() if value})

    def trouble(self, story):
        """What is wrong with the phone as it stands, in words; none when it holds one whole
        configuration and no secret shows."""
        found = self.config()
        if found not in story.may_hold:
            return f"it holds {found or 'nothing'}"
        if self.state.exists() and self.status()["trouble"]:
            return f"its status says: {self.status()['trouble']}"
        if self.state.exists() and SECRET.encode() in self.journal_bytes():
            return "a secret stands in the journal"
        return ""

    def end_trouble(self, ended, story):
        """The same for a phone that was left in peace for a life that ended so."""
        words = self.trouble(story)
        if ended.status not in story.may_end_with or words:
            return f"its next life ends with {ended.status} ({ended.stderr.strip()}): {words}"
        if self.config() not in story.may_rest_with or self.status()["trial"] != "none":
            return f"it rests with {self.config()}, trial {self.status()['trial']}"
        return self.strangers()

    def strangers(self):
        """Words about files that are none of the agent's."""
        names = {path.name for path in self.state.iterdir()}
        ours = re.compile(r"record\.[01]|generation\.[012]|journal(\.1)?|lock")
        strangers = {name for name in names if not ours.fullmatch(name)}
        return f"it left {strangers} behind" if strangers else ""

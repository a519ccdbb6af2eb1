# SPDX-License-Identifier: Apache-2.0
"""A phone made of the real programs: dialtoned with a state directory of its own, and dialtone to
look at it. Every wait is bounded."""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import time
from dataclasses import dataclass
from urllib.parse import unquote

import kit
from kit import KitError, durable
from kit.configuration import MAC
from kit.network import HERE
from kit.processes import ask, kill_group, start, stop, wait_for_end
from kit.waiting import stamp_of, wait_until

SECRET_SETTINGS = ("provision.password", "config.password", "config.password_old", "config.key",
                   "config.key_common", "tr069.password",
                   "tr069.connection_request_password", "tr069.stun_password")

CALL_REFUSED = "asked for the system call"

LIFE_S = 45         # what --once promises, without a trial
PATIENCE_S = 90     # then a life has failed and is ended
EVENT_S = 20        # for something in the journal of a daemon


@dataclass
class Life:
    """One run of dialtoned, at its end; `status` is negative when a signal ended it."""

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
    """In a folder of its own. `settings` are KEY=VALUE texts, given to every life. It is on the
    network of `host`; `prefix` is put before each command instead, and `seen` is where this process
    finds the phone's state directory, should that be another place."""

    program = "dialtoned"
    profile, mac = "grandstream", MAC
    emulator = ()  # for programs of another machine

    def __init__(self, folder, *settings, host=HERE, interface="lo", state=None, prefix=None,
                 seen=None, programs=kit.BIN):
        self.folder, self.programs = str(folder), str(programs)
        self.state = str(state or f"{folder}/state")
        self.seen = pathlib.Path(seen or self.state)
        self.settings = list(settings)
        self.prefix = host.inside([]) if prefix is None else list(prefix)
        self.interface = interface
        self.daemons = []

    def file(self, name, content, mode=0o600):
        """A file of that name in its folder; the path."""
        path = pathlib.Path(self.folder, name)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        return str(path)

    # --- one life ---------------------------------------------------------------------------------

    def command(self, *settings, once=True, options=()):
        words = [*self.prefix, *self.emulator, f"{self.programs}/{self.program}", "--profile",
                 self.profile, "--mac", self.mac, "--interface", self.interface, "--state",
                 self.state, *(["--once"] if once else [])]
        # Nothing of the machine the test runs on, and nobody asked whom the test does not play.
        for setting in [f"hooks.dir={self.folder}/no-hooks", "order=static", *self.settings,
                        *settings]:
            words += ["--set", setting]
        return words + list(options)

    def live(self, *settings, options=(), **more):
        """From power-on to the end with --once, the last process of it included."""
        began_s = time.monotonic()
        life = RunningLife(self.command(*settings, options=options), **more)
        status, stderr = life.wait(PATIENCE_S)
        seconds = time.monotonic() - began_s
        self.check_secrets([*self.settings, *settings], stderr)
        self.check_calls(stderr)
        return Life(status, stderr, seconds, self.last_life())

    def check_secrets(self, settings, stderr):
        """What is secret in the settings is neither in the journal nor on standard error."""
        told = self.journal().decode("utf-8", "replace") + stderr
        for setting in settings:
            key, _, value = setting.partition("=")
            found = re.search(r"//[^/@]*:([^/@]*)@", value)
            secrets = [found[1], unquote(found[1])] if found else []
            if key in SECRET_SETTINGS:
                secrets.append(value)
            if any(secret and secret in told for secret in secrets):
                raise AssertionError(f"the value of {key} is told: {told}")

    def check_calls(self, stderr=""):
        """The agent's process has asked for no system call that is not in its table
        (platform/linux/call_filter.cpp)."""
        if "call_refused" in self.journal_kinds() or CALL_REFUSED in stderr:
            raise AssertionError("a system call was refused:\n" +
                                 self.journal().decode("utf-8", "replace") + stderr)

    def provision(self, *settings):
        """A life that has to go well, to start a test from."""
        life = self.live(*settings)
        if life.status != 0:
            raise AssertionError(life.stderr + life.sentences())
        return life

    # --- a daemon ---------------------------------------------------------------------------------

    def start(self, *settings, options=()):
        """Without --once, and with the first question at once. The caller owes the phone close().
        """
        daemon = start(self.command("splay=0", *settings, once=False, options=options),
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.daemons.append(daemon)
        return daemon

    def close(self):
        for daemon in self.daemons:
            stop(daemon)
        self.check_calls()

    def wait_for(self, kind, count=1, since=0, limit_s=EVENT_S, **fields):
        """Waits until the journal has `count` lines of this kind with these fields since the
        last power-on, from the line `since` on; returns the newest."""
        def found():
            rows = [entry for entry in self.last_life()[since:] if entry["kind"] == kind and
                    all(entry["fields"].get(name) == value for name, value in fields.items())]
            return rows if len(rows) >= count else None

        return wait_until(found, f"{kind} {fields or ''} in the journal", limit_s,
                          lambda: stamp_of(self.seen / durable.JOURNAL))[-1]

    # --- looking at it ----------------------------------------------------------------------------

    def tool_command(self, *words):
        return [*self.prefix, *self.emulator, f"{self.programs}/dialtone", "--state", self.state,
                *words]

    def tool(self, *words, **options):
        return ask(self.tool_command(*words), **options)

    def config(self):
        """What `dialtone show config` prints."""
        return self.tool("show", "config").stdout

    def status(self):
        return json.loads(self.tool("status", "--json").stdout)

    def last_life(self):
        """The journal's entries since the last power-on."""
        explained = self.tool("explain", "--json").stdout
        lives = json.loads(explained)["lives"] if explained else []
        return lives[-1]["entries"] if lives else []

    def journal(self):
        """The journal's files as they stand on the disk, the older one first."""
        paths = [self.seen / name for name in (durable.FORMER_JOURNAL, durable.JOURNAL)]
        return b"".join(path.read_bytes() for path in paths if path.is_file())

    def journal_kinds(self):
        """Of its lines, without a program that reads them."""
        lines = self.journal().decode("utf-8", "replace").split("\n")
        return [line.split("\t")[2] for line in lines if line.count("\t") >= 2]

    def files(self):
        """What the state directory holds besides the journal: content, inode and times."""
        found = {}
        for path in sorted(self.seen.iterdir()):
            if path.name not in durable.names("journal"):
                about = path.stat()
                found[path.name] = (path.read_bytes(), about.st_ino, about.st_mtime_ns,
                                    about.st_ctime_ns)
        return found


def runtime_file(state, ending):
    """Of the phone with this state directory: what ends in .control, or in .INTERFACE.lease4."""
    user = os.geteuid()
    folder = "/run/dialtone" if user == 0 else \
        f"{os.environ.get('XDG_RUNTIME_DIR', '/tmp')}/dialtone-{user}"
    name = hashlib.sha256(os.path.realpath(state).encode()).hexdigest()[:16]
    return pathlib.Path(folder, f"{name}{ending}")


def with_variables(environment):
    """To be put before a command line that alone gets these variables: LD_PRELOAD, for instance,
    is not for those who start it."""
    return ["env", *(f"{name}={value}" for name, value in environment.items())]


class RunningLife:
    """A life that goes on until the last of its processes has ended."""

    def __init__(self, command, environment=None):
        # The other end closes when the last process of the life is gone.
        self.alive, held = os.pipe()
        self.process = start([*with_variables(environment or {}), *command], pass_fds=[held],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        os.close(held)

    def wait(self, limit_s):
        """(exit status, standard error)"""
        try:
            _, stderr = wait_for_end(self.process, limit_s)
        except KitError as error:
            stderr = str(error)
        with open(self.alive, "rb", buffering=0) as alive:
            alive.read()  # empty: nobody writes, and at the end everybody is gone
        return self.process.returncode, stderr

    def is_killed_after(self, seconds):
        """Ends it by force then; false when it was over before."""
        try:
            self.process.wait(seconds)
            return False
        except subprocess.TimeoutExpired:
            kill_group(self.process)
            return True

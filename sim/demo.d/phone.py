# SPDX-License-Identifier: Apache-2.0
"""The phone as a process: dialtoned on an interface of its own, and dialtone to ask it how it is.
arm_phone.py has the one that is a machine; main.py takes either."""

import json
import os
import selectors
import subprocess
import time

from ladder.journal import parse_journal
from processes import DemoError, run, start, stop, wait_until
from provisioning import MAC

LIFE_S = 75  # a life with --once has 45 s; the rest is for slow machines
LAST_WORDS_S = 3  # for the last lines to come through after the phone's end


class Phone:
    words = "A phone"  # what it is, for a person
    emulator = ()      # for programs of another machine

    def __init__(self, network, host, given, folder):
        self.network, self.host, self.programs = network, host, given.programs
        self.folder, self.state = folder, f"{folder}/state"
        self.interface = ""
        self.process = self.follower = None
        self.power_on_us = 0
        os.mkdir(self.state, 0o700)

    def plug_in(self, server_end, own_end, has_address):
        """The cable to the server; with an address, unless it is DHCP that gives one."""
        self.interface = own_end[1]
        self.network.join(server_end, own_end if has_address else (*own_end[:3], None))

    def power_on(self, settings, files):
        """`settings`: {key: value}; `files`: {key: path of the file that the setting is about}.
        The follower is there first."""
        self.follower = start(self._tool(["status", "--follow", "--json"]),
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        wait_until(self._is_followed, "dialtone status --follow")
        argv = [f"{self.programs}/dialtoned", "--profile", "grandstream", "--mac", MAC,
                "--interface", self.interface, "--state", self.state, "--once"]
        for key, value in {**settings, **files}.items():
            at = "@" if key.endswith("password") else ""
            argv += ["--set", f"{key}={at}{value}"]
        with open(f"{self.folder}/console", "wb") as console:
            self.power_on_us = time.time_ns() // 1000
            self.process = start(self.network.inside(self.host, argv), stdout=console,
                                 stderr=console)

    def _is_followed(self):
        """It watches the folder and sleeps until something happens there."""
        if self.follower.poll() is not None:
            raise DemoError("dialtone status --follow ended early")
        try:
            own = f"/proc/{self.follower.pid}"
            with open(f"{own}/stat", encoding="utf-8") as file:
                is_asleep = file.read().rpartition(")")[2].split()[0] == "S"
            notes = [f"{own}/fdinfo/{name}" for name in os.listdir(f"{own}/fdinfo")]
            return is_asleep and any("inotify" in read_text(path) for path in notes)
        except OSError:
            return False

    def live(self, console):
        """Shows its life as it happens, until it has ended."""
        for event in self._events():
            console.event(event)
        self._wait()
        for line in read_text(f"{self.folder}/console").splitlines():
            console.say(f"           console {line}", "soft")

    def _events(self):
        """The journal's entries as they come, each a dictionary, until the phone has ended."""
        end = time.monotonic() + LIFE_S
        rest, is_last = b"", False
        with selectors.DefaultSelector() as selector:
            selector.register(self.follower.stdout, selectors.EVENT_READ)
            while time.monotonic() < end and not is_last:
                if self.process.poll() is not None:
                    end = min(end, time.monotonic() + LAST_WORDS_S)
                if not selector.select(0.05):
                    continue
                chunk = os.read(self.follower.stdout.fileno(), 65536)
                if not chunk:
                    break
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    event = json.loads(line)
                    is_last = is_last or event["kind"] == "finished"
                    yield event

    def _wait(self):
        try:
            self.process.wait(LAST_WORDS_S)
        except subprocess.TimeoutExpired:
            raise DemoError(f"the phone's life has no end after {LIFE_S} s") from None

    def ending(self):
        status = self.process.returncode
        return status == 0, f"dialtoned ended with status {status}"

    def journal(self):
        return "".join(read_text(f"{self.state}/{name}") for name in ("journal.1", "journal"))

    def entries(self):
        """The journal's, their times since power_on_us."""
        return parse_journal(self.journal())

    def status(self):
        return json.loads(run(self._tool(["status", "--json"]), "dialtone status"))

    def configuration(self):
        """KEY=VALUE lines, secrets masked."""
        return run(self._tool(["show", "config", "--mask"]), "dialtone show config")

    def _tool(self, argv):
        return [*self.emulator, f"{self.programs}/dialtone", "--state", self.state, *argv]

    def stop(self):
        for process in (self.process, self.follower):
            if process is not None:
                stop(process)


def read_text(path):
    """Empty when there is no such file."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""

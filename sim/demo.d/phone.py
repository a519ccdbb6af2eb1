# SPDX-License-Identifier: Apache-2.0
"""The phone of the demonstration as a process: dialtoned on an interface of its own, and dialtone
to follow its life. arm_phone.py has the one that is a machine; main.py takes either."""

import json
import os
import pathlib
import selectors
import subprocess
import time

from kit import KitError
from kit.phone import Phone
from kit.processes import run, start, stop, watches_a_folder
from kit.program import text_of
from kit.waiting import wait_until
from ladder.journal import parse_journal

ADDRESS, SERVER_ADDRESS, PREFIX_LENGTH = "172.18.32.197", "172.18.0.10", 16
OWN_MAC, SERVER_MAC = "00:0b:82:27:3b:89", "02:00:5e:00:00:0a"
INTERFACE = "eth0"  # of either end
LIFE_S = 75  # a life with --once has 45 s; the rest is for slow machines
LAST_WORDS_S = 3  # for the last lines to come through after the phone's end


class DemoPhone(Phone):
    words = "A phone"  # what it is, for a person
    cable_mac = OWN_MAC

    def __init__(self, host, given, folder):
        super().__init__(folder, host=host, interface=INTERFACE, programs=given.programs)
        self.host, self.process, self.follower = host, None, None
        self.console_log = pathlib.Path(folder, "console")
        self.power_on_us = 0
        os.mkdir(self.state, 0o700)

    def plug_in(self, server, has_address):
        """The cable to the server; with an address, unless it is DHCP that gives one."""
        server.cable(INTERFACE, self.host, INTERFACE, mac=SERVER_MAC, other_mac=self.cable_mac,
                     is_quiet=True)
        server.add_address(INTERFACE, f"{SERVER_ADDRESS}/{PREFIX_LENGTH}", "broadcast", "+")
        if has_address:
            self.set_address()
        self.host.wait_for_carrier(INTERFACE)

    def set_address(self):
        self.host.add_address(INTERFACE, f"{ADDRESS}/{PREFIX_LENGTH}", "broadcast", "+")

    def power_on(self, settings, files):
        """`settings`: {key: value}; `files`: {key: path of the file that the setting is about}.
        The follower is there first."""
        self.follower = start(self.tool_command("status", "--follow", "--json"),
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        wait_until(self._is_followed, "dialtone status --follow")
        texts = [f"{key}={'@' if key.endswith('password') else ''}{value}"
                 for key, value in {**settings, **files}.items()]
        self.power_on_us = time.time_ns() // 1000
        self.process = start(self.command(*texts), self.console_log)

    def _is_followed(self):
        if self.follower.poll() is not None:
            raise KitError("dialtone status --follow ended early")
        return watches_a_folder(self.follower.pid)

    def live(self, console):  # pylint: disable=arguments-differ
        """Shows its life as it happens, until it has ended."""
        for event in self._events():
            console.event(event)
        try:
            self.process.wait(LAST_WORDS_S)
        except subprocess.TimeoutExpired:
            raise KitError(f"the phone's life has no end after {LIFE_S} s") from None
        for line in text_of(self.console_log).splitlines():
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

    def ending(self):
        status = self.process.returncode
        return status == 0, f"dialtoned ended with status {status}"

    def journal_text(self):
        return self.journal().decode("utf-8", "replace")

    def entries(self):
        """The journal's, their times since power_on_us."""
        return parse_journal(self.journal_text())

    def masked_configuration(self):
        """KEY=VALUE lines, secrets masked."""
        return run(self.tool_command("show", "config", "--mask"))

    def stop(self):
        for process in (self.process, self.follower):
            if process is not None:
                stop(process)

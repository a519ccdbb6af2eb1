# SPDX-License-Identifier: Apache-2.0
"""The phone as a machine: the image in QEMU, on a tap inside the phone's namespace. It is told what
the factory tells a phone, and its journal and configuration are read from its data disk once it is
switched off. phone.py has the one that is a process; main.py takes either."""

import pathlib
import re

from kit import KitError
from kit.machine import CABLE_MAC, EMULATOR, MAC, TAP, Machine, tap_network
from ladder.journal import parse_journal
from phone import ADDRESS, INTERFACE, PREFIX_LENGTH, DemoPhone

LIFE_S = 300   # an emulated machine on a busy computer takes its time

# Of what the kernel says, a person is shown where it begins and ends.
KERNEL_LINE = re.compile(r"\[ *\d+\.\d+\] (?!Booting Linux|Linux version|reboot: )")
LIFE_BEGINS = re.compile(r"^ *(\d+)\.(\d+) s  The phone started after ")


class ArmPhone(DemoPhone):
    words = "A phone made of ARM, emulated,"
    emulator = EMULATOR
    cable_mac = CABLE_MAC

    def __init__(self, host, given, folder):
        super().__init__(host, given, folder)
        self.machine = Machine(given.image, f"{folder}/machine", prefix=host.inside([]),
                               network=tap_network(TAP, MAC))
        self.factory = {}
        # What an ACS sets needs no restart.
        self.boots = 1 if given.source == "tr069" else 2

    def plug_in(self, server, has_address):
        super().plug_in(server, has_address)
        self.host.add_tap(INTERFACE, TAP)

    def set_address(self):
        self.factory["phone"] = f"address={ADDRESS}/{PREFIX_LENGTH}\n"

    def power_on(self, settings, files):
        """`files` become those of the factory partition, passwords a line of its settings."""
        lines = dict(settings)
        for key, path in files.items():
            content = pathlib.Path(path).read_text(encoding="utf-8")
            if key.endswith("password"):
                lines[key] = content
            else:
                lines[key] = f"/factory/{pathlib.Path(path).name}"
                self.factory[pathlib.Path(path).name] = content
        self.factory["settings"] = "".join(f"{key}={value}\n" for key, value in lines.items())
        self.machine.write_factory(self.factory)
        self.machine.power_on()

    def live(self, console):
        """Until it rests with a configuration, or has given up; then its power key is pressed."""
        machine, at, is_over = self.machine, 0, False
        end_us = None
        while not machine.is_silent or machine.new_lines(at, 0):
            for now_us, line in machine.new_lines(at, 0.2):
                at += 1
                end_us = end_us or now_us + LIFE_S * 1_000_000
                console.machine(line, not KERNEL_LINE.match(line))
                if not is_over and ("s  The phone rests" in line or
                                    "No source led to a configuration" in line):
                    is_over = True
                    machine.press_power_key()
                if now_us > end_us:
                    raise KitError(f"the phone's life has no end after {LIFE_S} s")
        machine.wait_until_off()
        machine.read_state(self.state)
        begins = self._lives()
        self.power_on_us = begins[0] if begins else 0

    def _lives(self):
        """When each life of dialtoned began, in microseconds since 1970: from the time at which
        its first line was on the console, and the time that the line tells."""
        found = []
        for at_us, line in self.machine.lines:
            if match := LIFE_BEGINS.match(line):
                seconds, milliseconds = match.groups()
                found.append(at_us - (int(seconds) * 1000 + int(milliseconds)) * 1000)
        return found

    def entries(self):
        """After a real reboot the journal counts from 0 again; here it goes on."""
        begins, life = self._lives(), -1
        entries = parse_journal(self.journal_text())
        for entry in entries:
            life += entry.kind == "boot"
            if 0 <= life < len(begins):
                entry.at_ms += (begins[life] - begins[0]) // 1000
        return entries

    def ending(self):
        boots = self.machine.kernel_boots()
        is_off = "reboot: Power down" in self.machine.console()
        return boots == self.boots and is_off, \
            f"the machine started {boots} times and was {'' if is_off else 'NOT '}switched off"

    def stop(self):
        self.machine.stop()

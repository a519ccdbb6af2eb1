# SPDX-License-Identifier: Apache-2.0
"""The devices `process` and `qemu-user`: the daemon of this machine, or that of the ARM phone under
the emulator of its programs, in a box of its own (box.py) on the phone's end of a cable."""

import os
import pathlib
import re
import shutil

from hil.device import Device, mac_with_colons
from hil.site_network import INTERFACE
from kit import durable
from kit.box import Box
from kit.machine import EMULATOR
from kit.program import text_of

PROCESS_ENDED = re.compile(r"dialtoned ended with status (\d+)")


class ProcessDevice(Device):
    name = "process"
    boot_s = 10
    abilities = frozenset(("settings", "new", "sip", "dhcp-question"))
    preset = "host"
    emulator = ()

    def __init__(self, site, given, folder):
        super().__init__(site, given, folder)
        self.box = None

    @classmethod
    def programs(cls, given):
        return pathlib.Path(given.programs or f"{given.source}/build/{cls.preset}/bin")

    @classmethod
    def why_not(cls, given):
        programs = cls.programs(given)
        missing = [name for name in ("dialtoned", "dialtone")
                   if not os.access(programs / name, os.X_OK)]
        if missing:
            return f"{programs / missing[0]} is not there: cmake --build --preset {cls.preset}"
        if cls.emulator and not shutil.which(cls.emulator[0]):
            return f"{cls.emulator[0]} is not installed: toolchains/bootstrap armhf"
        return ""

    def plug_in(self):
        self.site.join(mac_with_colons(self.given.mac))

    def power(self, verb):
        if verb == "on":
            self._box().power_on()
        elif self.box:
            self.box.power_off()

    def _box(self):
        if self.box is None:
            arguments = ["--profile", self.given.vendor, "--model", self.given.model,
                         "--mac", self.given.mac]
            for key, value in self.settings.items():
                arguments += ["--set", f"{key}={value}"]
            self.box = Box(self.folder, self.site.phone_host.inside([]),
                           self.programs(self.given), INTERFACE, arguments, self.emulator,
                           "sip" in self.given.needs)
        return self.box

    def findings(self):
        self.power("off")
        console = text_of(pathlib.Path(self.box.console))
        found = [f"dialtoned ended by itself with status {status}"
                 for status in PROCESS_ENDED.findall(console)]
        journals = [pathlib.Path(self.box.state, name) for name in durable.names("journal")]
        told = console + "".join(text_of(path) for path in journals if path.exists())
        return found + self.secrets_in(told, "in the phone's journal or on its console")

    def report(self):
        if self.box:
            self.keep("explain.txt", self.box.tool("explain"))

    def stop(self):
        self.power("off")


class QemuUserDevice(ProcessDevice):
    name = "qemu-user"
    boot_s = 15
    abilities = ProcessDevice.abilities - {"dhcp-question"}
    preset = "armhf"
    emulator = EMULATOR

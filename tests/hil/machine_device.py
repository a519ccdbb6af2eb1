# SPDX-License-Identifier: Apache-2.0
"""The device `qemu-system`: the phone's image in QEMU (docs/arm.md), on a tap behind the phone's
end of the cable. The factory partition carries its settings."""

import os
import re
import shutil

from hil.device import Device, mac_with_colons
from hil.site_network import INTERFACE
from kit import KitError
from kit.machine import CABLE_MAC, EMULATOR, TAP, Machine, tap_network
from kit.needs import ARM_TOOLS
from kit.processes import run

PROFILE = "grandstream"  # rootfs/etc/dialtone/phone
DAMAGE = re.compile(r"Kernel panic|nothing will be kept|damaged; it is made afresh|Oops|"
                    r"factory partition: cannot")


class MachineDevice(Device):
    name = "qemu-system"
    boot_s = 75  # on a computer that has much else to do; 10 on an idle one
    abilities = frozenset(("settings", "new", "dhcp-question"))

    def __init__(self, site, given, folder):
        super().__init__(site, given, folder)
        self.machine = None

    @classmethod
    def why_not(cls, given):
        if missing := [tool for tool in ARM_TOOLS if shutil.which(tool) is None]:
            return f"{', '.join(missing)} not installed: toolchains/bootstrap armhf --image"
        if not os.path.exists(f"{given.image}/root.squashfs"):
            return f"there is no image in {given.image}: rootfs/build"
        if given.vendor != PROFILE:
            return f"the image is a {PROFILE} phone"
        return ""

    def plug_in(self):
        self.site.join(CABLE_MAC)
        self.site.phone_host.add_tap(INTERFACE, TAP)
        self.machine = Machine(self.given.image, self.folder,
                               prefix=self.site.phone_host.inside([]),
                               network=tap_network(TAP, mac_with_colons(self.given.mac)))

    def power(self, verb):
        machine = self.machine
        if verb == "off":
            if machine.process is not None:
                machine.power_cut()
                machine.process = None
            return
        if machine.factory is None:
            lines = "".join(f"{key}={value}\n" for key, value in self.settings.items())
            machine.write_factory({"phone": "", "settings": lines})
        machine.power_on()

    def findings(self):
        self.power("off")
        console = self.machine.console()
        found = [f"its console says: {line}" for line in console.split("\n") if DAMAGE.search(line)]
        return found + self.secrets_in(console, "on its console")

    def report(self):
        if not self.machine:
            return
        self.power("off")
        self.keep("console.log", self.machine.console())
        state = f"{self.folder}/state"
        try:
            self.machine.read_state(state)
            told = run([*EMULATOR, f"{self.given.source}/build/armhf/bin/dialtone", "--state",
                        state, "explain"])
        except (KitError, OSError) as error:
            told = f"its data disk tells nothing: {error}\n"
        self.keep("explain.txt", told)

    def stop(self):
        if self.machine and self.machine.process is not None:
            self.machine.stop()

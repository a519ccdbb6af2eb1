# SPDX-License-Identifier: Apache-2.0
"""The device `phone`: whatever hangs on a network interface of this machine and can be switched by
a command. While a scenario runs the interface is in the site's namespace, so that the site's DHCP
cannot reach any other network; afterwards it is back."""

import os
import shlex
import socket

from hil.device import Device
from kit import KitError
from kit.network import HERE
from kit.processes import ask

SWITCH_S = 60  # for the command


class PhoneDevice(Device):
    name = "phone"
    boot_s = 90
    abilities = frozenset(("dhcp-question",))

    def __init__(self, site, given, folder):
        super().__init__(site, given, folder)
        self.interface = given.interface
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        self.is_away = False
        self.abilities = frozenset(self.abilities | set(given.abilities) |
                                   ({"new"} if given.reset else set()))

    @classmethod
    def why_not(cls, given):
        if not given.interface or not given.power_cycle:
            return "--device phone needs --interface and --power-cycle"
        if given.interface not in [name for _, name in socket.if_nameindex()]:
            return f"this machine has no interface {given.interface}"
        # One that is in use would take this machine off its network, or it is the wrong one.
        addresses = HERE.ip("-o", "address", "show", "dev", given.interface, "scope", "global")
        if addresses.strip():
            return f"{given.interface} has an address, so it is in use: give it to the phone alone"
        return ""

    def plug_in(self):
        self._command(self.given.power_cycle, "off")
        HERE.ip("link", "set", self.interface, "netns", self.site.host.path)
        self.is_away = True
        self.site.host.up(self.interface, is_quiet=True)
        if self.given.reset:
            self._command(self.given.reset)

    def power(self, verb):
        self._command(self.given.power_cycle, verb)

    def _command(self, command, *more):
        with open(f"{self.folder}/power.log", "ab") as log:
            done = ask([*shlex.split(command), *more], SWITCH_S, capture_output=False, stdout=log,
                       stderr=log)
        if done.returncode != 0:
            raise KitError(f"{command} {' '.join(more)}: status {done.returncode}")

    def stop(self):
        if self.is_away:
            self.site.host.ip("link", "set", self.interface, "netns",
                              f"/proc/{os.getpid()}/fd/{self.home}")
            self.is_away = False
            self._command(self.given.power_cycle, "off")
        os.close(self.home)

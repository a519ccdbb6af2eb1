# SPDX-License-Identifier: Apache-2.0
"""What the tests of the phone as a machine share: a network of namespaces with the phone's tap and
a server, the image, and a phone that is judged by its console, its disk and the server's log."""

import re
import sys
import tempfile

import kit
from kit import SOURCE
from kit.disk import Disk
from kit.machine import CABLE_MAC, DATA_BYTES, EMULATOR, MAC, TAP, Machine, tap_network
from kit.needs import image_parts, root
from kit.network import Host
from kit.processes import run
from kit.testcase import KitTest
from kit.web import WebServer

BIN = kit.BIN if kit.BIN.parent.name == "armhf" else SOURCE / "build/armhf/bin"
MACHINE_NEEDS = (image_parts, root)  # taps and namespaces of its own
PHONE_ADDRESS, SERVER_ADDRESS, PREFIX_LENGTH = "172.18.32.197", "172.18.0.10", 16
FACTORY_PHONE = f"address={PHONE_ADDRESS}/{PREFIX_LENGTH}\n"
RESTS = "s  The phone rests with configuration"
STARTED = r"s  The phone started after ([a-z- ]+): .* MAC [0-9a-f]{12}, profile [a-z]+"
SERVER_MAC = "02:00:5e:00:00:0a"
BUILD_S = 120


def build_image(output, *options, source=SOURCE, **more):
    """The image of the programs in BIN; what building it says."""
    return run([source / "rootfs/build", "--programs", BIN, "--output", output, *options],
               limit_s=BUILD_S, **more)


class MachineOnDisk(Machine):
    """Its data disk is one of disk.py."""

    def __init__(self, disk, *rest, **named):
        self.disk = disk
        super().__init__(*rest, **named)

    def clear_data(self):
        self.disk.clear()

    def data_file(self):
        return f"nbd+unix:///?socket={self.disk.path}"

    def read_state(self, folder):
        self.disk.save(self.data)
        super().read_state(folder)


class MachineTest(KitTest):
    """With the network, the image and a phone without power; prepare() makes them for all."""

    @classmethod
    def prepare(cls, stack):
        cls.folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dialtone-qemu-"))
        cls.image = f"{cls.folder}/image"
        build_image(cls.image)
        cls.server_host, cls.phone_host = Host(), Host()
        cls.server_host.cable("eth0", cls.phone_host, "eth0", mac=SERVER_MAC, other_mac=CABLE_MAC,
                              is_quiet=True)
        cls.server_host.add_address("eth0", f"{SERVER_ADDRESS}/{PREFIX_LENGTH}", "broadcast", "+")
        cls.phone_host.add_tap("eth0", TAP)
        for host in (cls.server_host, cls.phone_host):
            stack.callback(host.close)

    def serve(self, tls=None):
        """The web server on the phone's network."""
        return self.keep(WebServer(tls=tls, host=self.server_host, address=SERVER_ADDRESS))

    def machine(self, *options, settings=()):
        """A phone that knows its server by the settings, without power."""
        folder = tempfile.mkdtemp(dir=self.folder)
        disk = self.keep(Disk(f"{folder}/disk", DATA_BYTES))
        made = MachineOnDisk(disk, self.image, folder, prefix=self.phone_host.inside([]),
                             network=tap_network(TAP, MAC), options=options)
        self.tell(made, *settings)
        self.addCleanup(self.report, made)
        self.addCleanup(made.stop)
        return made

    def tell(self, machine, *settings, **files):
        """What the factory tells it: settings, a fixed address, and to ask without delay."""
        lines = ["order=static", "splay=0", *settings]
        machine.write_factory({"phone": FACTORY_PHONE, "settings": "\n".join(lines) + "\n",
                               **files})

    def report(self, machine):
        """A failure is told with the console."""
        if any(error for _, error in getattr(self._outcome, "errors", [])) or \
                not getattr(self._outcome, "success", True):
            print("--- the console's last lines:\n" +
                  "\n".join(machine.console().split("\n")[-80:]), file=sys.stderr)

    def provision(self, machine):
        """From power-on to rest, over a reboot of the machine."""
        since = len(machine.lines)
        machine.power_on()
        machine.wait_for(RESTS, since=since)
        return since

    def started(self, machine, since):
        """(why it started, number of the active configuration or 0), from its next first line."""
        text = machine.lines[machine.wait_for(STARTED, since=since)][1]
        found = re.search(STARTED, text)
        active = re.search(r"configuration (\d+) is active", text)
        return found[1], int(active[1]) if active else 0

    def state(self, machine, *words):
        """What `dialtone` says about the data disk of a machine that is off."""
        folder = f"{machine.folder}/state"
        machine.read_state(folder)
        return run([*EMULATOR, BIN / "dialtone", "--state", folder, *words])

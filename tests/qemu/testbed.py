# SPDX-License-Identifier: Apache-2.0
"""What the tests of the phone as a machine share: a network of namespaces with the phone's tap and
a server, the image, and a phone that is judged by its console, its disk and the server's log."""

import ctypes
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.dont_write_bytecode = True
SOURCE = pathlib.Path(os.environ.get("DIALTONE_SOURCE", pathlib.Path(__file__).parents[2]))
BIN = pathlib.Path(os.environ.get("DIALTONE_BIN", SOURCE / "build/armhf/bin"))
sys.path[:0] = [str(SOURCE / "sim/demo.d"), str(SOURCE / "sim")]
# The servers of the tests of the programs; last, because both have a phone.py.
sys.path.append(str(SOURCE / "tests/integration"))

from arm_phone import CABLE_MAC, SYSROOT, TAP
from disk import Disk
from machine import DATA_BYTES, MAC, Machine, tap_network
from network import PREFIX_LENGTH, Network
from processes import run, stop_all
from server import Answer, Server, tls_context

OWN_FILE = "cfg000b82273b89.xml"
PHONE_ADDRESS, SERVER_ADDRESS = "172.18.32.197", "172.18.0.10"
FACTORY_PHONE = f"address={PHONE_ADDRESS}/{PREFIX_LENGTH}\n"
RESTS = "s  The phone rests with configuration"
STARTED = r"s  The phone started after ([a-z- ]+): .* MAC [0-9a-f]{12}, profile [a-z]+"
SERVER_END = ("server", "eth0", "02:00:5e:00:00:0a", SERVER_ADDRESS)
PHONE_END = ("phone", "eth0", CABLE_MAC, None)
CLONE_NEWNET = 0x40000000
BUILD_S = 120
TOOLS = ("qemu-system-arm", "qemu-arm-static", "mksquashfs", "unsquashfs", "mke2fs", "debugfs",
         "e2fsck")


os.environ["PATH"] += ":/usr/sbin:/sbin"


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def skip_unless_tools_are_there():
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    parts = subprocess.run([SOURCE / "toolchains/bootstrap", "--image-parts"], text=True,
                           capture_output=True, timeout=20, check=True).stdout.strip()
    if missing or not os.path.exists(f"{parts}/vmlinuz"):
        skip(f"toolchains/bootstrap armhf --image brings {', '.join(missing) or 'the kernel'}")


def skip_unless_root():
    if os.geteuid() != 0:
        skip("taps and namespaces of its own need root")


def build_image(folder):
    """The image of the programs in BIN; its folder."""
    done = subprocess.run([SOURCE / "rootfs/build", "--programs", BIN, "--output",
                           f"{folder}/image"], capture_output=True, text=True, timeout=BUILD_S,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return f"{folder}/image"


def config_file(**values):
    """A Grandstream XML file for the phone."""
    rows = "".join(f"<{key}>{value}</{key}>\n" for key, value in values.items())
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<gs_provision version="1">\n'
            f"<mac>{MAC.replace(':', '')}</mac>\n<config version=\"1\">\n{rows}</config>\n"
            "</gs_provision>\n").encode()


def socket_inside(namespace, kind, address):
    """A socket that is bound in another network namespace, for this process."""
    made = []

    def enter():
        libc = ctypes.CDLL(None, use_errno=True)
        with open(namespace, "rb") as file:
            if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
                made.append(OSError(ctypes.get_errno(), "setns"))
                return
        one = socket.socket(socket.AF_INET, kind)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(address)
        made.append(one)

    thread = threading.Thread(target=enter)  # it alone is elsewhere, and ends there
    thread.start()
    thread.join()
    if not made or isinstance(made[0], OSError):
        raise made[0] if made else OSError("no socket")
    return made[0]


class LanServer(Server):
    """The web server of the other tests, on the phone's network."""

    def __init__(self, network, answers=None, tls=None):
        self.network = network
        super().__init__(answers, tls)

    def new_socket(self, port):  # pylint: disable=arguments-differ
        return socket_inside(self.network.path("server"), socket.SOCK_STREAM,
                             (SERVER_ADDRESS, port))

    def address(self):
        return self.url(host=SERVER_ADDRESS)


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


class MachineTest(unittest.TestCase):
    """With the network, the image and a phone without power; all gone at the end."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="dialtone-qemu-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.addClassCleanup(stop_all)
        cls.image = build_image(cls.folder)
        cls.network = Network()
        cls.addClassCleanup(cls.network.close)
        for host in ("server", "phone"):
            cls.network.add_host(host)
        cls.network.join(SERVER_END, PHONE_END)
        cls.network.add_tap("phone", "eth0", TAP)

    def serve(self, tls=None):
        server = LanServer(self.network, tls=tls)
        self.addCleanup(server.close)
        return server

    def machine(self, *options, settings=()):
        """A phone that knows its server by the settings, without power."""
        folder = tempfile.mkdtemp(dir=self.folder)
        disk = Disk(f"{folder}/disk", DATA_BYTES)
        self.addCleanup(disk.close)
        made = MachineOnDisk(disk, self.image, folder, prefix=self.network.inside("phone", []),
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
        return run(["qemu-arm-static", "-L", SYSROOT, str(BIN / "dialtone"), "--state", folder,
                    *words], f"dialtone {' '.join(words)}")

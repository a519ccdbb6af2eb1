# SPDX-License-Identifier: Apache-2.0
"""A phone that is a whole machine: the image of rootfs/build in qemu-system-arm, with its power
switch, its power key, its console and its data disk. The demonstration, tests/qemu and the bench
use it; what plugs it into a network is the caller's.

    machine = Machine(image, folder, network=[...])
    machine.write_factory({"phone": "address=10.0.0.2/16\n", "settings": "order=pnp\n"})
    machine.power_on()
    machine.wait_for("The phone rests")
    machine.switch_off()            # in good order; or power_cut()
    machine.read_state(folder)      # what `dialtone --state` reads
"""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import threading
import time

from kit import KitError
from kit.processes import run, start, stop

MAC = "00:0b:82:27:3b:89"
CABLE_MAC = "02:00:5e:00:00:0b"  # of the host's end of its cable; the phone's own is above
TAP = "tap0"
SYSROOT = "/usr/arm-linux-gnueabihf"
EMULATOR = ("qemu-arm-static", "-L", SYSROOT)  # of programs: put before one of the phone's
MEMORY_MIB = 128
DATA_BYTES = 8 * 1024 * 1024
KERNEL_LINE = "console=ttyAMA0 panic=5"
OFF_S = 60       # from the power key to the end
PATIENCE_S = 180  # for a line of the console, from power-on
FIRST_KERNEL_WORDS = "Booting Linux on physical CPU"


class Machine:
    """`prefix`: put before QEMU's command line (Host.inside). `network`: QEMU's options for eth0.
    `options`: further ones. The data disk stays when the power goes."""

    def __init__(self, image, folder, prefix=(), network=(), options=()):
        self.image, self.folder = image, folder
        self.prefix, self.network, self.options = list(prefix), list(network), list(options)
        self.data = f"{folder}/data.img"
        self.is_data_read_only = False
        self.process = self.reader = None
        self.lines = []  # (microseconds since 1970, text) of all power-ons
        self.changed = threading.Condition()
        self.is_silent = False  # the console's other end is closed
        self.factory = None
        os.makedirs(folder, exist_ok=True)
        self.clear_data()

    # --- its disks --------------------------------------------------------------------------------

    def clear_data(self):
        """The data disk as it is delivered: nothing on it."""
        with open(self.data, "wb") as file:
            file.truncate(DATA_BYTES)

    def write_factory(self, files):
        """{name: text or bytes}: the factory partition, which the phone cannot write."""
        tree = pathlib.Path(self.folder, "factory")
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir(0o755)
        for name, content in files.items():
            (tree / name).write_bytes(content if isinstance(content, bytes) else content.encode())
            (tree / name).chmod(0o644)
        self.factory = f"{self.folder}/factory.squashfs"
        run(["mksquashfs", tree, self.factory, "-noappend", "-quiet", "-no-progress", "-all-root",
             "-no-xattrs"])

    def read_state(self, folder):
        """Copies the phone's state directory out of the data disk, whose power is off."""
        copy = f"{self.folder}/copy.img"
        shutil.copyfile(self.data, copy)
        # What the disk's own journal holds is brought in first, as a mount would do it.
        run(["e2fsck", "-fy", copy], allowed=(0, 1, 2), limit_s=60)
        shutil.rmtree(folder, ignore_errors=True)
        run(["debugfs", "-R", f"rdump /dialtone {self.folder}", copy])
        os.rename(f"{self.folder}/dialtone", folder)
        os.unlink(copy)

    # --- its power --------------------------------------------------------------------------------

    def power_on(self):
        if os.path.exists(self._monitor_path()):
            os.unlink(self._monitor_path())
        self.is_silent = False
        self.process = start([*self.prefix, *self.command()], f"{self.folder}/qemu.log",
                             stdout=subprocess.PIPE)
        self.reader = threading.Thread(target=self._read_console, args=(self.process,),
                                       daemon=True)
        self.reader.start()

    def command(self):
        words = ["qemu-system-arm", "-M", "virt,highmem=off", "-cpu", "cortex-a7",
                 "-m", str(MEMORY_MIB), "-nodefaults", "-no-user-config", "-display", "none",
                 "-serial", "stdio", "-qmp", f"unix:{self._monitor_path()},server=on,wait=off",
                 "-kernel", f"{self.image}/vmlinuz", "-initrd", f"{self.image}/initramfs.gz",
                 "-append", KERNEL_LINE, "-device", "virtio-rng-device"]
        words += self._disk("root", f"{self.image}/root.squashfs", "on")
        words += self._disk("data", self.data_file(), "on" if self.is_data_read_only else "off")
        if self.factory:
            words += self._disk("factory", self.factory, "on")
        return words + self.network + self.options

    def data_file(self):
        """As QEMU names it; a test has a disk of its own."""
        return self.data

    def _disk(self, name, path, read_only):
        return ["-drive", f"if=none,id={name},file={path},format=raw,readonly={read_only}",
                "-device", f"virtio-blk-device,drive={name},serial={name}"]

    def _monitor_path(self):
        return f"{self.folder}/monitor"

    def power_cut(self):
        """The plug is pulled."""
        self.process.kill()
        self._wait_for_end(OFF_S)

    def press_power_key(self):
        self.monitor("system_powerdown")

    def switch_off(self):
        """By the power key, and waits until it is off."""
        self.press_power_key()
        self.wait_until_off()

    def wait_until_off(self, limit_s=OFF_S):
        try:
            self._wait_for_end(limit_s)
        except subprocess.TimeoutExpired:
            raise KitError(f"the machine is not off after {limit_s} s") from None

    def _wait_for_end(self, limit_s):
        self.process.wait(limit_s)
        self.reader.join(limit_s)
        stop(self.process)

    def stop(self):
        """Whatever it does."""
        if self.process is not None:
            stop(self.process)
            self.reader.join(OFF_S)

    def monitor(self, command):
        """One command of QEMU's machine protocol; what it returns."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(self._monitor_path())
            with line.makefile("rw", encoding="utf-8") as file:
                file.readline()  # the greeting
                for one in ("qmp_capabilities", command):
                    file.write(json.dumps({"execute": one}) + "\n")
                    file.flush()
                    answer = {}
                    while "return" not in answer and "error" not in answer:
                        answer = json.loads(file.readline())
        if "error" in answer:
            raise KitError(f"QEMU refuses {command}: {answer['error']}")
        return answer["return"]

    # --- its console ------------------------------------------------------------------------------

    def _read_console(self, process):
        rest = b""
        while True:
            chunk = os.read(process.stdout.fileno(), 65536)
            *lines, rest = (rest + chunk).split(b"\n")
            if not chunk and rest:
                lines.append(rest)
            now_us = time.time_ns() // 1000
            with self.changed:
                self.lines += [(now_us, plain(line)) for line in lines]
                self.is_silent = not chunk
                self.changed.notify_all()
            if not chunk:
                process.stdout.close()
                return

    def wait_for(self, pattern, limit_s=PATIENCE_S, since=0):
        """Waits for a line of the console, at `since` or later among self.lines, that has the
        pattern; returns its index. Raises KitError, with the last lines."""
        wanted, end, at = re.compile(pattern), time.monotonic() + limit_s, since
        with self.changed:
            while True:
                for at in range(at, len(self.lines)):
                    if wanted.search(self.lines[at][1]):
                        return at
                at = len(self.lines)
                left = end - time.monotonic()
                if self.is_silent or left <= 0 or not self.changed.wait(left):
                    why = "before its end" if self.is_silent else f"within {limit_s} s"
                    raise KitError(f"the machine did not say '{pattern}' {why}:\n" +
                                    "\n".join(text for _, text in self.lines[-12:]))

    def new_lines(self, at, wait_s):
        """The lines from index `at`; waits for them for a while, unless there are some."""
        with self.changed:
            if len(self.lines) <= at and not self.is_silent:
                self.changed.wait(wait_s)
            return self.lines[at:]

    def console(self):
        """All that it said, as text."""
        with self.changed:
            return "".join(text + "\n" for _, text in self.lines)

    def kernel_boots(self):
        return self.console().count(FIRST_KERNEL_WORDS)


def plain(line):
    return "".join(c for c in line.decode("utf-8", "replace") if c.isprintable() or c == "\t")


def tap_network(interface, mac=MAC):
    """eth0 on a tap that is there already, in the namespace in which QEMU runs."""
    return ["-netdev", f"tap,id=net,ifname={interface},script=no,downscript=no",
            "-device", f"virtio-net-device,netdev=net,mac={mac}"]

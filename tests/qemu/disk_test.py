# SPDX-License-Identifier: Apache-2.0
"""A phone whose data partition is full, read-only, missing or damaged: what is said, what is kept,
and that it gets its dial tone."""

import os
import pathlib

from kit.configuration import OWN_FILE, config_file
from kit.machine import DATA_BYTES
from kit.processes import run
from qemu.testbed import MACHINE_NEEDS, RESTS, MachineTest

NEEDS, prepare = MACHINE_NEEDS, MachineTest.prepare
FIRST, SECOND, THIRD = (config_file({"P47": f"{name}.example", "P35": "1001"})
                        for name in ("first", "second", "third"))
AFRESH = "it is made afresh, and the phone provisions itself anew"


def debugfs(image, *requests):
    return run(["debugfs", "-w", "-f", "-", image], input="\n".join(requests) + "\n")


class DiskTest(MachineTest):
    def setUp(self):
        self.server = self.serve()
        self.phone = self.machine(settings=[f"static.url={self.server.url()}"])
        self.image = f"{self.phone.folder}/edited.img"

    def offer(self, content):
        self.server.put(f"/{OWN_FILE}", content)

    def edit_disk(self, edit):
        """The power is off: `edit(path)` changes the disk."""
        self.phone.disk.save(self.image)
        edit(self.image)
        self.phone.disk.load(self.image)

    def until(self, *patterns):
        """Power on until these lines were on the console, in order; the index of the first one
        of this power-on."""
        since = at = len(self.phone.lines)
        self.phone.power_on()
        for pattern in patterns:
            at = self.phone.wait_for(pattern, since=at)
        return since

    def off(self):
        self.phone.switch_off()
        self.phone.disk.lose_power()

    def check_holds(self, value):
        """Switched off it has this SIP server."""
        self.off()
        self.assertIn(f"P47={value}.example\n", self.state(self.phone, "show", "config"))

    def said(self, since):
        return "\n".join(text for _, text in self.phone.lines[since:])

    def test_a_full_read_only_or_damaged_partition_costs_no_phone_its_dial_tone(self):
        self.offer(FIRST)
        self.provision(self.phone)
        self.off()
        self.full_partition()
        self.read_only_partition()
        self.damaged_partition()
        self.lost_partition()

    def full_partition(self):
        """The new configuration is refused with a reason, the old one stays, and the space that
        comes back is used."""
        filler = pathlib.Path(self.phone.folder, "filler")
        filler.write_bytes(b"x" * DATA_BYTES)
        self.edit_disk(lambda image: debugfs(image, f"write {filler} filler"))
        self.offer(SECOND)
        since = self.until("could not be stored: .*[Nn]o space left.*the old one stays active")
        self.assertIn("configuration 1 is active", self.said(since))
        self.phone.wait_for("s  The (phone rests|next try)", since=since)
        self.assertNotIn("restarts|reboots", self.said(since))
        self.check_holds("first")
        self.edit_disk(lambda image: debugfs(image, "rm filler"))
        since = self.until("configuration 1 is active", "is safely stored and active",
                           "s  The phone reboots", "configuration 2 is active", RESTS)
        self.assertNotIn(AFRESH, self.said(since))
        self.check_holds("second")

    def read_only_partition(self):
        """The phone works with what it has, and says that it can keep nothing new."""
        self.phone.is_data_read_only = True
        before = bytes(self.phone.disk.medium)
        self.offer(THIRD)
        since = self.until("data partition: read-only; the phone keeps what it has",
                           "configuration 2 is active", "Read-only file system")
        self.phone.wait_for("could not be stored|nothing can be installed", since=since)
        self.off()
        self.phone.is_data_read_only = False
        self.assertEqual(bytes(self.phone.disk.medium), before)

    def damaged_partition(self):
        """A file system that can be mounted and holds damage is made afresh, and filled again."""
        def damage(image):
            inode = debugfs(image, "imap /dialtone").rsplit("block ", 1)[1]
            block, offset = inode.split(",")[0], inode.rsplit("0x", 1)[1].split()[0]
            with open(image, "r+b") as file:
                file.seek(int(block) * 1024 + int(offset, 16))
                file.write(b"\xa5" * 96)

        self.edit_disk(damage)
        self.until(f"data partition: damaged; {AFRESH}", "The phone started after power-on",
                   "is safely stored and active", RESTS)
        self.check_holds("third")

    def lost_partition(self):
        """Not even a file system is left."""
        def wipe(image):
            with open(image, "r+b") as file:
                file.write(os.urandom(256 * 1024))

        self.edit_disk(wipe)
        self.until(f"holds no file system that can be used; {AFRESH}",
                   "The phone started after power-on", "is safely stored and active",
                   "s  The phone reboots")
        self.phone.power_cut()

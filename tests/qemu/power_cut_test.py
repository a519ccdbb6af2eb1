# SPDX-License-Identifier: Apache-2.0
"""The plug is pulled in the middle of an apply, at a chosen write to the disk, and what the disk
had not been told to flush is lost, kept or torn. Each start after it is with the old or the new
configuration, whole, and what was reported as stored is there.

    DIALTONE_POWER_CUTS=N DIALTONE_SEED=S tests/kit/run tests/qemu/power_cut_test.py

cuts so often, 5 times by default; the bench takes 50.
"""

import os
import random
import re
import time

from kit.configuration import OWN_FILE, config_file
from kit.disk import everything, nothing, some
from kit.web import Answer
from qemu.testbed import MACHINE_NEEDS, RESTS, MachineTest

NEEDS, prepare = MACHINE_NEEDS, MachineTest.prepare
POINTS = 5
PATIENCE_S = 180
# A cut between a restart's note and the restart leaves the phone one restart less: the second such
# life in a row installs nothing, and is followed by a power-on that does.
TRIES = 3
STORED = r"s  Configuration (\d+) is safely stored and active"
RESTARTS = "reboot: Restarting system"


def content(number):
    return config_file({"P47": f"server-{number}.example", "P35": "1001",
                        "P3": f"The phone at {number}"})


class PowerCutTest(MachineTest):
    points = int(os.environ.get("DIALTONE_POWER_CUTS", POINTS))
    seed = int(os.environ.get("DIALTONE_SEED", 1))

    def setUp(self):
        self.server = self.serve()
        self.phone = self.machine(settings=[f"static.url={self.server.url()}"])
        self.writes_when_asked = 0
        self.plan = None  # (number of the write after the answer, what is kept)
        self.draw = random.Random(self.seed)
        self.offered = 0

    def offer_next(self):
        self.offered += 1
        self.server.put(f"/{OWN_FILE}", Answer(content(self.offered), before=self.note_request))

    def note_request(self):
        """The phone asked; what it writes from now on is its new configuration, and the journal."""
        self.writes_when_asked = self.phone.disk.writes
        if self.plan:
            number, keep = self.plan
            self.plan = None
            self.phone.disk.cut_at(number, self.phone.process.kill, keep)

    def calibrate(self):
        """A life without a cut, from nothing: how many writes an apply takes until the machine
        restarts."""
        self.offer_next()
        since = len(self.phone.lines)
        self.phone.power_on()
        self.phone.wait_for(RESTARTS, since=since)
        writes = self.phone.disk.writes - self.writes_when_asked
        self.phone.wait_for(RESTS, since=since)
        self.phone.power_cut()
        self.phone.disk.lose_power(nothing)
        self.assertGreater(writes, 10)
        return writes

    def live_until_cut(self, number, keep):
        """One power-on that is cut at the given write after the answer, or when the phone rests.
        Returns (configuration it started with, the one that was reported as stored or 0, whether
        it got to the cut)."""
        since = len(self.phone.lines)
        self.plan = (number, keep)
        self.phone.disk.was_cut.clear()
        self.phone.power_on()
        end = time.monotonic() + PATIENCE_S
        while not self.phone.disk.was_cut.wait(0.2):
            if any(RESTS in text for _, text in self.phone.new_lines(since, 0)):
                break  # fewer writes than that, this time: the plug is pulled now
            self.assertLess(time.monotonic(), end, "neither a cut nor a rest")
        is_reached = self.phone.disk.was_cut.is_set()
        self.phone.power_cut()
        self.phone.disk.lose_power(keep)
        cause, active = self.started(self.phone, since)
        text = "\n".join(line for _, line in self.phone.lines[since:])
        for damage in ("made afresh", "nothing will be kept", "Damage", "cannot be read"):
            self.assertNotIn(damage, text)
        stored = re.findall(STORED, text)
        print(f"write {number} ({keep.__name__}): started after {cause} with {active}, "
              f"{'stored ' + stored[-1] if stored else 'nothing stored'}"
              f"{'' if is_reached else ', rested before'}", flush=True)
        return active, int(stored[-1]) if stored else 0, is_reached

    def test_a_cut_at_any_write_of_an_apply_leaves_the_old_or_the_new_configuration(self):
        writes = self.calibrate()
        known, reported = 1, 1
        for point in range(self.points):
            number = 1 + point * (writes * 3 // 4) // max(self.points - 1, 1)
            keep = (nothing, some(self.draw.random()), everything)[point % 3]
            self.offer_next()
            for _ in range(TRIES):
                active, stored, is_reached = self.live_until_cut(number, keep)
                self.assertGreaterEqual(active, reported, "what was reported as stored is lost")
                self.assertIn(active, (known, known + 1))
                reported = max(reported, stored)
                known = max(active, stored)
                if is_reached:
                    break
            self.assertTrue(is_reached, f"no life came to write {number} of an apply")
        since = self.provision(self.phone)
        self.assertGreaterEqual(self.started(self.phone, since)[1], reported)
        self.phone.switch_off()
        self.phone.disk.lose_power(nothing)
        self.assertIn(f"P47=server-{self.offered}.example\n",
                      self.state(self.phone, "show", "config"))
        self.assertIn(f"P3=The phone at {self.offered}\n",
                      self.state(self.phone, "show", "config"))

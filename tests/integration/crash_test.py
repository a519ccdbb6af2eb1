# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments of a life that applies a second configuration over a first one. Each
time afterwards the phone holds the old or the new one, whole, and its next life ends well with the
new one.

The moments are drawn over the time that such lives take on this machine at present. What a kill
leaves is what the kernel was told; what a power cut leaves is simulated in agent_test.cpp.
"""

import collections
import random
import shutil
import statistics
import threading
from concurrent.futures import ThreadPoolExecutor

from kit.configuration import OWN_FILE, config_file, listing
from kit.phone import PATIENCE_S, RunningLife
from kit.testcase import PhoneTest

KILLS = 200
WORKERS = 2
MEASURED_LIVES = 7
ROUNDS = 10    # what was over before its moment is drawn again
SEED = 20
KEYS = range(5000, 5150)  # none of them means anything to the agent
OLD = {"P47": "old.example", "P35": "kept"} | {f"P{key}": f"old {key} " * 8 for key in KEYS}
NEW = {"P47": "new.example", "P36": "added"} | {f"P{key}": f"new {key} " * 8 for key in KEYS}


class Crash(PhoneTest):
    def setUp(self):
        self.server = self.serve({f"/gs/{OWN_FILE}": config_file(OLD)})
        self.template = self.new_phone(f"static.url={self.server.url('gs')}")
        self.template.provision()
        self.old, self.new = listing(OLD), listing(OLD | NEW)
        self.assertEqual(self.template.config(), self.old)
        self.server.put(f"/gs/{OWN_FILE}", config_file(NEW))
        self.numbers = iter(range(10**6))
        self.outcomes = {"old": 0, "new": 0, "on trial": 0, "over before": 0}
        self.recent_s = collections.deque(maxlen=MEASURED_LIVES)
        self.lock = threading.Lock()

    def phone(self):
        """A phone with the old configuration."""
        with self.lock:
            number = next(self.numbers)
        phone = self.new_phone(*self.template.settings, state=f"{self.template.folder}/{number}")
        shutil.copytree(self.template.state, phone.state)
        return phone

    def name_of(self, text):
        """Which configuration a listing is; what is neither is told of by a few words only."""
        if text in (self.old, self.new):
            return "old" if text == self.old else "new"
        lines = text.splitlines()
        kinds = [sum(word in line for line in lines) for word in ("old", "new")]
        return f"a listing of {len(lines)} lines, {kinds[0]} of them old, {kinds[1]} new"

    def measure(self, _):
        """How long such a life takes, in seconds."""
        phone = self.phone()
        life = self.check_life(phone, 0)
        self.assertEqual(self.name_of(phone.config()), "new")
        self.recent_s.append(life.seconds)

    def crash(self, fraction):
        """One life that is killed after this part of its time, and the life after it. True when
        it was killed, and not over before."""
        phone = self.phone()
        moment_s = fraction * statistics.median(self.recent_s)
        life = RunningLife(phone.command())
        was_killed = life.is_killed_after(moment_s)
        life.wait(PATIENCE_S)
        found = phone.tool("show", "config")
        status = phone.status()
        after = f"killed after {moment_s * 1000:.3f} ms:\n" + phone.tool("explain").stdout
        self.assertEqual((found.returncode, found.stderr), (0, ""), after)
        self.assertIn(self.name_of(found.stdout), ("old", "new"), after)
        self.assertEqual(status["trouble"], "", after)
        self.check_next_life(phone, after, measures=found.stdout == self.old)
        outcome = "on trial" if status["trial"] != "none" else self.name_of(found.stdout)
        with self.lock:
            self.outcomes[outcome if was_killed else "over before"] += 1
        return was_killed

    def check_next_life(self, phone, after, measures):
        """It ends well and with the new configuration."""
        life = phone.live()
        self.assertEqual(life.status, 0, after + life.sentences())
        self.assertEqual(self.name_of(phone.config()), "new", after)
        self.assertEqual(phone.status()["trial"], "none", after)
        if measures:
            self.recent_s.append(life.seconds)
        shutil.rmtree(phone.state)

    def test_kill(self):
        """kill -9 at 200 random moments leaves the old or the new configuration, whole"""
        chance = random.Random(SEED)
        killed = 0
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(self.measure, range(MEASURED_LIVES)))
            for _ in range(ROUNDS):
                fractions = [chance.random() for _ in range(KILLS - killed)]
                killed += sum(pool.map(self.crash, fractions))
        print(f"a life takes {statistics.median(self.recent_s) * 1000:.0f} ms; found after "
              f"{killed} kills: {self.outcomes}")
        self.assertEqual(killed, KILLS)
        # The moments reach from before the change to after it.
        for outcome in ("old", "on trial"):
            self.assertGreater(self.outcomes[outcome], 0)

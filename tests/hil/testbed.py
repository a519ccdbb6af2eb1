# SPDX-License-Identifier: Apache-2.0
"""What the tests of the runner share: to run it as a person does, and to read its JUnit file."""

import signal
import subprocess
import sys
import xml.etree.ElementTree
from dataclasses import dataclass

from kit import TESTS
from kit.processes import ask
from kit.testcase import KitTest
from kit.waiting import wait_until

RUN = TESTS / "hil/run"
RUN_S = 550
END_S = 40


@dataclass
class Case:
    seconds: float
    kind: str  # passed, failure, error or skipped
    words: str
    attached: str


class RunnerTest(KitTest):
    def setUp(self):
        self.folder = str(self.scratch_folder())

    def command(self, *words):
        return [sys.executable, str(RUN), "--junit", f"{self.folder}/junit.xml", "--output",
                f"{self.folder}/kept", *map(str, words)]

    def run_hil(self, *words, status=0):
        """What it said; its JUnit file is read by cases()."""
        done = ask(self.command(*words), RUN_S)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def check_passes(self, *words, names=(), skipped=()):
        """The scenarios of these names pass, or all there are; the cases."""
        print(self.run_hil(*words, *names, *skipped), flush=True)
        cases = self.cases()
        kinds = dict.fromkeys(names or cases, "passed") | dict.fromkeys(skipped, "skipped")
        self.assertEqual({name: case.kind for name, case in cases.items()}, kinds)
        return cases

    def check_interrupted(self, words, has_begun, **options):
        """A run that gets SIGTERM once it has begun cleans up and says so."""
        run = subprocess.Popen(self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, **options)
        wait_until(has_begun, "the phone has power", END_S)
        run.send_signal(signal.SIGTERM)
        _, complaint = run.communicate(timeout=END_S)
        self.assertEqual((run.returncode, complaint),
                         (130, "hil: interrupted; everything is cleaned up\n"))

    def cases(self):
        suite = xml.etree.ElementTree.parse(f"{self.folder}/junit.xml").getroot().find("testsuite")
        found = {}
        for case in suite.findall("testcase"):
            about = [row for row in case if row.tag != "system-out"]
            self.assertLessEqual(len(about), 1)
            kind = about[0].tag if about else "passed"
            words = about[0].get("message") if about else ""
            found[case.get("name")] = Case(float(case.get("time")), kind, words,
                                           case.findtext("system-out", ""))
        kinds = [case.kind for case in found.values()]
        self.assertEqual([suite.get(name) for name in ("tests", "failures", "errors", "skipped")],
                         [str(number) for number in (len(found), kinds.count("failure"),
                                                     kinds.count("error"), kinds.count("skipped"))])
        return found

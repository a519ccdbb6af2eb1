# SPDX-License-Identifier: Apache-2.0
"""What the tests of the runner share: to run it as a person does, and to read its JUnit file."""

import sys
import xml.etree.ElementTree
from dataclasses import dataclass

from kit import TESTS
from kit.processes import ask
from kit.testcase import KitTest

RUN = TESTS / "hil/run"
RUN_S = 550


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

# SPDX-License-Identifier: Apache-2.0
"""The device `phone` without a real one: on the table lies a box of processes on the far end of a
cable, which the runner knows by the cable's name and the command of its power switch alone."""

import os
import sys

from hil.testbed import RunnerTest
from kit import BIN
from kit.box import Box
from kit.needs import private_system, root
from kit.network import HERE
from kit.processes import ask

NEEDS = (root, private_system)  # the cable hangs in a namespace of the test's own
LAB, MAC = "lab0", "00:0b:82:27:3b:89"


class PhoneTest(RunnerTest):
    def setUp(self):
        super().setUp()
        table = self.host()
        HERE.cable(LAB, table, "eth0", other_mac=MAC)
        self.addCleanup(HERE.ip, "link", "delete", LAB)
        self.table = f"{self.folder}/table"
        os.mkdir(self.table)
        # What a person has set on the phone by hand: no minutes of waiting after a power-on.
        Box(self.table, table.inside([]), BIN, "eth0",
            ["--profile", "grandstream", "--mac", MAC.replace(":", ""), "--set", "splay=0"]
            ).describe()
        self.switch = f"{sys.executable} -m kit.box {self.table}"
        self.phone = ("--device", "phone", "--interface", LAB, "--power-cycle", self.switch,
                      "--mac", MAC, "--boot-s", "10")
        self.addCleanup(ask, [*self.switch.split(), "off"])

    def test_a_phone_known_by_its_cable_and_its_switch(self):
        reset = f"rm -rf {self.table}/state"
        self.check_passes(*self.phone, "--reset", reset,
                          names=("pnp-http", "server-dead-at-first"))
        self.assertIn(LAB, HERE.ip("-o", "link", "show", LAB))  # it is back
        self.assertFalse(os.path.exists(f"{self.table}/pid"))  # and the phone is switched off

    def test_what_a_phone_cannot_do_is_skipped_and_says_why(self):
        told = self.run_hil(*self.phone, "server-dead-at-first", "static-http", "check-sync",
                            status=1)
        self.assertIn("passed=0 failed=0 skipped=3", told)
        cases = self.cases()
        self.assertEqual({case.kind for case in cases.values()}, {"skipped"})
        self.assertIn("factory-new", cases["server-dead-at-first"].words)
        self.assertIn("settings", cases["static-http"].words)
        self.assertIn("SIP stack", cases["check-sync"].words)

    def test_a_switch_that_does_not_work_is_an_error_of_the_laboratory(self):
        self.run_hil("--device", "phone", "--interface", LAB, "--power-cycle", "false", "pnp-http",
                     status=1)
        case = self.cases()["pnp-http"]
        self.assertEqual((case.kind, case.words), ("error", "false off: status 1"))
        self.assertIn(LAB, HERE.ip("-o", "link", "show", LAB))

    def test_an_interrupted_run_gives_the_interface_back_and_switches_off(self):
        def has_begun():
            return os.path.exists(f"{self.table}/pid") and LAB not in HERE.ip("-o", "link")

        self.check_interrupted((*self.phone, "pnp-http"), has_begun)
        self.assertIn(LAB, HERE.ip("-o", "link"))
        self.assertFalse(os.path.exists(f"{self.table}/pid"))

    def test_an_interface_in_use_is_left_alone(self):
        HERE.add_address(LAB, "192.0.2.1/24")
        self.assertIn("in use", self.run_hil(*self.phone, "pnp-http", status=2))
        self.assertIn("192.0.2.1", HERE.ip("-o", "address", "show", LAB))

    def test_an_interface_that_is_not_there_is_named(self):
        told = self.run_hil("--device", "phone", "--interface", "lab9", "--power-cycle", "true",
                            status=2)
        self.assertIn("no interface lab9", told)

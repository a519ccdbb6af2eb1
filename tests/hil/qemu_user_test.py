#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Some scenarios with the ARM phone's programs under QEMU's emulator of programs; all of them:
tests/hil/run --device qemu-user."""

import os
import shutil
import unittest

from paths import SOURCE
from testbed import RunnerTest, skip_unless, skip_unless_root

SCENARIOS = ("pnp-http", "dhcp-43-http", "encrypted", "cut-in-apply", "check-sync")


class QemuUserTest(RunnerTest):
    def test_some_scenarios_and_one_that_the_emulator_cannot(self):
        print(self.run_hil("--device", "qemu-user", *SCENARIOS, "dhcp-66-http"), flush=True)
        cases = self.cases()
        refused = cases.pop("dhcp-66-http")
        self.assertEqual(refused.kind, "skipped")
        self.assertIn("PACKET_AUXDATA", refused.words)
        self.assertEqual({name: case.kind for name, case in cases.items()},
                         dict.fromkeys(SCENARIOS, "passed"))


if __name__ == "__main__":
    skip_unless_root()
    skip_unless(os.path.exists(SOURCE / "build/armhf/bin/dialtoned"),
                "build/armhf/bin/dialtoned is not there: cmake --build --preset armhf")
    skip_unless(shutil.which("qemu-arm-static"), "toolchains/bootstrap armhf brings qemu-user")
    unittest.main(verbosity=2)

# SPDX-License-Identifier: Apache-2.0
"""Some scenarios with the ARM phone's programs under QEMU's emulator of programs; all of them:
tests/hil/run --device qemu-user."""

from hil.testbed import RunnerTest
from kit.needs import armhf_programs, programs, root

NEEDS = (root, armhf_programs, programs("qemu-arm-static"))
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

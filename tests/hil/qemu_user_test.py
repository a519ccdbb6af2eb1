# SPDX-License-Identifier: Apache-2.0
"""Some scenarios with the ARM phone's programs under QEMU's emulator of programs; all of them:
tests/hil/run --device qemu-user."""

from hil.testbed import RunnerTest
from kit.needs import armhf_programs, programs, root

NEEDS = (root, armhf_programs, programs("qemu-arm-static"))
SCENARIOS = ("pnp-http", "dhcp-43-http", "encrypted", "cut-in-apply", "check-sync")


class QemuUserTest(RunnerTest):
    def test_some_scenarios_and_one_that_the_emulator_cannot(self):
        cases = self.check_passes("--device", "qemu-user", names=SCENARIOS,
                                  skipped=("dhcp-66-http",))
        self.assertIn("PACKET_AUXDATA", cases["dhcp-66-http"].words)

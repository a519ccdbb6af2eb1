# SPDX-License-Identifier: Apache-2.0
"""Every scenario on the device `process`, for both vendors' phones what they can do."""

from hil.testbed import RunnerTest
from kit import BIN
from kit.needs import root

NEEDS = (root,)


class ProcessTest(RunnerTest):
    words = ("--device", "process", "--programs", BIN)

    def test_all_scenarios(self):
        cases = self.check_passes(*self.words)
        self.assertTrue(all(case.seconds > 0 for case in cases.values()))

    def test_a_phone_of_another_vendor(self):
        self.check_passes(*self.words, "--vendor", "fanvil", skipped=("encrypted",), names=(
            "pnp-http", "dhcp-43-http", "absent-then-there", "broken-then-mended"))

# SPDX-License-Identifier: Apache-2.0
"""Every scenario on the device `process`, for both vendors' phones what they can do."""

from hil.testbed import RunnerTest
from kit import BIN
from kit.needs import root

NEEDS = (root,)


class ProcessTest(RunnerTest):
    def run_vendor(self, *words):
        print(self.run_hil("--device", "process", "--programs", BIN, *words), flush=True)
        return self.cases()

    def test_all_scenarios(self):
        cases = self.run_vendor()
        self.assertEqual({case.kind for case in cases.values()}, {"passed"})
        self.assertTrue(all(case.seconds > 0 for case in cases.values()))

    def test_a_phone_of_another_vendor(self):
        cases = self.run_vendor("--vendor", "fanvil", "pnp-http", "dhcp-43-http", "encrypted",
                                "absent-then-there", "broken-then-mended")
        self.assertEqual(cases.pop("encrypted").kind, "skipped")
        self.assertEqual({case.kind for case in cases.values()}, {"passed"})

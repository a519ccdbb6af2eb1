# SPDX-License-Identifier: Apache-2.0
"""Two scenarios with the phone's image in QEMU; all of them: tests/hil/run --device qemu-system."""

from hil.testbed import RunnerTest
from kit import SOURCE
from kit.needs import armhf_programs, image_parts, root
from kit.processes import run

NEEDS = (root, armhf_programs, image_parts)
BUILD_S = 120
SCENARIOS = ("pnp-http", "cut-in-download")


class QemuSystemTest(RunnerTest):
    def test_two_scenarios(self):
        image = f"{self.folder}/image"
        run([SOURCE / "rootfs/build", "--programs", SOURCE / "build/armhf/bin", "--output", image],
            limit_s=BUILD_S)
        self.check_passes("--device", "qemu-system", "--image", image, names=SCENARIOS)

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two scenarios with the phone's image in QEMU; all of them: tests/hil/run --device qemu-system."""

import os
import subprocess
import unittest
from shutil import which

from paths import SOURCE
from machine_device import TOOLS
from testbed import RunnerTest, skip_unless, skip_unless_root

BUILD_S = 120
SCENARIOS = ("pnp-http", "cut-in-download")


class QemuSystemTest(RunnerTest):
    def test_two_scenarios(self):
        image = f"{self.folder}/image"
        done = subprocess.run([SOURCE / "rootfs/build", "--programs", SOURCE / "build/armhf/bin",
                               "--output", image], capture_output=True, text=True,
                              timeout=BUILD_S, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        print(self.run_hil("--device", "qemu-system", "--image", image, *SCENARIOS), flush=True)
        self.assertEqual({name: case.kind for name, case in self.cases().items()},
                         dict.fromkeys(SCENARIOS, "passed"))


def has_image_parts():
    parts = subprocess.run([SOURCE / "toolchains/bootstrap", "--image-parts"], text=True,
                           capture_output=True, timeout=20, check=True).stdout.strip()
    return os.path.exists(f"{parts}/vmlinuz")


if __name__ == "__main__":
    skip_unless_root()
    skip_unless(os.path.exists(SOURCE / "build/armhf/bin/dialtoned"),
                "build/armhf/bin/dialtoned is not there: cmake --build --preset armhf")
    skip_unless(all(map(which, TOOLS)) and has_image_parts(),
                "toolchains/bootstrap armhf --image brings what the image needs")
    unittest.main(verbosity=2)

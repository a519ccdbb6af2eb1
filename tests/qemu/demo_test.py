# SPDX-License-Identifier: Apache-2.0
"""sim/demo --arm as a person runs it, but for the build: by SIP plug and play, and by DHCP with an
encrypted file over TLS; from power-on to provisioned, over a real reboot."""

import os
import pathlib
import tempfile

from kit import SOURCE
from kit.processes import ask
from kit.testcase import KitTest
from qemu.testbed import BIN, MACHINE_NEEDS, build_image

NEEDS = MACHINE_NEEDS
LIMIT_S = 400
VALUES = ("P47=172.18.0.10", "P3=Reception & Hall")


def prepare(stack):
    DemoTest.folder = pathlib.Path(
        stack.enter_context(tempfile.TemporaryDirectory(prefix="dialtone-qemu-")))
    build_image(DemoTest.folder / "image")


class DemoTest(KitTest):
    folder: pathlib.Path

    def demo(self, name, *arguments):
        out = self.folder / name
        done = ask([SOURCE / "sim/demo", "--arm", "--no-build", "--output", out, *arguments],
                   LIMIT_S, env={**os.environ, "DIALTONE_BIN": str(BIN),
                                 "DIALTONE_IMAGE": str(self.folder / "image")})
        self.assertEqual(done.returncode, 0, done.stdout[-6000:] + done.stderr)
        console = (out / "console.log").read_text()
        self.assertEqual(console.count("Booting Linux on physical CPU"), 2)
        self.assertIn("reboot: Restarting system", console)
        # What a person sees as it happens: both starts of the kernel, and the phone's own words.
        self.assertEqual(done.stdout.count("console | [    0.000000] Booting Linux"), 2)
        self.assertIn("yes  the machine started 2 times and was switched off", done.stdout)
        config = (out / "config.txt").read_text().split("\n")
        for value in VALUES:
            self.assertIn(value, config)
        self.assertIn("Back after the reboot", (out / "ladder.svg").read_text())
        self.assertGreater((out / "run.pcap").stat().st_size, 1000)
        return console

    def test_a_machine_provisions_itself_by_sip_plug_and_play(self):
        console = self.demo("pnp")
        self.assertIn("data partition: holds no file system that can be used", console)

    def test_a_machine_provisions_itself_by_dhcp_over_tls_with_an_encrypted_file(self):
        console = self.demo("dhcp", "--source", "dhcp", "--protocol", "https", "--encrypt")
        self.assertIn("The source dhcp names https://172.18.0.10:5443/provisioning", console)

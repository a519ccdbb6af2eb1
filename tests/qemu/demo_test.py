# SPDX-License-Identifier: Apache-2.0
"""sim/demo --arm as a person runs it, but for the build: by SIP plug and play, and by DHCP with an
encrypted file over TLS, from power-on to provisioned, over a real reboot; and by an ACS that DHCP
names, which sets it up without one."""

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

    def demo(self, name, *arguments, boots=2):
        out = self.folder / name
        done = ask([SOURCE / "sim/demo", "--arm", "--no-build", "--output", out, *arguments],
                   LIMIT_S, env={**os.environ, "DIALTONE_BIN": str(BIN),
                                 "DIALTONE_IMAGE": str(self.folder / "image")})
        self.assertEqual(done.returncode, 0, done.stdout[-6000:] + done.stderr)
        console = (out / "console.log").read_text()
        self.assertEqual(console.count("Booting Linux on physical CPU"), boots)
        # What a person sees as it happens: the starts of the kernel, and the phone's own words.
        self.assertEqual(done.stdout.count("console | [    0.000000] Booting Linux"), boots)
        self.assertIn(f"yes  the machine started {boots} times and was switched off", done.stdout)
        config = (out / "config.txt").read_text().split("\n")
        for value in VALUES:
            self.assertIn(value, config)
        self.assertGreater((out / "run.pcap").stat().st_size, 1000)
        return console, (out / "ladder.svg").read_text()

    def check_reboot(self, console, ladder):
        self.assertIn("reboot: Restarting system", console)
        self.assertIn("Back after the reboot", ladder)

    def test_a_machine_provisions_itself_by_sip_plug_and_play(self):
        console, ladder = self.demo("pnp")
        self.check_reboot(console, ladder)
        self.assertIn("data partition: holds no file system that can be used", console)

    def test_a_machine_provisions_itself_by_dhcp_over_tls_with_an_encrypted_file(self):
        console, ladder = self.demo("dhcp", "--source", "dhcp", "--protocol", "https", "--encrypt")
        self.check_reboot(console, ladder)
        self.assertIn("The source dhcp names https://172.18.0.10:5443/provisioning", console)

    def test_a_machine_is_set_up_by_an_acs_that_dhcp_names(self):
        console, ladder = self.demo("tr069", "--source", "tr069", boots=1)
        self.assertIn("The phone reports to the ACS http://172.18.0.10:7547/", console)
        self.assertIn("SetParameterValuesResponse", ladder)

# SPDX-License-Identifier: Apache-2.0
"""What a build has in it: the options of toolchains/features.cmake, what is said of them, and a
program for the phones of one vendor only."""

import re

from kit import BIN, SOURCE
from kit.configuration import MAC, OWN_FILE, config_file
from kit.processes import ask, run
from kit.testcase import KitTest, PhoneTest

FANVIL_FILE = (b"<<VOIP CONFIG FILE>>Version:2.0002\r\n\r\n<SIP CONFIG MODULE>\r\n"
               b"SIP1 Phone Number  :201\r\n<<END OF FILE>>\r\n")
# What a server has for a phone of each vendor, and what the phone makes of it.
VENDORS = {
    "fanvil": (f"{MAC.lower()}.cfg", FANVIL_FILE, "SIP CONFIG MODULE/SIP1 Phone Number=201\n"),
    "grandstream": (OWN_FILE, config_file({"P35": "201"}), "P35=201\n"),
}


def told(program):
    """What --build-info says, as a dict."""
    lines = run([BIN / program, "--build-info"]).splitlines()
    return dict(line.split("=", 1) for line in lines)


class OneVendor(PhoneTest):
    def test_every_vendor_has_a_build_of_its_own(self):
        """Each vendor that dialtoned knows is here."""
        self.assertEqual(told("dialtoned")["profiles"].split(","), sorted(VENDORS))

    def test_build_info(self):
        """A build for one vendor says which it has, and which it was built without."""
        for vendor in VENDORS:
            about = told(f"dialtoned-only-{vendor}")
            self.assertEqual(about["profiles"], vendor)
            self.assertEqual({name: state for name, state in about.items()
                              if name.startswith("vendor_")},
                             {f"vendor_{other}": "in" if other == vendor else "out"
                              for other in VENDORS})

    def test_others_are_refused(self):
        """bad input: a profile that the build was made without is unknown to it"""
        for vendor in VENDORS:
            for other in VENDORS.keys() - {vendor}:
                ended = ask([BIN / f"dialtoned-only-{vendor}", "--profile", other])
                self.assertEqual(ended.returncode, 2)
                self.assertIn(f"unknown profile '{other}'", ended.stderr)
                self.assertIn(f"(known profiles: {vendor})", ended.stderr)

    def test_life(self):
        """A build for one vendor provisions a phone of that vendor."""
        for vendor, (name, content, configured) in VENDORS.items():
            with self.subTest(vendor):
                server = self.serve({f"/{name}": content})
                phone = self.new_phone(f"static.url={server.url()}")
                phone.program, phone.profile = f"dialtoned-only-{vendor}", vendor
                self.check_provisions(phone, configured)


class WithoutTr069(PhoneTest):
    def test_nothing_of_it(self):
        """A build without TR-069 has none of its code, and says so."""
        self.assertEqual(told("dialtoned")["tr069"], "in")
        self.assertEqual(told("dialtoned-without-tr069")["tr069"], "out")
        of_cwmp = re.compile(r"Soap|Exchange::|ConnectionRequests::|Stun|DigestCheck")
        self.assertRegex(run(["nm", "-C", BIN / "dialtoned"]), of_cwmp)
        self.assertNotRegex(run(["nm", "-C", BIN / "dialtoned-without-tr069"]), of_cwmp)

    def test_life(self):
        """It provisions a phone, and takes the settings of an ACS that it does not speak to."""
        name, content, configured = VENDORS["grandstream"]
        server = self.serve({f"/{name}": content})
        phone = self.new_phone(f"static.url={server.url()}", f"tr069.acs_url={server.url('acs')}")
        phone.program = "dialtoned-without-tr069"
        phone.start()
        phone.wait_for("rest", generation="1")
        self.check_config(phone, configured)
        self.assertNotIn("/acs", server.paths())
        self.assertIn("this build has no TR-069", phone.tool("model").stderr)
        tool = self.scratch_folder() / "dialtone"
        tool.symlink_to(BIN / "dialtoned-without-tr069")
        self.assertIn("This build has no TR-069", run([tool, "--state", phone.state, "acs"]))


class Listening(KitTest):
    def test_what_does_not_listen_has_no_server(self):
        """libmicrohttpd is where an ACS can ask for a session, and nowhere else."""
        for program, is_there in (("dialtoned", True), ("dialtoned-without-tr069", False)):
            names = run(["nm", BIN / program])
            self.assertEqual("MHD_start_daemon" in names, is_there, program)


class Options(KitTest):
    """The table itself, without the project around it."""

    def setUp(self):
        self.folder = self.scratch_folder()

    def configure(self, *options):
        script = self.folder / "script.cmake"
        script.write_text("cmake_minimum_required(VERSION 3.25)\n"
                          f"include({SOURCE}/toolchains/features.cmake)\n")
        return ask(["cmake", *(f"-D{option}" for option in options), "-P", script],
                   cwd=self.folder)

    def header(self):
        return (self.folder / "generated/dialtone_features.h").read_text("utf-8")

    def states(self, ended):
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return dict(re.findall(r"^-- ([A-Z]\w+) +(in|out|none yet): ", ended.stdout, re.M))

    def test_in(self):
        """Everything there is, is in unless it is left out."""
        states = self.states(self.configure())
        self.assertEqual({states[f"VENDOR_{vendor.upper()}"] for vendor in VENDORS}, {"in"})
        self.assertIn("#define DIALTONE_PROFILES &fanvil_profile, &grandstream_profile\n",
                      self.header())

    def test_none_yet(self):
        """A feature whose folder has no source is not said to be in, whatever its option says."""
        for words in ([], ["DIALTONE_TR069=ON"], ["DIALTONE_TR069=OFF"]):
            self.assertEqual(self.states(self.configure(*words))["TR069"], "none yet")
            self.assertIn("with_tr069 = false;", self.header())

    def test_feature(self):
        """A feature that has sources is in, and out when its option is off."""
        source = self.folder / "agent/cwmp/session.cpp"
        source.parent.mkdir(parents=True)
        source.write_text("")
        self.assertEqual(self.states(self.configure())["TR069"], "in")
        self.assertIn("with_tr069 = true;", self.header())
        self.assertEqual(self.states(self.configure("DIALTONE_TR069=OFF"))["TR069"], "out")
        self.assertIn("with_tr069 = false;", self.header())
        self.assertIn('{"tr069", "out"}', self.header())

    def test_vendor_out(self):
        """A vendor whose option is off has no profile in the build."""
        states = self.states(self.configure("DIALTONE_VENDOR_FANVIL=OFF"))
        self.assertEqual((states["VENDOR_FANVIL"], states["VENDOR_GRANDSTREAM"]), ("out", "in"))
        self.assertIn("#define DIALTONE_PROFILES &grandstream_profile\n", self.header())

    def test_no_vendor(self):
        """bad input: a build without any vendor is refused in words"""
        ended = self.configure(*(f"DIALTONE_VENDOR_{vendor.upper()}=OFF" for vendor in VENDORS))
        self.assertNotEqual(ended.returncode, 0)
        self.assertIn("No vendor is in", ended.stderr)

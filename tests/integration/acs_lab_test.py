# SPDX-License-Identifier: Apache-2.0
"""The laboratory's ACS (dialtone-lab acs) leads the real programs through scripts, rightly and in
each of the odd ways that ACSs have."""

from kit import BIN, SOURCE
from kit.lab_acs import LIMIT_S, LabAcs
from kit.processes import ask
from kit.runner import SIDE_BY_SIDE
from kit.testcase import Cases, PhoneTest

WORKERS = SIDE_BY_SIDE
PASSWORD = "secret-of-the-acs"
# Of phones that run side by side all but one would have another port, and report that.
NOBODY_ASKS = "tr069.connection_request_port=0"
SCRIPTS = SOURCE / "sim/lab/acs/scripts"


class ScriptTest(PhoneTest):
    def run_script(self, script, *settings):
        acs = self.keep(LabAcs(self.scratch_folder(), script))
        phone = self.new_phone(f"tr069.acs_url={acs.url}acs", "tr069.user=phone",
                               f"tr069.password={PASSWORD}", "tr069.periodic_enable=0",
                               NOBODY_ASKS, *settings)
        phone.start()
        return phone, *acs.finish()

    def check_script(self, script):
        phone, status, (expectations, unmet, violations), told = self.run_script(script)
        self.assertEqual((status, unmet, violations), (0, 0, 0), told)
        self.assertGreater(expectations, 0)
        phone.check_secrets(phone.settings, "")
        return told


class Styles(ScriptTest):
    """Looking at a phone goes well, however the ACS writes."""

    styles = Cases(
        lambda this, lines: this.check_script(
            "\n".join([*lines, (SCRIPTS / "look.script").read_text("utf-8")])),
        ("plain", "An ACS as the schema has it.", ()),
        ("no_cookie", "One without a cookie.", ("style no-cookie",)),
        ("two_cookies", "One with two.", ("style two-cookies",)),
        ("id_null", "One whose IDs are all `null`.", ("style id-null",)),
        ("no_id", "One without IDs.", ("style no-id",)),
        ("empty_200", "One that ends with 200 and nothing.", ("style empty-200",)),
        ("version_1_0", "One of protocol 1.0.", ("version 1-0",)),
        ("version_1_1", "One of protocol 1.1.", ("version 1-1",)),
        ("version_1_2", "One of protocol 1.2.", ("version 1-2",)),
        ("prefixes", "One with prefixes of its own, of which one looks like another's.",
         ("prefixes soap=SOAP-ENV cwmp=soap soapenc=e xsd=cwmp xsi=i",)),
        ("key_first", "One that writes arguments in reverse.", ("style key-first",)),
        ("single_quotes", "One with single quotes.", ("style single-quotes",)),
        ("undeclared", "One that does not declare its prefix.", ("style undeclared",)),
        ("unqualified", "One whose methods are of no namespace.", ("style unqualified",)),
        ("chunked", "One that sends chunks.", ("style chunked",)),
        ("closing", "One that closes each connection.", ("style close",)),
        ("slow", "One that takes its time.", ("slow 100",)),
        ("basic", "One that wants user and password.", (f"credentials basic phone {PASSWORD}",)),
        ("digest", "One that wants them proved.", (f"credentials digest phone {PASSWORD}",)),
        ("all", "One with everything odd at once.",
         ("style no-cookie id-null empty-200 key-first single-quotes chunked close",
          "version 1-2", "prefixes soap=S cwmp=c", f"credentials digest phone {PASSWORD}")))


class Stories(ScriptTest):
    def test_reboot(self):
        """Over a restart the phone keeps the CommandKey and reports it."""
        self.check_script((SCRIPTS / "reboot.script").read_text("utf-8"))

    def test_device(self):
        """A device that is a command is started with the URL, and ended with the script."""
        phone = self.new_phone("tr069.acs_url=$ACS_URL", "tr069.periodic_enable=0",
                               NOBODY_ASKS)
        command = " ".join(f'"{word}"' for word in phone.command(once=False))
        acs = self.keep(LabAcs(self.scratch_folder(), "expect Inform event \"1 BOOT\"\nend\n",
                               "--device", f"exec {command}"))
        status, counts, told = acs.finish()
        self.assertEqual((status, counts), (0, (2, 0, 0)), told)
        self.assertEqual(phone.journal_kinds().count("finished"), 1)

    def test_redirect(self):
        """The session goes on where a redirect leads, with the same Inform."""
        self.check_script('expect Inform event "1 BOOT"\nredirect 307\n'
                          'expect Inform event "1 BOOT" retry-count 0\n'
                          "call GetRPCMethods\nexpect answer\nend\n")

    def test_repeat(self):
        """The fault 8005 has the phone send its Inform again."""
        self.check_script("expect Inform retry-count 0\nfault 8005\nexpect Inform retry-count 0\n"
                          "end\n")

    failures = Cases(
        lambda this, step: this.check_script(
            f'expect Inform event "0 BOOTSTRAP" retry-count 0\n{step}\n'
            'expect Inform event "0 BOOTSTRAP" retry-count 1\nend\n'),
        ("busy", "After 503 the Inform comes again, counted.", "answer 503 retry-after 1"),
        ("truncated", "So it does after an answer that is cut.", "truncate 200"),
        ("fault", "So it does after a fault of the ACS.", "fault 8002"))

    def test_unmet(self):
        """bad input: what a script expects and does not get is told with its line"""
        _, status, counts, told = self.run_script(
            "expect Inform event \"2 PERIODIC\"\ncall GetRPCMethods\nexpect method SetVouchers\n"
            "expect no method Reboot\ncall GetParameterValues Device.Nothing\nend\n")
        self.assertEqual((status, counts), (1, (6, 4, 0)), told)
        for words in ("line 1: ", "'2 PERIODIC' is not there", "has no 'SetVouchers'",
                      "it is there", "answered by the fault 9005"):
            self.assertIn(words, told)


class Conformance(ScriptTest):
    def test_our_phone(self):
        """Each case that applies to the phone passes."""
        script = (SCRIPTS / "conform.script").read_text("utf-8")
        acs = self.keep(LabAcs(self.scratch_folder(), script, subcommand="conform"))
        phone = self.new_phone(f"tr069.acs_url={acs.url}acs", "tr069.user=phone",
                               f"tr069.password={PASSWORD}", NOBODY_ASKS)
        phone.start()
        acs.process.wait(LIMIT_S + 10)
        told = acs.told.read_text("utf-8")
        rows = [line.split(" | ") for line in told.splitlines() if line.startswith("| ")][1:]
        failed = {row[0].removeprefix("| ") for row in rows if row[2] == "fail"}
        self.assertEqual(failed, set(), told + acs.log.read_text("utf-8"))
        passed = [row for row in rows if row[2] == "pass"]
        self.assertGreaterEqual(len(passed), 20, told)
        self.assertRegex(told.splitlines()[-1], rf"^conform: {len(rows)} cases, {len(passed)} "
                                                r"passed, \d+ failed, \d+ not applicable$")


class CommandLine(PhoneTest):
    def test_bad_script(self):
        """bad input: a script with a word that is none is refused, with its line and what there is
        """
        path = self.scratch_folder() / "bad.script"
        path.write_text("expect Inform\nclal Reboot\n", encoding="utf-8")
        ended = ask([BIN / "dialtone-lab", "acs", "--script", path])
        self.assertEqual((ended.returncode, ended.stdout), (2, ""), ended)
        self.assertRegex(ended.stderr, r"bad\.script: line 2: 'clal' is no step; there are expect,")

# SPDX-License-Identifier: Apache-2.0
"""The runner itself, with devices that do wrong: each has to fail, and its report to say why."""

import glob
import os
import pathlib
import sys
import unittest

from hil.junit import Result, clean
from hil.testbed import RunnerTest
from kit import durable
from kit.needs import root
from kit.program import text_of

NEEDS = (root,)

# A phone that is a script: once it has its address it asks for what it is told to.
PHONE = """\
#!{python}
import socket, sys, threading
def ask(path, agent="Grandstream Model HW GXP1628 SW 1.0.2.7 DevId 000b82273b89", method="GET"):
    while True:
        try:
            line = socket.create_connection(("172.18.0.10", 80), 2)
            break
        except OSError:
            threading.Event().wait(0.05)
    head = f"{{method}} {{path}} HTTP/1.1\\r\\nHost: x\\r\\nUser-Agent: {{agent}}\\r\\n" \\
           "Connection: close\\r\\n\\r\\n"
    line.sendall(head.encode())
    line.settimeout(2)
    try:
        return line.recv(65536).decode()
    except OSError:
        return ""
{body}
threading.Event().wait()
"""

SCENARIO = """\
words = "A phone asks for one file."
seconds = 20
[[server]]
name = "web"
protocol = "http"
port = 80
files = { "/one" = "one" }
[[step]]
power = "on"
[[step]]
see = [{ fetch = "/one", of = "web" }]
within_s = 4
[[step]]
quiet_s = 0.5
"""
MORE = SCENARIO.replace('of = "web" }]',
                        'of = "web" }, { fetch = "/two", of = "web", status = 404 }]')


class PlantedTest(RunnerTest):
    def plant(self, body, scenario=SCENARIO):
        programs = pathlib.Path(self.folder, "programs")
        programs.mkdir()
        for name, text in (("dialtoned", PHONE.format(python=sys.executable, body=body)),
                           ("dialtone", "#!/bin/sh\n")):
            (programs / name).write_text(text, encoding="utf-8")
            (programs / name).chmod(0o755)
        pathlib.Path(self.folder, "planted.toml").write_text(scenario, encoding="utf-8")
        return ("--programs", programs, "--boot-s", "1", f"{self.folder}/planted.toml")

    def fails(self, words, body, scenario=SCENARIO):
        """The runner fails, and the JUnit file says why."""
        told = self.run_hil(*self.plant(body, scenario), status=1)
        self.assertIn("passed=0 failed=1", told)
        case = self.cases()["planted"]
        self.assertEqual(case.kind, "failure")
        self.assertIn(words, case.words)
        return case

    def test_a_phone_that_does_what_is_wanted_passes(self):
        self.assertIn("passed=1 failed=0", self.run_hil(*self.plant('ask("/one")')))

    def test_a_phone_that_never_asks_fails_and_the_site_s_log_is_attached(self):
        case = self.fails("step 2: not seen within 6 s: /one at web -> 200", "")
        self.assertIn("--- site.log", case.attached)
        self.assertIn("step 2: see", case.attached)
        self.assertTrue(os.path.getsize(f"{self.folder}/kept/planted/run.pcap") > 24)

    def test_a_request_beyond_fails(self):
        self.fails("step 3: asked for GET /one at web -> 200; expected: nothing more",
                   'ask("/one"); ask("/one")')

    def test_a_password_in_a_request_line_fails(self):
        self.fails("the password stands in the open",
                   'told = ask("/one")\n'
                   'ask("/two?" + told.split("<P34>")[1].split("<")[0])', MORE)

    def test_another_user_agent_fails(self):
        self.fails("names its user agent 'Mozilla'", 'ask("/one", "Mozilla")')

    def test_a_method_nobody_wants_fails(self):
        self.fails("a method that nobody wants: HEAD", 'ask("/one", method="HEAD")')

    def test_a_phone_that_crashes_after_all_was_seen_fails(self):
        self.fails("dialtoned ended by itself with status 3", 'ask("/one")\nsys.exit(3)')

    def test_a_password_in_the_journal_fails(self):
        self.fails("the password stands in the phone's journal",
                   'told = ask("/one")\n'
                   'state = sys.argv[sys.argv.index("--state") + 1]\n'
                   f'open(state + "/{durable.JOURNAL}", "w").write(told)')

    def test_an_unknown_name_in_braces_is_an_error_of_the_scenario(self):
        self.run_hil(*self.plant("", SCENARIO.replace('"/one" = ', '"/{oen}" = ')), status=1)
        case = self.cases()["planted"]
        self.assertEqual(case.kind, "error")
        self.assertIn("'/{oen}' has braces that mean nothing here", case.words)

    def test_a_bad_file_ends_the_run_before_it_begins(self):
        told = self.run_hil(*self.plant("", SCENARIO.replace("within_s", "whithin_s")), status=2)
        self.assertIn("hil: planted: step 2: unknown key 'whithin_s'", told)

    def test_a_run_that_is_interrupted_cleans_up(self):
        temporary = f"{self.folder}/temporary"
        os.mkdir(temporary)
        self.check_interrupted(self.plant("", SCENARIO.replace("= 4", "= 300")),
                               lambda: glob.glob(f"{temporary}/*/planted/console.log"),
                               env={**os.environ, "TMPDIR": temporary})
        self.assertEqual(os.listdir(temporary), [])
        left = [path for path in glob.glob("/proc/[0-9]*/cmdline") if
                self.folder in text_of(pathlib.Path(path))]
        self.assertEqual(left, [])


class WordsTest(unittest.TestCase):
    def test_what_xml_cannot_say_is_left_out_of_the_report(self):
        self.assertEqual(clean("a\0b\x1b[1m\ud800é\n"), "a?b?[1m?é\n")

    def test_an_error_is_no_success(self):
        self.assertFalse(Result("a", error="x").is_good)
        self.assertTrue(Result("a", skipped="x").is_good)

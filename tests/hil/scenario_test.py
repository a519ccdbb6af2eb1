# SPDX-License-Identifier: Apache-2.0
"""The reader of scenarios: the ones there are, and what it refuses, with file and key."""

import unittest

from hil.scenario import FOLDER, BadScenario, find, read_text

GOOD = """
words = "One."
[[server]]
name = "web"
protocol = "http"
port = 80
files = { "/a" = "one" }
[[step]]
power = "on"
[[step]]
see = [{ fetch = "/a", of = "web" }]
"""

# (what is put in place of what, what the error has to say)
BAD = [
    ('words = "One."', 'words = "One."\ncolour = 1', "bad: unknown key 'colour'"),
    ('words = "One."', "", "bad: 'words' is missing"),
    ('words = "One."', 'words = " "', "'words' has to be a sentence"),
    ('words = "One."', 'words = "One."\nneeds = ["wings"]', "'needs' knows settings, "),
    ('words = "One."', 'words = "One."\nseconds = 0', "'seconds' has to be a number of seconds"),
    ('words = "One."', 'words = "One."\n[settings]\norder = "pnp"',
     'only with needs = ["settings"]'),
    ('words = "One."', 'words = "One."\n[site]\ndhcp = { 300 = "x" }',
     "has '300', which is no DHCP"),
    ('words = "One."', 'words = "One."\n[site]\ndhpc = { 66 = "x" }', "site: unknown key 'dhpc'"),
    ("port = 80", "", "server 1: 'port' is missing"),
    ("port = 80", 'port = "80"', "server 1: 'port' has to be a whole number"),
    ("port = 80", "port = true", "server 1: 'port' has to be a whole number"),
    ('"http"', '"gopher"', "'protocol' has to be one of http, tftp, ftp, not 'gopher'"),
    ('{ "/a" = "one" }', '{ "a" = "one" }', "'files' has to be a path that begins with /"),
    ('{ "/a" = "one" }', '{ "/a" = "three" }', "'files' has to be one of one, two, broken"),
    ('power = "on"', 'power = "up"', "step 1: 'power' has to be one of on, off, cycle"),
    ('power = "on"', 'power = "on"\nquiet_s = 1', "step 1: needs exactly one of power, start"),
    ('power = "on"', 'power = "on"\nwithin_s = 1', "step 1: unknown key 'within_s'"),
    ('power = "on"', 'start = "wep"', "step 1: 'start' has to be one of web"),
    ('power = "on"', 'put = "/a"\non = "web"', "step 1: 'as' is missing"),
    ('power = "on"', 'answer = "/a"\non = "web"\nstatus = 99', "'status' has to be a whole number"),
    ('fetch = "/a"', 'fetch = "all"', "step 2, see 1: 'fetch' has to be a path"),
    ('fetch = "/a"', 'fetch = "file"', "step 2, see 1: 'folder' is missing"),
    ('fetch = "/a"', 'fetch = "/a", times = [2, 1]', "'times' has to be [at least, at most]"),
    ('fetch = "/a"', 'fetch = "/a", times = [0, 0]', "'times' has to be [at least, at most]"),
    ('of = "web"', 'of = "ftp"', "'of' has to be one of web, not 'ftp'"),
    ('see = [{ fetch = "/a", of = "web" }]', "see = []", "'see' has to be a list of tables"),
    ('see = [{ fetch = "/a", of = "web" }]', "quiet_s = 1", "no step has 'see'"),
    ("[[step]]", "[[step", "bad: "),
]


class ScenarioTest(unittest.TestCase):
    def test_every_scenario_there_is_can_be_read_and_says_what_it_shows(self):
        found = find([])
        self.assertGreaterEqual(len(found), 10)
        self.assertEqual(len(found), len(list(FOLDER.glob("*.toml"))))
        self.assertEqual(len({scenario.words for scenario, _ in found}), len(found))

    def test_a_good_one_is_read(self):
        scenario = read_text("good", GOOD)
        self.assertEqual([step.verb for step in scenario.steps], ["power", "see"])
        self.assertEqual(scenario.servers["web"].files, {"/a": "one"})

    def test_bad_ones_are_refused_with_file_and_key(self):
        for old, new, words in BAD:
            with self.subTest(new):
                self.assertIn(old, GOOD)
                with self.assertRaises(BadScenario) as refused:
                    read_text("bad", GOOD.replace(old, new, 1))
                self.assertTrue(str(refused.exception).startswith("bad: "))
                self.assertIn(words, str(refused.exception))

    def test_two_servers_of_one_name_are_refused(self):
        again = GOOD.replace("[[step]]", '[[server]]\nname = "web"\nprotocol = "ftp"\nport = 21\n'
                                         "[[step]]", 1)
        with self.assertRaisesRegex(BadScenario, "server 2: there is a 'web' already"):
            read_text("bad", again)

    def test_manners_are_for_web_servers(self):
        ftp = GOOD.replace('"http"', '"ftp"').replace('power = "on"', 'answer = "/a"\non = "web"')
        with self.assertRaisesRegex(BadScenario, "step 1: 'on'"):
            read_text("bad", ftp)

    def test_an_unknown_name_is_refused_with_the_known_ones(self):
        with self.assertRaisesRegex(BadScenario, "no such scenario; known: .*pnp-http"):
            find(["pnp-htpt"])

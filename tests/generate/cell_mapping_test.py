# SPDX-License-Identifier: Apache-2.0
"""Holds docs/cell-mapping.md against the tables of release 0.1.0 and those of today: every old cell
is there once, and what it names of today exists."""

import collections
import itertools
import re
import unittest

from kit import SOURCE, TESTS

LIFE = "life"
TITLES = {"The life of a phone": LIFE, "The configuration on its disk": "store",
          "A pass: from \"ask\" to a verdict": "pass", "SIP plug and play": "pnp",
          "DHCP: the options that name a server": "dhcp", "Fetch: one file": "fetch",
          "TFTP: one file": "tftp", "SNTP: the wall clock": "sntp"}


def rows(text):
    """The cells of each line of the Markdown tables in a text, without headings."""
    return [re.split(r" *\| *", line.strip("| ")) for line in text.split("\n")
            if re.match(r"\|(?!-)", line)][1:]


def words(text):
    return [word for word in text.split(", ") if word]


class Table:
    """One state machine as docs/state-machines.md prints it."""

    def __init__(self, text):
        listed = rows(text)
        self.states = set(itertools.chain.from_iterable(
            words(re.sub("^any( but)?|^.the same.", "", part).strip())
            for states, _, _, following in listed for part in (states, following)))
        ignored = re.search(r"Ignored in all other states: (.*)\.", text)
        self.cues = {cue for _, cue, _, _ in listed} | set(words(ignored[1] if ignored else ""))
        self.answered = {(state, cue) for states, cue, action, following in listed
                         for state in self.meant(states)
                         if action != "nothing" or following not in (state, "(the same)")}

    def meant(self, states):
        if not states.startswith("any"):
            return set(words(states))
        return self.states - set(words(states.removeprefix("any").removeprefix(" but ")))


def tables(path):
    """{name: Table} of a page."""
    sections = path.read_text(encoding="utf-8").split("\n## ")[1:]
    titled = [(section.split("\n")[0], section) for section in sections]
    return {TITLES.get(title, title): Table(section) for title, section in titled}


def cell(text):
    """(table, state, cue) of "table: state + cue"."""
    return re.fullmatch(r"(\w+): ([^+]+) \+ (.+)", text).groups()


OLD = tables(TESTS / "data/state-machines/0.1.0.md")
TODAY = tables(SOURCE / "docs/state-machines.md")
PAGE = (SOURCE / "docs/cell-mapping.md").read_text(encoding="utf-8")
STATES, CELLS, GUARDS, IGNORED, OTHERS = (rows(part) for part in
                                          re.split("\n## |\nTwo cells", PAGE)[1:])


class CellMappingTest(unittest.TestCase):
    maxDiff = None

    def test_the_old_life_is_read_whole(self):
        life = OLD[LIFE]
        self.assertEqual((len(life.states), len(life.cues)), (17, 27))

    def test_every_old_cell_in_which_something_happened_stands_there_once(self):
        covered = itertools.chain.from_iterable(itertools.product(words(states), words(cues))
                                                for states, cues, _ in CELLS + GUARDS)
        self.assertEqual(collections.Counter(covered), collections.Counter(OLD[LIFE].answered))

    def test_every_old_cue_that_was_ignored_somewhere_stands_there_once(self):
        life = OLD[LIFE]
        ignored = {cue for state, cue in itertools.product(life.states, life.cues)
                   if (state, cue) not in life.answered}
        named = itertools.chain.from_iterable(words(cues) for cues, _ in IGNORED)
        self.assertEqual(collections.Counter(named), collections.Counter(ignored))

    def test_what_is_named_of_today_exists_and_does_something(self):
        named = {cell(one) for *_, today in CELLS + OTHERS for one in today.split("; ")}
        answered = {(name, *pair) for name, table in TODAY.items() for pair in table.answered}
        self.assertEqual(named - answered, set())

    def test_what_was_a_guard_exists_and_is_ignored(self):
        for _, _, today in GUARDS:
            name, state, cue = cell(today)
            self.assertIn(state, TODAY[name].states)
            self.assertIn(cue, TODAY[name].cues)
            self.assertNotIn((state, cue), TODAY[name].answered)

    def test_every_state_of_then_and_now_stands_in_the_table_of_states(self):
        self.assertEqual({row[0] for row in STATES}, OLD[LIFE].states)
        for column, name in enumerate((LIFE, "store", "pass"), 1):
            told = {part.split(",")[0] for row in STATES for part in row[column].split("; ")}
            self.assertEqual(told - {"any"}, TODAY[name].states, name)

    def test_the_cells_of_the_other_tables_are_where_they_were_or_where_it_is_said(self):
        moved = [(name, *pair) for name, states, cues, _ in OTHERS
                 for pair in itertools.product(words(states), words(cues))]
        gone = [(name, *pair) for name in set(OLD) - {LIFE}
                for pair in OLD[name].answered - TODAY[name].answered]
        self.assertEqual(sorted(moved), sorted(gone))

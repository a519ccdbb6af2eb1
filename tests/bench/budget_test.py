#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the programs to the budgets of docs/figures.md: bytes, instructions and memory of a pass
over http. The full measurement is tests/bench/run."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import budget
import callgrind
import lab as laboratory
import peak
import sizes


class BudgetTest(unittest.TestCase):
    def setUp(self):
        self.figures = budget.figures()

    def hold(self, name, measured):
        self.assertIn(name, self.figures, "tests/bench/run --write knows it")
        limit = budget.limit_of(name, self.figures[name])
        print(f"{name}: {measured:,}, at most {limit:,}")
        self.assertLessEqual(measured, limit, name)

    def test_programs_are_no_larger(self):
        for preset in sizes.STRIP:
            folder = sizes.programs_of(preset)
            if folder is None:
                print(f"{preset}: not built, not weighed")
                continue
            with self.subTest(preset):
                self.hold(f"{preset}: bytes of both programs",
                          sum(sizes.stripped_bytes(preset, folder / name)
                              for name in sizes.PROGRAMS))

    def test_a_pass_costs_no_more(self):
        with laboratory.Lab() as lab:
            lab.start_server()
            for variant in budget.VARIANTS:
                with self.subTest(variant):
                    self.hold_pass(lab, variant)

    def hold_pass(self, lab, variant):
        state = lab.new_state()
        life = callgrind.count_life(lab.phone("http", variant, state))
        again = callgrind.count_life(lab.phone("http", variant, state))
        memory = peak.peaks(lab.phone("http", variant, lab.new_state()))
        self.hold(f"{variant}: instructions of the first pass", life.first_pass)
        self.hold(f"{variant}: instructions of exec to confirmed", life.total)
        self.hold(f"{variant}: instructions with nothing new", again.total)
        self.hold(f"{variant}: KiB of the largest process",
                  max(one["peak_kib"] for one in memory))


if __name__ == "__main__":
    unittest.main(verbosity=2)

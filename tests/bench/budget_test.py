# SPDX-License-Identifier: Apache-2.0
"""Holds the programs to the budgets of docs/figures.md: bytes, instructions and memory of a pass
over http, instructions of one over https, those of a session with an ACS, and to the round trips
the protocols need. The full measurement is tests/bench/run."""

import os
import unittest

from bench import acs, budget, callgrind, peak, sizes, tftp, tls, wire
from bench.lab import SERVERS, Lab
from kit.needs import INSIDE, private_system
from kit.testcase import KitTest


NEEDS_NAMESPACE = unittest.skipUnless(INSIDE in os.environ, "no network namespace can be made here")


def prepare(_):
    if missing := private_system():
        print(f"round trips are not counted: {missing}")


class BudgetTest(KitTest):
    def setUp(self):
        self.figures = budget.figures()

    def hold(self, name, measured):
        self.assertIn(name, self.figures, "tests/bench/run --write knows it")
        limit = budget.limit_of(name, self.figures[name])
        print(f"{name}: {measured:,}, at most {limit:,}")
        self.assertLessEqual(measured, limit, name)

    def test_the_program_is_no_larger(self):
        for preset in sizes.STRIP:
            program = sizes.program_of(preset)
            if program is None:
                print(f"{preset}: not built, not weighed")
                continue
            with self.subTest(preset):
                self.hold(f"{preset}: bytes of the program",
                          sizes.stripped_bytes(preset, program))

    def test_a_pass_costs_no_more(self):
        with Lab() as lab:
            lab.server.start()
            for variant in budget.VARIANTS:
                with self.subTest(variant):
                    self.hold_pass(lab, variant)

    def test_a_pass_over_tls_costs_no_more(self):
        with tls.TlsLab() as lab:
            lab.server.start()
            for row in map(tls.Row._make, tls.AIMS):
                with self.subTest(row):
                    cost = tls.measure_row(lab, row, with_peer=False)
                    self.hold(tls.name_of(row), cost.first_pass)

    @NEEDS_NAMESPACE
    def test_a_session_with_an_acs_costs_no_more(self):
        sessions, tree = acs.measure(print, 0)
        for name, figure in acs.budgets_of(sessions, tree).items():
            with self.subTest(name):
                if name in acs.NEEDED:
                    self.assertEqual(figure, acs.NEEDED[name])
                self.hold(name, figure)

    @NEEDS_NAMESPACE
    def test_a_block_costs_no_more(self):
        self.hold("tftp: instructions of 1 MiB", tftp.count_instructions(self.scratch_folder()))

    @NEEDS_NAMESPACE
    def test_no_round_trip_is_needless(self):
        cable = self.keep(wire.Cable())
        with Lab(wire.SERVER_ADDRESS) as lab:
            lab.server.start()
            for server in SERVERS:
                with self.subTest(server):
                    seen = wire.watch(cable, lab, server, "plain")
                    self.assertEqual(len(seen.trips), wire.needed(server), seen.trips)
                    self.assertEqual(seen.connections, wire.PASSES)
                    self.assertEqual(seen.requests, wire.PASSES * wire.FILES_ASKED)

    def hold_pass(self, lab, variant):
        state = lab.new_state()
        life = callgrind.count_life(lab.phone("http", variant, state))
        again = callgrind.count_life(lab.phone("http", variant, state))
        memory = [peak.largest_kib(peak.peaks(lab.phone("http", variant, lab.new_state())))
                  for _ in range(3)]
        self.hold(f"{variant}: instructions of the first pass", life.first_pass)
        self.hold(f"{variant}: instructions of exec to confirmed", life.total)
        self.hold(f"{variant}: instructions with nothing new", again.total)
        self.hold(f"{variant}: KiB of the largest process", sorted(memory)[1])

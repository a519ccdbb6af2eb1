// SPDX-License-Identifier: Apache-2.0
//
// `dialtone-lab swarm`: one run (phone_run.h) for each seed, each with its own phone, site and mix
// of faults, and what all of them come to. A seed is all there is to a run: --replay tells it
// again.
//
// Who calls it: swarm_command.cpp, the tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/lab/cells.h"
#include "sim/lab/swarm/phone_run.h"

namespace dialtone::sim {

// From so many seeds on every kind of fault must have struck, and this share of the cells must have
// been visited. From so many on, a long run, all of them.
inline constexpr uint32_t seeds_for_kinds = 200;
inline constexpr uint32_t cells_percent = 70;
inline constexpr uint32_t seeds_for_all_cells = 20'000;

// What the run of this seed is about.
Scenario scenario_of_seed(uint64_t seed);
RunResult run_seed(uint64_t seed, LadderDiagram* ladder = nullptr);

struct SwarmFigures {
    uint64_t seeds = 0;
    uint64_t lives = 0;
    uint64_t events = 0;
    uint64_t stuck = 0;
    uint64_t violations = 0;
    uint64_t stays_broken = 0;
    FaultCounts counts = {};
    std::vector<uint32_t> took_ms = {};
    std::vector<std::string> found = {};  // the first few, each with its seed

    void add(uint64_t seed, const RunResult& result);
    // The time that `percent` of the runs needed at most.
    uint32_t took_percentile_ms(uint32_t percent) const;
    // Kinds of faults that never struck.
    std::vector<std::string> missed_kinds() const;
};

// What a swarm of this size had to see and has not, in words; with `all_cells`, as if it was a long
// run. Also what it has seen though it cannot happen (cells.h).
std::vector<std::string> missed(const SwarmFigures& figures, bool all_cells = false);

// The run of one seed in words: the scenario, the ladder with the journal in it, the end.
std::vector<std::string> replay(uint64_t seed);

}  // namespace dialtone::sim

// SPDX-License-Identifier: Apache-2.0
//
// `dialtone-lab explore`: the small world of scenario.h through every combination of its first
// choices, depth first; the later ones are harmless.
//
// Who calls it: explore_command.cpp, the tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/lab/swarm/choice.h"
#include "sim/lab/swarm/phone_run.h"

namespace dialtone::sim {

struct ExploreFigures {
    uint64_t runs = 0;
    uint64_t lives = 0;
    uint64_t stuck = 0;
    uint64_t violations = 0;
    uint32_t most_choices = 0;            // that one run asked for
    std::vector<std::string> found = {};  // the first few, each with its choices
    bool complete = false;
};

// Is shown how far the search is, and may end it.
class ExploreProgress {
  public:
    virtual ~ExploreProgress() = default;
    virtual bool keep_going(const ExploreFigures&) { return true; }
};

ExploreFigures explore(uint32_t depth, ExploreProgress& progress);
// One combination again, in the words of swarm's replay().
std::vector<std::string> replay_path(std::span<const uint32_t> path);

}  // namespace dialtone::sim

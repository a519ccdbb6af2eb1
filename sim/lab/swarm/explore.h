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

// Looks on, and says when it is enough.
class ExploreWatcher {
  public:
    virtual ~ExploreWatcher() = default;
    virtual bool go_on(const ExploreFigures&) { return true; }
};

ExploreFigures explore(uint32_t depth, ExploreWatcher& watcher);
// One combination again, told as swarm's replay() tells a seed.
std::vector<std::string> replay_path(std::span<const uint32_t> path);

}  // namespace dialtone::sim

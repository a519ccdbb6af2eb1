// SPDX-License-Identifier: Apache-2.0
//
// Bugs planted between the agent and its disk: what a careless store, or a disk that lies, would
// do with the steps the agent asks for. `dialtone-lab crash --planted` has to catch each of them,
// which is the proof that the search and its oracles see anything at all.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "sim/lab/crash/crash_phone.h"

namespace dialtone::sim {

// What a planted bug remembers within one life.
struct MutatorState {
    std::vector<Storage> held = {};  // put off
    std::vector<Storage> early = {};
};

struct PlantedBug {
    std::string_view name;
    std::string_view words;
    // Puts into `out` what reaches the disk in place of `step`.
    void (*mutate)(MutatorState& state, const Storage& step, std::vector<Storage>& out);
};

std::span<const PlantedBug> planted_bugs();

// The mutator of bug number `which`, for one life.
std::unique_ptr<StorageMutator> make_planted_mutator(uint32_t which);

}  // namespace dialtone::sim

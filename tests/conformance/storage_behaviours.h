// SPDX-License-Identifier: Apache-2.0
//
// The conformance suite's storage list: storage steps as data, one after the other, and what a
// world must answer to each. The simulated disk (storage_sim_test.cpp) and a real directory
// (storage_linux_test.cpp) are held to it alike. A step that worlds might take in two ways gets a
// line here first.
//
// Expected answers are text, joined by ", ": done | refused | missing (there is no such file,
// and not_found says so) | room | the bytes of a read in quotes.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agent/effect.h"
#include "platform/world.h"

namespace dialtone::conformance {

struct ListedStep {
    StorageStep step;
    std::string_view name = {};
    std::string_view bytes = {};  // of rename: the new name
    uint32_t offset = 0;
};

struct StorageBehaviour {
    std::string_view name;
    std::span<const ListedStep> steps;
    std::string_view expected;
};

std::span<const StorageBehaviour> storage_behaviours();
// The behaviour of that name, null when there is none.
const StorageBehaviour* storage_behaviour_called(std::string_view name);

// Gives the world all steps at once, as an agent never does, and writes down the answers.
std::string observe(World& world, const StorageBehaviour& behaviour);

}  // namespace dialtone::conformance

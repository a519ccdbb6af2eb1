// SPDX-License-Identifier: Apache-2.0
//
// The waiting rules that `dialtone-lab fleet` compares. The agent draws every wait itself, by the
// rule of its profile (agent/retry_rule.h); here stand the rules for the profiles of the fleets.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "agent/retry_rule.h"

namespace dialtone::sim {

struct FleetPolicy {
    std::string_view name;   // as on the command line
    std::string_view title;  // in a picture
    std::string_view words;  // what a phone does that was turned away
    RetryRule rule;
    uint32_t cost;  // requests a phone makes without a splay, roughly: for the time left
};

std::span<const FleetPolicy> fleet_policies();
const FleetPolicy* find_fleet_policy(std::string_view name);  // nullptr: there is none
// The one the firmware has.
const FleetPolicy& default_fleet_policy();

}  // namespace dialtone::sim

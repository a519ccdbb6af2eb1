// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/fleet/fleet_policy.h"

#include <algorithm>
#include <iterator>

namespace dialtone::sim {
namespace {

// Where a rule has a first wait and a longest one of its own it has those; else the agent's.
constexpr RetryRule own = {};
constexpr FleetPolicy policies[] = {
    {"none", "none", "asks again after 1 s, for ever", {1'000, 1'000, 1, RetrySpread::none}, 79},
    {"fixed", "fixed", "asks again after 5 s, for ever", {5'000, 5'000, 1, RetrySpread::none}, 45},
    {"exponential",
     "exponential",
     "each wait twice the last, no chance",
     {own.first_ms, own.cap_ms, 2, RetrySpread::none},
     13},
    {"full-jitter",
     "full jitter",
     "drawn up to a limit that doubles",
     {own.first_ms, own.cap_ms, 2, RetrySpread::below},
     10},
    {"decorrelated", "decorrelated", "drawn up to three times the last", own, 14},
    {"tr069",
     "TR-069",
     "5 to 10 s, 10 to 20 s, 20 to 40 s, ...",
     {10'000, 5'120'000, 2, RetrySpread::upper_half},
     7},
};

}  // namespace

std::span<const FleetPolicy> fleet_policies() {
    return policies;
}

const FleetPolicy* find_fleet_policy(std::string_view name) {
    const auto* found = std::find_if(std::begin(policies), std::end(policies),
                                     [&](const FleetPolicy& one) { return one.name == name; });
    return found == std::end(policies) ? nullptr : found;
}

const FleetPolicy& default_fleet_policy() {
    return *find_fleet_policy("decorrelated");
}

}  // namespace dialtone::sim

// SPDX-License-Identifier: Apache-2.0
//
// An ACS that calls one method after the other, drawn from a seed: it sets values, rightly and with
// something wrong in the list, sets attributes, makes objects and deletes them, orders sessions,
// and reads. It keeps a picture of its own of what the phone must have, and compares all of the
// phone's tree with it after each call that changes something:
//   - names by GetParameterNames, values by GetParameterValues and attributes by
//     GetParameterAttributes are of the same parameters;
//   - what was set reads back, and nothing else has changed;
//   - a call that was refused has changed nothing;
//   - an instance number is never given out again;
//   - all of it outlives a power cut between two sessions.
//
// Who calls it: the subcommand rpc, and its test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dialtone::sim {

struct RpcFigures {
    uint32_t calls = 0;
    uint32_t refused = 0;
    uint32_t values_set = 0;
    uint32_t attributes_set = 0;
    uint32_t objects_made = 0;
    uint32_t objects_deleted = 0;
};

// What a test plants in the ACS's view of the phone, to see that it is found.
enum class PlantedFlaw : uint8_t {
    nothing,
    lost_value,       // one that was set reads as it did before
    other_value,      // one that nobody has set is another
    lost_name,        // GetParameterNames leaves one out
    lost_attribute,   // one that was set reads as it did before
    number_again,     // AddObject gives out a number that was there
    half_of_refused,  // a list that was refused has set its first value
};

struct RpcResult {
    RpcFigures figures = {};
    std::vector<std::string> violations = {};  // at most a few
};

// One phone, with `calls` calls in several sessions.
RpcResult run_rpc_sequence(uint64_t seed, uint32_t calls,
                           PlantedFlaw planted = PlantedFlaw::nothing);

}  // namespace dialtone::sim

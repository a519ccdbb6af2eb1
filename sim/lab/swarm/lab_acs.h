// SPDX-License-Identifier: Apache-2.0
//
// The ACS (TR-069) of a scenario: what it answers to one post after the other, right and wrong.
// When its words are used up it does everything right.
//
// Who calls it: ScenarioServers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/effect.h"
#include "agent/generation.h"
#include "sim/servers/web.h"

namespace dialtone::sim {

enum class AcsWord : uint8_t {
    right,
    call,        // of a method, where it is its turn
    retry,       // 8005: the same again
    fault,       // another one
    empty,       // 204
    early_call,  // also where a response is awaited
    foreign_id,
    garbage,
    busy,       // 503
    moved,      // 307
    silent,     // no answer
    stalled,    // no more than its head
    hung_up,    // no head
    cut,        // half a message
    drip,       // a message that takes many minutes
    flood,      // more than a message may have
    calls,      // one call after the other for minutes
    set,        // SetParameterValues of several values
    set_url,    // of its other URL
    set_wrong,  // of values that are none, names that are none, and one twice
    watch,      // SetParameterAttributes
    schedule,   // ScheduleInform
    count_
};

struct LabAcs {
    bool is_there = false;
    std::vector<AcsWord> words = {};
    uint32_t next = 0;
    uint32_t sets = 0;  // calls that set values, and say which of them they are

    Answer answer(const StartTransfer& post);
};

// A phone never has half of what a call sets. Empty, or what is wrong.
std::string find_half_call(const Generation& active);

inline constexpr std::string_view lab_acs_url = "http://acs.example/cwmp";
inline constexpr std::string_view lab_acs_moved_url = "http://acs.example/moved";

}  // namespace dialtone::sim

// SPDX-License-Identifier: Apache-2.0
//
// The rule of a trial, pure: what becomes of something new that is being tried out when its server
// is heard, its time is up, its starts are used up, or somebody confirms it. Generations are tried
// by it (config_store.h), and so is firmware.
#pragma once

#include <cstdint>
#include <string_view>

namespace dialtone {

// The numbers stand in the boot record.
enum class TrialState : uint8_t {
    none,       // what is active is confirmed
    trying,     // what is active waits for its server's answer; its predecessor is kept
    returning,  // the predecessor is active again; the newer one waits outside for the verdict
};

enum class TrialCue : uint8_t {
    heard,      // the server of what is active has answered
    time_up,    // nothing has answered in the trial's time
    no_starts,  // each start that the trial may cost ended before its time was up
    confirmed,  // an operator or the phone says that it works
    count_
};

enum class TrialVerdict : uint8_t {
    nothing,   // there is no trial
    confirm,   // what is active stays
    go_back,   // the predecessor returns, and is asked in turn
    withdraw,  // the predecessor reaches its server: the newer one was at fault and is out
    keep,      // the predecessor reaches nothing either: the network is at fault, the newer stays
};

constexpr TrialVerdict trial_verdict(TrialState state, TrialCue cue) {
    using V = TrialVerdict;
    // clang-format off
    constexpr V verdicts[][static_cast<uint32_t>(TrialCue::count_)] = {
        //              heard        time up     no starts   confirmed
        /* none      */ {V::nothing,  V::nothing, V::nothing, V::nothing},
        /* trying    */ {V::confirm,  V::go_back, V::go_back, V::confirm},
        /* returning */ {V::withdraw, V::keep,    V::keep,    V::confirm},
    };
    // clang-format on
    return verdicts[static_cast<uint32_t>(state)][static_cast<uint32_t>(cue)];
}

}  // namespace dialtone

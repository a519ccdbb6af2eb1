// SPDX-License-Identifier: Apache-2.0
//
// `dialtone status`: how the phone is, in ten lines. Pure: everything comes from a StateView.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "agent/provenance.h"
#include "agent/store/record.h"
#include "platform/common/state_reader.h"

namespace dialtone {

inline constexpr uint32_t origin_count = static_cast<uint32_t>(Origin::operator_) + 1;

struct PhoneStatus {
    std::string directory = {};
    bool running = false;
    uint32_t generation = 0;  // 0: none
    uint32_t other = 0;       // the second generation of a trial, 0: none
    TrialState trial = TrialState::none;
    SourceKind source = SourceKind::none;
    std::string url = {};  // masked
    Proof proof = Proof::none;
    Pin pin = {};
    bool pin_known = false;
    std::array<uint32_t, origin_count> values = {};  // that count, by who set them
    bool in_memory = false;                          // nothing else is known
    std::string volatile_words = {};                 // why it is lost at the next start
    std::string trouble = {};                        // why the active generation cannot be read
    std::string verdict = {};                        // the last one, as a sentence; empty: none yet
    std::string next = {};                           // what happens next, as a sentence
    std::string last_error = {};  // the newest failure, as a sentence; empty: none
    WallSeconds last_error_s = 0;
    WallSeconds last_seen_s = 0;
};

PhoneStatus phone_status(const StateView& view);

// "The phone is provisioned: configuration 3 is active and confirmed." and the like: the answer in
// one sentence.
std::string headline(const PhoneStatus& status);

std::string status_text(const PhoneStatus& status);
std::string status_json(const PhoneStatus& status);

}  // namespace dialtone

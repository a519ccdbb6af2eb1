// SPDX-License-Identifier: Apache-2.0
//
// `dialtone explain`: why the phone is provisioned or is not, as sentences in the order in which
// things happened. Pure: the journal comes in, text goes out.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agent/journal.h"
#include "platform/common/state_reader.h"

namespace dialtone {

// From one power-on to the next; provisioning reboots and crashes in between belong to it.
struct PhoneLife {
    std::span<const JournalEntry> entries = {};
    bool whole = true;  // false: the journal no longer has its beginning
};

// Whether `entry` is the first of a life. `before` is the entry before it, nullptr for none.
bool begins_life(const JournalEntry& entry, const JournalEntry* before);

// All lives of `journal`, oldest first. Views into it.
std::vector<PhoneLife> phone_lives(std::span<const JournalEntry> journal);

// The last `last` lives. Each text ends with what happens next.
std::string explain_text(const StateView& view, uint32_t last);
std::string explain_json(const StateView& view, uint32_t last);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// `dialtone acs`: the last sessions with the ACS (TR-069 3.7), a line a message: when, who spoke,
// the method, its ID and what came of it. Pure: the journal comes in, text goes out.
//
// Of a session the journal has the Inform, what the phone asked beside it, the moment in which the
// ACS got its turn, each call of the ACS and the end (agent/cwmp/session.h); messages beyond
// limits::cwmp_messages_journaled are counted in the last line.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agent/journal.h"
#include "platform/common/state_reader.h"
#include "platform/tool/follow.h"

namespace dialtone {

// From an Inform to the next one, oldest first. Views into `journal`.
std::vector<std::span<const JournalEntry>> acs_sessions(std::span<const JournalEntry> journal);

// The lines of an entry that is about the ACS, empty for any other. For follow_journal().
std::string acs_entry_text(const JournalEntry& entry, OutputForm form);

// The last `last` sessions, and what comes next.
std::string acs_text(const StateView& view, uint32_t last);
std::string acs_json(const StateView& view, uint32_t last);

}  // namespace dialtone

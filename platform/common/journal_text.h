// SPDX-License-Identifier: Apache-2.0
//
// Journal entries as people read them: one line an entry, with the time since power-on. Shared by
// the daemon's standard error, explain, status and follow.
#pragma once

#include <cstdint>
#include <string>

#include "agent/instant.h"
#include "agent/journal.h"

namespace dialtone {

// "12.345 s", right-aligned to 12 letters.
std::string since_power_on(uint64_t at_ms);

// "2026-11-01 12:00:00 UTC"; "an unknown time" for anything before 1970-01-02 or after 9999.
std::string utc_text(WallSeconds wall_s);

// "   12.345 s  SENTENCE" and a line feed.
std::string entry_line(const JournalEntry& entry);

}  // namespace dialtone

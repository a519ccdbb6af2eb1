// SPDX-License-Identifier: Apache-2.0
//
// What an operator's `set` says: lines of KEY=VALUE, where a key is a setting of the agent or a
// configuration key as the profile spells it.
#pragma once

#include <string>
#include <string_view>

#include "agent/document.h"
#include "agent/profile.h"
#include "agent/result.h"

namespace dialtone {

// Reads and checks all lines, at most limits::assignments. A key may hold `\=`, as `dialtone show
// config` prints it.
// Errors: bad_usage, in words that name the key and, for an unknown one, the nearest that is known;
// too_big over the limits of a key, a value or their number.
Result<Document> read_assignments(std::string_view text, const Profile& profile);

// The keys that the lines name, for the journal: separated by commas and without any value, also
// of lines that read_assignments() refuses.
std::string assigned_keys(std::string_view text);

}  // namespace dialtone

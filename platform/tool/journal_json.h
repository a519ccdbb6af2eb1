// SPDX-License-Identifier: Apache-2.0
//
// Journal entries as programs read them: one JSON object an entry. Called by explain and follow.
#pragma once

#include "agent/journal.h"
#include "platform/tool/json_writer.h"

namespace dialtone {

// {"ms":..,"wall_s":..,"kind":..,"level":..,"sentence":..,"fields":{..}}
void write_entry(JsonWriter& json, const JournalEntry& entry);

}  // namespace dialtone

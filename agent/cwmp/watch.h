// SPDX-License-Identifier: Apache-2.0
//
// Parameters whose changes are told to the ACS (TR-069 A.3.2.4): which they are, and which of them
// have another value than the ACS knows. What it knows is a digest for each in the record, so that
// a change over a restart is found, too. Called by the ACS client, and by the methods that read and
// set attributes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/acs_memory.h"
#include "agent/cwmp/data_model.h"

namespace dialtone {

uint64_t path_digest(std::string_view path);  // of a full path

// 0 to 2: what the ACS has set, or else what the model says.
uint8_t notification_of(const Model& model, const ModelParameter& parameter,
                        const AcsMemory& memory);
// Active, and nobody may change it.
bool is_forced(const ModelParameter& parameter);

struct ChangedValues {
    std::vector<std::string> paths = {};
    bool starts_session = false;  // one of them is to be told at once
};
ChangedValues changed_values(const AcsMemory& memory, const ModelFacts& facts);

// All that is watched, with what it is now.
std::vector<WatchedValue> watched_now(const AcsMemory& memory, const ModelFacts& facts);
// The ACS has heard of these values.
void take_told(AcsMemory& memory, std::span<const WatchedValue> told);
// The ACS itself has set the values of these paths.
void take_written(AcsMemory& memory, std::span<const uint64_t> paths);
// What it has set is now what counts.
void settle_written(AcsMemory& memory, const ModelFacts& facts);

// Sets a notification. Nothing of what is not watched any more is kept.
void set_notification(std::vector<WatchedValue>& watched, const Model& model,
                      const ModelParameter& parameter, uint8_t notification);
// Whether there is room in the record for all that is watched.
bool has_room(const std::vector<WatchedValue>& watched, const Model& model);

}  // namespace dialtone

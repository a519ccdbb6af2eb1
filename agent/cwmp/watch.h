// SPDX-License-Identifier: Apache-2.0
//
// Parameters whose changes are told to the ACS (TR-069 A.3.2.4): which they are, and which of them
// have another value than the ACS knows. What it knows is a digest for each in the record, so that
// a change over a restart is found, too. Called by the ACS client, and by the methods that read and
// set attributes.
//
// An object with many parameters that are watched together, as a whole VoiceService, is one entry
// with one digest of them all; which of them is another one the ACS client knows for as long as it
// lives (values_below), and after a restart all of them are told.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/acs_memory.h"
#include "agent/cwmp/data_model.h"

namespace dialtone {

uint64_t path_digest(std::string_view path);  // of a full path, or an object's with its dot

// 0 to 2: what the ACS has set, or else what the model says.
uint8_t notification_of(const Model& model, const ModelParameter& parameter,
                        const AcsMemory& memory);
// Active, and nobody may change it.
bool is_forced(const ModelParameter& parameter);

struct ChangedValues {
    std::vector<std::string> paths = {};
    std::vector<std::string> active = {};  // those of them that are to be told at once
};
// `below`: of what the ACS was told, as values_below() had it.
ChangedValues changed_values(const AcsMemory& memory, const ModelFacts& facts,
                             std::span<const WatchedValue> below = {});

// All that is watched, with what it is now; objects as one.
std::vector<WatchedValue> watched_now(const AcsMemory& memory, const ModelFacts& facts);
// Each parameter that is watched with others below an object, by path.
std::vector<WatchedValue> values_below(const AcsMemory& memory, const ModelFacts& facts);
// The ACS has heard of these values.
void take_told(AcsMemory& memory, std::span<const WatchedValue> told);
// The path_digest() under which the path's value is watched: its own, or that of an object above.
uint64_t watched_path(const AcsMemory& memory, std::string_view path);
// The ACS itself has set the values of these, as watched_path() names them.
void take_written(AcsMemory& memory, std::span<const uint64_t> paths);
// What it has set is now what counts.
void settle_written(AcsMemory& memory, const ModelFacts& facts);

// Sets a notification for the parameter, or for all that are below the object. What is forced stays
// as it is, and nothing of what is not watched any more is kept.
void set_notification(std::vector<WatchedValue>& watched, const Model& model, std::string_view path,
                      uint8_t notification);
// Whether there is room in the record for all that is watched.
bool has_room(const std::vector<WatchedValue>& watched, const Model& model);

}  // namespace dialtone

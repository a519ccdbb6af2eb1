// SPDX-License-Identifier: Apache-2.0
//
// The state directory as a reader sees it: the record, the generation it names and the journal,
// with the daemon running or not. Nothing is written, and nothing is believed that does not
// check. Called by the reading commands of `dialtone`, and by agent_process.cpp for what Boot says
// of the disk.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/generation.h"
#include "agent/journal.h"
#include "agent/limits.h"
#include "agent/result.h"
#include "agent/store/record.h"

namespace dialtone {

// The raw copies of the record, an absent or unreadable one empty. `directory` is open, or -1 when
// there is none.
std::array<std::string, limits::record_copies> read_record_copies(int directory);

// Bit i: staged file i is there.
uint32_t find_staged_files(int directory);

// Generation `number`. Errors: not_found, io, those of decode_generation(), corrupt (its file holds
// another one); the sentence names the file.
Result<Generation> read_generation(const std::string& directory, uint32_t number);

// The journal's entries, oldest first, journal.1 before journal. Lines that a power cut tore are
// left out.
std::vector<JournalEntry> read_journal(const std::string& directory);

struct StateView {
    std::string directory = {};
    bool running = false;
    Record record = {};
    uint8_t broken_copies = 0;              // of the record
    std::optional<Generation> active = {};  // nothing: none yet, or `active_error`
    std::string active_error = {};          // why the active generation cannot be read
    bool in_memory = false;           // the daemon has all of it, and nothing else here is known
    std::string volatile_words = {};  // why it is lost at the next start; empty: it is not
    std::vector<JournalEntry> journal = {};
};

// Whether a daemon serves this directory, or would if it could be used. Errors: io.
Result<bool> has_daemon(const std::string& directory);

// Everything at once; of a daemon without a state directory only why it has none, if it is in the
// caller's reach (memory_note.h). Errors: not_found or io when there is no such directory to read.
Result<StateView> read_state(const std::string& directory);

}  // namespace dialtone

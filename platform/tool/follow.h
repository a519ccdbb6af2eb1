// SPDX-License-Identifier: Apache-2.0
//
// `dialtone status --follow` and `dialtone acs --follow`: lines of the journal as they are written.
#pragma once

#include <cstdint>
#include <string>

#include "agent/journal.h"
#include "agent/result.h"

namespace dialtone {

enum class OutputForm : uint8_t { text, json };

// What is printed for an entry, whole lines; empty: nothing.
using EntryText = std::string(const JournalEntry& entry, OutputForm form);

// Prints each entry to the descriptor `output` as `text` has it: with a daemon running first what
// the journal holds of the present life, then what is added. Ends when nobody reads `output` any
// more. Errors: not_found, io.
Status follow_journal(const std::string& directory, EntryText* text, OutputForm form, int output);

// Every entry, a sentence each or a JSON object.
std::string entry_text(const JournalEntry& entry, OutputForm form);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// `dialtone status --follow`: the journal's sentences as they are written.
#pragma once

#include <cstdint>
#include <string>

#include "agent/result.h"

namespace dialtone {

enum class OutputForm : uint8_t { text, json };

// Prints one line an entry to the descriptor `output`: with a daemon running first what the
// journal holds of the present life, then what is added. Ends when nobody reads `output` any
// more. Errors: not_found, io.
Status follow_journal(const std::string& directory, OutputForm form, int output);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// Text on its way to a person or a pipe. The programs use write(2) alone: no buffering to lose in
// a fork, and no iostream in the phone's image.
#pragma once

#include <string>
#include <string_view>

namespace dialtone {

// Writes all of `text` to the descriptor, interrupted or not. False when it cannot be written,
// because the reader of a pipe went away for instance.
bool write_all(int descriptor, std::string_view text);

// One line on standard error, "PROGRAM: SENTENCE"; control characters become '?', so that one
// sentence stays one line whatever a file name or argument holds.
void complain(std::string_view program, std::string_view sentence);

// `text` with every character replaced by '?' that is not harmless (agent/harmless_text.h).
std::string one_line(std::string_view text);

}  // namespace dialtone

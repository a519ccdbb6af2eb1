// SPDX-License-Identifier: Apache-2.0
//
// The lines of an answer to an operator (Reply::lines) within their bounds. Every world calls it
// before it hands them on, so that all cut alike.
#pragma once

#include <string>
#include <vector>

namespace dialtone {

// At most limits::reply_lines of at most limits::reply_line_bytes, each one line whatever was in
// it. What was left out shows: a cut line ends with "...", and the last one says how many are
// missing.
std::vector<std::string> bounded_lines(std::vector<std::string> lines);

}  // namespace dialtone

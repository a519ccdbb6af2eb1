// SPDX-License-Identifier: Apache-2.0
//
// The words of a line of a script.
//
// Who calls it: the reader of scripts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/result.h"

namespace dialtone::sim::acs {

// Blanks separate words; within "" they do not, and \" \\ \n \t stand for one byte there; # begins
// a comment where a word would. Errors: bad_usage for a quote that does not end.
Result<std::vector<std::string>> words_of(std::string_view line, uint32_t number);

}  // namespace dialtone::sim::acs

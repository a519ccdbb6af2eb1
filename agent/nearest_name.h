// SPDX-License-Identifier: Apache-2.0
//
// "Did you mean": the known option, command or profile nearest to a misspelt one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dialtone {

// The name with the fewest changed, added or dropped letters, if those are at most a third of the
// letters; empty when none is that near. Names are short: over 64 letters nothing is near.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known);

// ", did you mean NAME?" or, when none is near, "" .
std::string did_you_mean(std::string_view name, std::span<const std::string_view> known);

}  // namespace dialtone

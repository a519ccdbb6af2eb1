// SPDX-License-Identifier: Apache-2.0
//
// Whether a text is one of a type of XML Schema, as its part 2 writes them.
//
// Who calls it: the reader of envelopes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/lab/acs/schema.h"

namespace dialtone::sim::acs {

// Empty where `text` is of that kind, else what is wrong with it. `letters` is the most of a text.
std::string flaw_of(Kind kind, std::string_view text, uint32_t letters);
// The same of a value whose xsi:type has this local name.
std::string flaw_of_type(std::string_view type, std::string_view text);
// Characters of UTF-8; nothing valid: UINT32_MAX.
uint32_t count_letters(std::string_view text);

}  // namespace dialtone::sim::acs

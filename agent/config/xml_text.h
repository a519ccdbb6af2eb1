// SPDX-License-Identifier: Apache-2.0
//
// The characters that may stand in XML 1.0 (2.2), for those who read it and those who write it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dialtone {

bool is_xml_character(uint32_t code);

// Whether `text` is UTF-8 and has no other characters.
bool is_xml_text(std::string_view text);

// `text` as it may stand between tags and in attributes. What XML has no place for, controls and
// bytes that are no UTF-8, becomes a question mark.
std::string xml_escaped(std::string_view text);

}  // namespace dialtone

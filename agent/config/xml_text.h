// SPDX-License-Identifier: Apache-2.0
//
// Checks an XML text before tinyxml2 parses it, and refuses what tinyxml2 would accept although a
// configuration must not contain it: bytes that are no text, other encodings, entities, several
// roots, text outside the root, missing ends, deep nesting, too many elements. One pass over the
// text, without allocating. Called by the XML parsers.
//
// The grammar is XML 1.0 (fifth edition); section numbers in the code are its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/limits.h"
#include "agent/result.h"

namespace dialtone {

// What a text may have in it. Those of a configuration file, whose attributes its size bounds.
struct XmlBounds {
    uint32_t depth = limits::config_depth;  // at most that
    uint32_t elements = limits::config_elements;
    uint32_t attributes = UINT32_MAX;
};

// Returns how many elements there are. Errors, all with a line: malformed, truncated (it ends
// inside something), too_big (over `bounds`), unsupported (a DOCTYPE with declarations). What
// attributes look like is left to tinyxml2.
Result<uint32_t> check_xml(std::string_view text, XmlBounds bounds = {});

// `text` as it may stand between tags and in attributes. What XML 1.0 has no place for, controls
// and bytes that are no UTF-8, becomes a question mark.
std::string xml_escaped(std::string_view text);
// Whether there is none of that in it.
bool is_xml_text(std::string_view text);

// The text in UTF-8: itself, or converted into `converted` when it declares ISO 8859-1 and its
// bytes are not UTF-8. Errors: malformed with the line of the first byte that is not UTF-8.
Result<std::string_view> xml_as_utf8(std::string_view text, std::string& converted);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/config/xml_text.h"

#include <algorithm>

#include "agent/harmless_text.h"
#include "agent/text.h"

namespace dialtone {
namespace {

// 2.2, of a text that is to be written. U+FFFE and U+FFFF are no characters of XML either.
bool begins_with_no_character(std::string_view text) {
    const char letter = text.front();
    const bool is_odd =
        character_bytes(text) == 0 || (is_control(letter) && letter != '\t' && letter != '\n' &&
                                       letter != '\r' && letter != 0x7F);
    return is_odd || text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF");
}

}  // namespace

bool is_xml_character(uint32_t code) {
    if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
    return code < 0xD800 || (code > 0xDFFF && code < 0xFFFE) || (code > 0xFFFF && code <= 0x10FFFF);
}

bool is_xml_text(std::string_view text) {
    while (!text.empty()) {
        if (begins_with_no_character(text)) return false;
        text.remove_prefix(character_bytes(text));
    }
    return true;
}

std::string xml_escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const char letter = text.front();
        const uint32_t bytes = character_bytes(text);
        if (begins_with_no_character(text)) {
            out += '?';
        } else if (letter == '&') {
            out += "&amp;";
        } else if (letter == '<') {
            out += "&lt;";
        } else if (letter == '>') {
            out += "&gt;";
        } else if (letter == '"') {
            out += "&quot;";
        } else if (letter == '\'') {
            out += "&apos;";
        } else if (letter == '\r') {
            out += "&#13;";
        } else {
            out += text.substr(0, bytes);
        }
        text.remove_prefix(std::max(bytes, 1U));
    }
    return out;
}

}  // namespace dialtone

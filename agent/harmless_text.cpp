// SPDX-License-Identifier: Apache-2.0
#include "agent/harmless_text.h"

#include <algorithm>

namespace dialtone {
namespace {

constexpr bool is_between(std::string_view text, uint32_t at, uint8_t low, uint8_t high) {
    if (at >= text.size()) return false;
    const auto byte = static_cast<uint8_t>(text[at]);
    return byte >= low && byte <= high;
}

}  // namespace

uint32_t character_bytes(std::string_view text) {
    if (is_between(text, 0, 0x00, 0x7f)) return 1;
    struct Lead {
        uint8_t low, high, second_low, second_high;
        uint32_t bytes;
    };
    constexpr Lead leads[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (const Lead& lead : leads) {
        if (!is_between(text, 0, lead.low, lead.high)) continue;
        if (!is_between(text, 1, lead.second_low, lead.second_high)) return 0;
        for (uint32_t at = 2; at < lead.bytes; ++at) {
            if (!is_between(text, at, 0x80, 0xbf)) return 0;
        }
        return lead.bytes;
    }
    return 0;
}

uint32_t harmless_bytes(std::string_view text) {
    if (is_between(text, 0, 0x20, 0x7e)) return 1;
    if (is_between(text, 0, 0x00, 0x1f) || text.starts_with('\x7f')) return 0;
    if (text.starts_with('\xc2') && is_between(text, 1, 0x80, 0x9f)) return 0;      // C1
    if (text.starts_with("\xe2\x80") && is_between(text, 2, 0xa8, 0xae)) return 0;  // U+2028..202E
    if (text.starts_with("\xe2\x81") && is_between(text, 2, 0xa6, 0xa9)) return 0;  // U+2066..2069
    return character_bytes(text);
}

std::string escaped_byte(char c) {
    switch (c) {
        case '\t':
            return "\\t";
        case '\n':
            return "\\n";
        case '\r':
            return "\\r";
        default:
            break;
    }
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto byte = static_cast<uint8_t>(c);
    return std::string("\\x") + digits[byte >> 4] + digits[byte & 15];
}

std::string harmless(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const uint32_t bytes = harmless_bytes(text);
        out += bytes > 0 ? std::string(text.substr(0, bytes)) : escaped_byte(text.front());
        text.remove_prefix(std::max(bytes, 1U));
    }
    return out;
}

}  // namespace dialtone

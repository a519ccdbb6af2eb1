// SPDX-License-Identifier: Apache-2.0
#include "agent/config/utf8.h"

#include <cstring>

namespace dialtone {
namespace {

// RFC 3629 section 4: what a first byte demands of the ones that follow it.
struct Sequence {
    uint8_t first_low, first_high;
    uint8_t second_low, second_high;
    uint32_t bytes;
};

constexpr Sequence sequences[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

uint8_t byte_at(std::string_view text, uint32_t at) {
    return static_cast<uint8_t>(text[at]);
}

// The length of the character that begins at `at` with a byte over 0x7F; 0 when it is broken.
uint32_t character_bytes(std::string_view text, uint32_t at) {
    const uint8_t first = byte_at(text, at);
    for (const Sequence& sequence : sequences) {
        if (first < sequence.first_low || first > sequence.first_high) continue;
        if (sequence.bytes > text.size() - at) return 0;
        const uint8_t second = byte_at(text, at + 1);
        if (second < sequence.second_low || second > sequence.second_high) return 0;
        for (uint32_t next = 2; next < sequence.bytes; ++next) {
            if ((byte_at(text, at + next) & 0xC0) != 0x80) return 0;
        }
        return sequence.bytes;
    }
    return 0;
}

}  // namespace

uint32_t valid_utf8_bytes(std::string_view text) {
    const auto size = static_cast<uint32_t>(text.size());
    uint32_t at = 0;
    while (at < size) {
        uint64_t eight = 0;
        if (size - at >= sizeof eight) {
            std::memcpy(&eight, text.data() + at, sizeof eight);
            if ((eight & 0x8080808080808080U) == 0) {
                at += sizeof eight;
                continue;
            }
        }
        const uint32_t step = byte_at(text, at) < 0x80 ? 1 : character_bytes(text, at);
        if (step == 0) break;
        at += step;
    }
    return at;
}

std::string shown(std::string_view text) {
    constexpr uint32_t shown_bytes = 40;
    const std::string_view start = text.substr(0, shown_bytes);
    return std::string(start.substr(0, valid_utf8_bytes(start)));
}

bool is_plain_utf8(std::string_view text) {
    if (valid_utf8_bytes(text) != text.size()) return false;
    for (uint32_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<uint8_t>(text[at]);
        const bool blank = byte == '\t' || byte == '\n' || byte == '\r';
        if ((byte < 0x20 && !blank) || byte == 0x7F) return false;
        // C1 is U+0080 to U+009F: C2 80 to C2 9F.
        if (byte == 0xC2 && static_cast<uint8_t>(text[at + 1]) < 0xA0) return false;
    }
    return true;
}

std::string utf8_from_latin1(std::string_view text) {
    std::string utf8;
    utf8.reserve(text.size() + text.size() / 8);
    for (const char letter : text) {
        const auto byte = static_cast<uint8_t>(letter);
        if (byte < 0x80) {
            utf8.push_back(letter);
            continue;
        }
        utf8.push_back(static_cast<char>(0xC0 | byte >> 6));
        utf8.push_back(static_cast<char>(0x80 | (byte & 0x3F)));
    }
    return utf8;
}

}  // namespace dialtone

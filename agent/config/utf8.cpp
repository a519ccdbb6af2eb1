// SPDX-License-Identifier: Apache-2.0
#include "agent/config/utf8.h"

#include <algorithm>
#include <cstring>

#include "agent/harmless_text.h"

namespace dialtone {
namespace {

constexpr uint64_t in_each_byte = 0x0101010101010101U;

uint64_t word_at(std::string_view text, uint32_t at) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    return word;
}

bool is_ascii(uint64_t word) {
    return (word & (in_each_byte * 0x80)) == 0;
}

// Eight characters of U+0020 to U+007E. May say no where it is so, never yes where it is not.
bool is_printable(uint64_t word) {
    const uint64_t rest = word ^ (in_each_byte * 0x7F);
    const uint64_t controls = (word - in_each_byte * 0x20) & ~word;
    const uint64_t deletes = (rest - in_each_byte) & ~rest;
    return is_ascii(word) && ((controls | deletes) & (in_each_byte * 0x80)) == 0;
}

}  // namespace

uint32_t valid_utf8_bytes(std::string_view text) {
    const auto size = static_cast<uint32_t>(text.size());
    uint32_t at = 0;
    while (at < size) {
        if (size - at >= sizeof(uint64_t) && is_ascii(word_at(text, at))) {
            at += sizeof(uint64_t);
            continue;
        }
        const bool is_short = static_cast<uint8_t>(text[at]) < 0x80;
        const uint32_t step = is_short ? 1 : character_bytes(text.substr(at));
        if (step == 0) break;
        at += step;
    }
    return at;
}

uint32_t letters_of(std::string_view text) {
    return static_cast<uint32_t>(std::ranges::count_if(
        text, [](char byte) { return (static_cast<uint8_t>(byte) & 0xC0U) != 0x80U; }));
}

std::string shown(std::string_view text) {
    constexpr uint32_t shown_bytes = 40;
    const std::string_view start = text.substr(0, shown_bytes);
    return std::string(start.substr(0, valid_utf8_bytes(start)));
}

bool is_plain_utf8(std::string_view text) {
    const auto size = static_cast<uint32_t>(text.size());
    for (uint32_t at = 0; at < size;) {
        if (size - at >= sizeof(uint64_t) && is_printable(word_at(text, at))) {
            at += sizeof(uint64_t);
            continue;
        }
        const auto byte = static_cast<uint8_t>(text[at]);
        const bool blank = byte == '\t' || byte == '\n' || byte == '\r';
        const uint32_t step = byte < 0x80 ? 1 : character_bytes(text.substr(at));
        if (step == 0 || (byte < 0x20 && !blank) || byte == 0x7F) return false;
        // C1 is U+0080 to U+009F: C2 80 to C2 9F.
        if (byte == 0xC2 && static_cast<uint8_t>(text[at + 1]) < 0xA0) return false;
        at += step;
    }
    return true;
}

void append_utf8(std::string& out, uint32_t code) {
    const auto add = [&out](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    const auto add_more = [&](uint32_t shift) { add(0x80 | (code >> shift & 0x3F)); };
    if (code < 0x80) return add(code);
    if (code < 0x800) {
        add(0xC0 | code >> 6);
        return add_more(0);
    }
    if (code < 0x10000) {
        add(0xE0 | code >> 12);
    } else {
        add(0xF0 | code >> 18);
        add_more(12);
    }
    add_more(6);
    add_more(0);
}

std::string utf8_from_latin1(std::string_view text) {
    std::string utf8;
    utf8.reserve(text.size() + text.size() / 8);
    for (const char letter : text)
        append_utf8(utf8, static_cast<uint8_t>(letter));
    return utf8;
}

std::string utf8_from_windows_1252(std::string_view text) {
    constexpr uint16_t letters[32] = {
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};
    std::string utf8;
    utf8.reserve(text.size() + text.size() / 8);
    for (const char letter : text) {
        const auto byte = static_cast<uint8_t>(letter);
        const bool is_other = byte >= 0x80 && byte < 0xA0;
        append_utf8(utf8, is_other ? letters[byte - 0x80] : byte);
    }
    return utf8;
}

}  // namespace dialtone

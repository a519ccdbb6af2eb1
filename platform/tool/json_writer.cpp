// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/json_writer.h"

#include <algorithm>

#include "agent/harmless_text.h"

namespace dialtone {
namespace {

constexpr std::string_view replacement_character = "\xef\xbf\xbd";

void append_escaped(std::string& out, char c) {
    static constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            break;
    }
    const auto byte = static_cast<uint8_t>(c);
    if (byte >= 0x20 && byte != 0x7f) {
        out += c;
        return;
    }
    out += "\\u00";
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

// Those of the characters of two and three bytes that are not harmless are below U+FFFF.
void append_escaped_character(std::string& out, std::string_view character) {
    static constexpr std::string_view digits = "0123456789abcdef";
    uint32_t code = static_cast<uint8_t>(character[0]) & (character.size() == 2 ? 0x1FU : 0x0FU);
    for (const char c : character.substr(1))
        code = code << 6 | (static_cast<uint8_t>(c) & 0x3FU);
    out += "\\u";
    for (uint32_t shift = 16; shift > 0; shift -= 4)
        out += digits[code >> (shift - 4) & 15];
}

void append_string(std::string& out, std::string_view value) {
    out += '"';
    while (!value.empty()) {
        const uint32_t bytes = character_bytes(value);
        const std::string_view character = value.substr(0, std::max(bytes, 1U));
        if (bytes == 0) {
            out += replacement_character;
        } else if (bytes == 1) {
            append_escaped(out, value.front());
        } else if (harmless_bytes(value) == 0) {
            append_escaped_character(out, character);
        } else {
            out += character;
        }
        value.remove_prefix(character.size());
    }
    out += '"';
}

}  // namespace

void JsonWriter::separate() {
    if (comma_due_) out_ += ',';
    comma_due_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    out_ += bracket;
    comma_due_ = false;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    out_ += bracket;
    comma_due_ = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    append_string(out_, name);
    out_ += ':';
    comma_due_ = false;
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
    separate();
    append_string(out_, value);
    return *this;
}

JsonWriter& JsonWriter::number(int64_t value) {
    separate();
    out_ += std::to_string(value);
    return *this;
}

JsonWriter& JsonWriter::flag(bool value) {
    separate();
    out_ += value ? "true" : "false";
    return *this;
}

JsonWriter& JsonWriter::null() {
    separate();
    out_ += "null";
    return *this;
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/json_writer.h"

#include "agent/config/utf8.h"

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

void append_string(std::string& out, std::string_view value) {
    out += '"';
    while (!value.empty()) {
        const uint32_t good_bytes = valid_utf8_bytes(value);
        for (const char c : value.substr(0, good_bytes))
            append_escaped(out, c);
        value.remove_prefix(good_bytes);
        if (value.empty()) break;
        out += replacement_character;
        value.remove_prefix(1);
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

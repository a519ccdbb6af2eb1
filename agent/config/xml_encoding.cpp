// SPDX-License-Identifier: Apache-2.0
#include "agent/config/xml_encoding.h"

#include <algorithm>
#include <cstdint>

#include "agent/config/utf8.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view blanks = " \t\r\n";

struct Encoding {
    std::string_view name;                          // as the declaration has it, without case
    std::string (*to_utf8)(std::string_view text);  // nullptr: it is UTF-8, or a part of it
};

constexpr Encoding encodings[] = {
    {"UTF-8", nullptr},
    {"UTF8", nullptr},
    {"US-ASCII", nullptr},
    {"ASCII", nullptr},
    {"ISO-8859-1", &utf8_from_latin1},
    {"ISO8859-1", &utf8_from_latin1},
    {"LATIN1", &utf8_from_latin1},
    {"WINDOWS-1252", &utf8_from_windows_1252},
    {"CP1252", &utf8_from_windows_1252},
};

// What stands before the declaration by mistake: a byte order mark, blanks, comments.
std::string_view at_declaration(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
        const auto end = text.starts_with("<!--") ? text.find("-->", 4) : std::string_view::npos;
        if (end == std::string_view::npos) return text;
        text.remove_prefix(end + 3);
    }
}

// The name between quotes after `encoding`; empty: there is none.
std::string_view declared_name(std::string_view text) {
    if (!text.starts_with("<?xml")) return {};
    const std::string_view declaration = text.substr(0, text.find("?>"));
    constexpr std::string_view word = "encoding";
    const auto at = declaration.find(word);
    if (at == std::string_view::npos) return {};
    const std::string_view after = declaration.substr(at + word.size());
    const auto open = after.find_first_of("\"'");
    if (open == std::string_view::npos) return {};
    const std::string_view value = after.substr(open + 1);
    const auto end = value.find(after[open]);
    return end == std::string_view::npos ? std::string_view()
                                         : trimmed(value.substr(0, end), blanks);
}

uint32_t line_of(std::string_view text, std::string_view place) {
    const auto before = text.substr(0, static_cast<uint32_t>(place.data() - text.data()));
    return static_cast<uint32_t>(std::ranges::count(before, '\n')) + 1;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text,
                               [](char letter) { return static_cast<uint8_t>(letter) < 0x80; });
}

}  // namespace

Result<std::string_view> xml_as_utf8(std::string_view text, std::string& converted) {
    const std::string_view declaration = at_declaration(text);
    const std::string_view name = declared_name(declaration);
    const auto* const encoding = std::ranges::find_if(
        encodings, [name](const Encoding& one) { return equals_without_case(one.name, name); });
    const bool is_other = !name.empty() && encoding == std::end(encodings);
    const bool converts = !name.empty() && !is_other && encoding->to_utf8 != nullptr;
    if ((is_other || converts) && is_ascii(text)) return text;
    if (is_other) {
        return fail(ErrorCode::unsupported,
                    "the file declares the encoding " + shown(name) +
                        ", which is not read; save it as UTF-8",
                    Position::at_line(line_of(text, declaration)));
    }
    if (converts) {
        converted = encoding->to_utf8(text);
        return std::string_view(converted);
    }
    TRY(check_utf8(text));
    return text;
}

Status check_utf8(std::string_view text) {
    const uint32_t valid = valid_utf8_bytes(text);
    if (valid == text.size()) return {};
    return fail(ErrorCode::malformed, "a byte that is not UTF-8",
                Position::at_line(line_of(text, text.substr(valid))));
}

}  // namespace dialtone

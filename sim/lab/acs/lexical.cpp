// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/acs/lexical.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "agent/harmless_text.h"
#include "agent/text.h"

namespace dialtone::sim::acs {
namespace {

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    Number number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || fault != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

bool is_hexadecimal(std::string_view text) {
    return std::ranges::all_of(text, [](char letter) {
        return is_digit(letter) || (lower(letter) >= 'a' && lower(letter) <= 'f');
    });
}

// Digits where the pattern has a 0, and itself elsewhere.
bool has_form(std::string_view text, std::string_view pattern) {
    return std::ranges::equal(text, pattern, [](char letter, char wanted) {
        return wanted == '0' ? is_digit(letter) : letter == wanted;
    });
}

bool is_between(std::string_view digits, uint32_t least, uint32_t most) {
    const auto number = number_of<uint32_t>(digits);
    return number && *number >= least && *number <= most;
}

// [-]YYYY-MM-DDThh:mm:ss[.fraction][Z|+hh:mm|-hh:mm], TR-069 knows no date before year 1.
bool is_date_time(std::string_view text) {
    constexpr std::string_view form = "0000-00-00T00:00:00";
    if (text.size() < form.size() || !has_form(text.substr(0, form.size()), form)) return false;
    if (!is_between(text.substr(5, 2), 1, 12) || !is_between(text.substr(8, 2), 1, 31) ||
        !is_between(text.substr(11, 2), 0, 24) || !is_between(text.substr(14, 2), 0, 59) ||
        !is_between(text.substr(17, 2), 0, 59) || text.starts_with("0000"))
        return false;
    text.remove_prefix(form.size());
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        const auto digits = std::ranges::find_if_not(text, is_digit) - text.begin();
        if (digits == 0) return false;
        text.remove_prefix(static_cast<uint64_t>(digits));
    }
    if (text.empty() || text == "Z") return true;
    return (has_form(text, "+00:00") || has_form(text, "-00:00")) &&
           is_between(text.substr(1, 2), 0, 14) && is_between(text.substr(4, 2), 0, 59);
}

bool is_boolean(std::string_view text) {
    return text == "0" || text == "1" || text == "true" || text == "false";
}

bool is_base64(std::string_view text) {
    const auto letters = std::ranges::count_if(text, [](char letter) {
        return is_letter(letter) || is_digit(letter) || letter == '+' || letter == '/';
    });
    const auto pads = std::ranges::count(text, '=');
    const auto blanks = std::ranges::count_if(
        text, [](char letter) { return letter == ' ' || letter == '\n' || letter == '\r'; });
    return letters + pads + blanks == static_cast<int64_t>(text.size()) &&
           (letters + pads) % 4 == 0 && pads <= 2;
}

// EventCodeType of cwmp-1-2: "\d+( \S+)+", "M \S+", and a vendor's "X \S+ ...".
bool is_event_code(std::string_view text) {
    if (text.starts_with("M ") || text.starts_with("X "))
        return text.size() > 2 && text[2] != ' ' &&
               (text[0] == 'X' || text.find(' ', 2) == std::string_view::npos);
    const std::string_view number = take_piece(text, ' ');
    return !number.empty() && std::ranges::all_of(number, is_digit) && !text.empty() &&
           !text.starts_with(' ') && !text.ends_with(' ') &&
           text.find("  ") == std::string_view::npos;
}

bool is_of(Kind kind, std::string_view text) {
    const std::string_view bare = trimmed(text, " \t\r\n");
    switch (kind) {
        case Kind::text:
        case Kind::any_simple:
        case Kind::structure:
        case Kind::list:
            return true;
        case Kind::object_name:
            return text.ends_with('.');
        case Kind::event_code:
            return is_event_code(text);
        case Kind::oui:
            return text.size() == 6 && is_hexadecimal(text) && text == [&] {
                std::string upper(text);
                for (char& letter : upper)
                    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 32);
                return upper;
            }();
        case Kind::boolean:
            return is_boolean(bare);
        case Kind::integer:
            return number_of<int32_t>(bare).has_value();
        case Kind::unsigned_int:
            return number_of<uint32_t>(bare).has_value();
        case Kind::instance:
            return is_between(bare, 1, UINT32_MAX);
        case Kind::status:
            return bare == "0" || bare == "1";
        case Kind::notification:
            return is_between(bare, 0, 6);
        case Kind::cpe_fault:
            return is_between(bare, 9000, 9899);
        case Kind::any_fault:
            return bare == "0" || is_between(bare, 9000, 9899);
        case Kind::date_time:
            return is_date_time(bare);
    }
    __builtin_unreachable();
}

constexpr std::string_view kind_names[] = {
    "xs:string",
    "an object's name, with a dot at its end",
    "an EventCodeType",
    "an OUI, six hexadecimal digits in upper case",
    "xs:boolean",
    "xs:int",
    "xs:unsignedInt",
    "an instance number from 1 on",
    "0 or 1",
    "a notification from 0 to 6",
    "a fault code of a CPE",
    "0 or a fault code of a CPE",
    "xs:dateTime",
    "xs:anySimpleType",
    "a structure",
    "an array",
};

struct TypeRow {
    std::string_view name;
    bool (*is_it)(std::string_view text);
};
constexpr TypeRow types[] = {
    {"string", [](std::string_view) { return true; }},
    {"boolean", is_boolean},
    {"int", [](std::string_view text) { return number_of<int32_t>(text).has_value(); }},
    {"unsignedInt", [](std::string_view text) { return number_of<uint32_t>(text).has_value(); }},
    {"long", [](std::string_view text) { return number_of<int64_t>(text).has_value(); }},
    {"unsignedLong", [](std::string_view text) { return number_of<uint64_t>(text).has_value(); }},
    {"dateTime", is_date_time},
    {"base64", is_base64},
    {"base64Binary", is_base64},
    {"hexBinary",
     [](std::string_view text) { return text.size() % 2 == 0 && is_hexadecimal(text); }},
};

}  // namespace

uint32_t count_letters(std::string_view text) {
    uint32_t letters = 0;
    while (!text.empty()) {
        const uint32_t bytes = character_bytes(text);
        if (bytes == 0) return UINT32_MAX;
        text.remove_prefix(bytes);
        ++letters;
    }
    return letters;
}

std::string flaw_of(Kind kind, std::string_view text, uint32_t letters) {
    if (!is_of(kind, text))
        return quoted(text) + " is not " + std::string(kind_names[static_cast<uint32_t>(kind)]);
    if (letters != 0 && count_letters(text) > letters)
        return "it is longer than " + std::to_string(letters) + " characters";
    return {};
}

std::string flaw_of_type(std::string_view type, std::string_view text) {
    const auto row = std::ranges::find(types, type, &TypeRow::name);
    if (row == std::end(types)) return "its xsi:type " + quoted(type) + " is not of XML Schema";
    const bool is_text = type == "string";
    if (row->is_it(is_text ? text : trimmed(text, " \t\r\n"))) return {};
    return quoted(text) + " is no " + std::string(type);
}

}  // namespace dialtone::sim::acs

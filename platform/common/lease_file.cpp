// SPDX-License-Identifier: Apache-2.0
#include "platform/common/lease_file.h"

#include <algorithm>
#include <charconv>

#include "agent/hex.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

constexpr uint32_t interface_name_bytes = 15;  // IFNAMSIZ without its NUL
constexpr uint16_t last_code = 254;            // 255 ends a DHCP message
constexpr std::string_view class_word = "class";
constexpr std::string_view family_words[] = {"ipv4", "ipv6"};
constexpr std::string_view news_words[] = {"bound", "renewed", "lost"};  // in the order of the enum

// One of `words`, or nothing.
template <size_t count>
std::optional<size_t> index_in(const std::string_view (&words)[count], std::string_view word) {
    const auto found = std::ranges::find(words, word);
    if (found == std::end(words)) return std::nullopt;
    return static_cast<size_t>(found - std::begin(words));
}

std::unexpected<Error> fail_at(uint32_t line, std::string detail) {
    return fail(ErrorCode::malformed, std::move(detail), Position::at_line(line));
}

// A decimal number without sign and leading zeros.
std::optional<uint16_t> option_code(std::string_view text, bool ipv6) {
    uint16_t code = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, code);
    if (read.ec != std::errc() || read.ptr != end || code == 0 || text.starts_with('0')) return {};
    if (!ipv6 && code > last_code) return {};
    return code;
}

bool has_option(const LeaseRecord& record, uint16_t code) {
    return std::ranges::find(record.options, code, &LeaseRecord::Option::code) !=
           record.options.end();
}

Status take_option(LeaseRecord& record, std::string_view key, std::string_view digits,
                   uint32_t line) {
    const auto code = option_code(key, record.ipv6);
    if (!code) return fail_at(line, "no option's code");
    if (has_option(record, *code)) return fail_at(line, "an option that was there before");
    if (record.options.size() >= limits::lease_options) return fail_at(line, "too many options");
    auto value = bytes_of_hex(digits);
    if (!value) return fail_at(line, "a value that is not in hex digits");
    if (value->size() > limits::dhcp_option_bytes) return fail_at(line, "a value that is too long");
    record.options.push_back({*code, std::move(*value)});
    return {};
}

Status take_class(LeaseRecord& record, std::string_view digits, uint32_t line) {
    const auto value = bytes_of_hex(digits);
    const bool fits = value && !value->empty() && value->size() <= limits::dhcp_vendor_class_bytes;
    if (!fits || !record.vendor_class.empty()) return fail_at(line, "no vendor class");
    record.vendor_class.assign(value->begin(), value->end());
    return {};
}

// The first three lines have their place.
Status take_line(LeaseRecord& record, std::string_view text, uint32_t line) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return fail_at(line, "a line without =");
    const std::string_view key = text.substr(0, equals);
    const std::string_view value = text.substr(equals + 1);
    if (line == 1) {
        const auto family = index_in(family_words, value);
        if (key != "family" || !family) return fail_at(line, "no family");
        record.ipv6 = *family == 1;
    } else if (line == 2) {
        if (key != "interface" || !is_interface_name(value)) return fail_at(line, "no interface");
        record.interface = std::string(value);
    } else if (line == 3) {
        const auto news = index_in(news_words, value);
        if (key != "news" || !news) return fail_at(line, "no news");
        record.news = static_cast<LeaseNews>(*news);
    } else if (key == class_word) {
        return take_class(record, value, line);
    } else {
        return take_option(record, key, value, line);
    }
    return {};
}

}  // namespace

bool is_interface_name(std::string_view name) {
    if (name.empty() || name.size() > interface_name_bytes || name == "." || name == "..") {
        return false;
    }
    return std::ranges::all_of(
        name, [](char c) { return static_cast<uint8_t>(c) > 0x20 && c != 0x7f && c != '/'; });
}

std::string lease_text(const LeaseRecord& record) {
    std::string text = "family=" + std::string(family_words[record.ipv6 ? 1 : 0]);
    text += "\ninterface=" + record.interface;
    text += "\nnews=" + std::string(news_words[static_cast<uint8_t>(record.news)]) + "\n";
    if (!record.vendor_class.empty()) {
        const std::string_view bytes = record.vendor_class;
        const auto* const octets = reinterpret_cast<const uint8_t*>(bytes.data());
        (text.append(class_word) += "=") += hex_of({octets, bytes.size()}) + "\n";
    }
    uint32_t written = 0;
    for (const LeaseRecord::Option& option : record.options) {
        const std::string line = std::to_string(option.code) + "=" + hex_of(option.value) + "\n";
        if (text.size() + line.size() > limits::lease_file_bytes) continue;
        if (written++ == limits::lease_options) break;
        text += line;
    }
    return text;
}

Result<LeaseRecord> parse_lease(std::string_view text) {
    if (text.size() > limits::lease_file_bytes) return fail(ErrorCode::too_big, "too long");
    LeaseRecord record;
    uint32_t line = 0;
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) return fail_at(line + 1, "the last line has no end");
        TRY(take_line(record, text.substr(0, end), ++line));
        text.remove_prefix(end + 1);
    }
    if (line < 3) return fail(ErrorCode::truncated, "it ends too early");
    return record;
}

}  // namespace dialtone

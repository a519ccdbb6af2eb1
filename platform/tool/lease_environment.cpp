// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/lease_environment.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "agent/hex.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

struct EventWord {
    std::string_view word;
    LeaseNews news;
};

constexpr EventWord event_words[] = {
    {"bound", LeaseNews::bound},    {"renew", LeaseNews::renewed}, {"deconfig", LeaseNews::lost},
    {"leasefail", LeaseNews::lost}, {"nak", LeaseNews::lost},
};

// A variable that has the option's text and not its hex digits.
struct TextVariable {
    bool ipv6;
    std::string_view name;
    uint16_t code;
};

// The fixed fields ($siaddr, $sname, $boot_file) are for boot loaders and are left where they are.
constexpr TextVariable text_variables[] = {
    {false, "tftp", 66},
    {false, "bootfile", 67},
    {false, "sipsrv", 120},
    {true, "bootfile_url", 59},
};

constexpr std::string_view hex_prefix = "opt";
constexpr std::string_view class_variable = "DIALTONE_VENDOR_CLASS";

// Lower comes first: where not all options fit, those that may name a server are kept.
uint32_t rank(const LeaseRecord::Option& option, bool ipv6) {
    if (ipv6) return option.code == 59 ? 0 : 1;
    constexpr uint16_t first_codes[] = {66, 43, 160, 150, 120, 67};
    const auto found = std::ranges::find(first_codes, option.code);
    if (found != std::end(first_codes)) {
        return static_cast<uint32_t>(found - std::begin(first_codes));
    }
    constexpr uint16_t first_of_site = 128;
    constexpr uint32_t behind = std::size(first_codes);
    return option.code >= first_of_site ? behind : behind + 1;
}

std::optional<std::string_view> value_of(std::span<const std::string_view> variables,
                                         std::string_view name) {
    for (const std::string_view one : variables) {
        if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=') {
            return one.substr(name.size() + 1);
        }
    }
    return std::nullopt;
}

void add(LeaseRecord& record, uint16_t code, std::vector<uint8_t>&& value) {
    if (value.empty() || value.size() > limits::dhcp_option_bytes) return;
    const auto known = std::ranges::find(record.options, code, &LeaseRecord::Option::code);
    if (known == record.options.end()) record.options.push_back({code, std::move(value)});
}

void add_text_options(LeaseRecord& record, std::span<const std::string_view> variables) {
    for (const TextVariable& row : text_variables) {
        if (row.ipv6 != record.ipv6) continue;
        const auto text = value_of(variables, row.name);
        if (text) add(record, row.code, {text->begin(), text->end()});
    }
}

// One "opt43=0103616263".
void add_hex_option(LeaseRecord& record, std::string_view variable) {
    if (!variable.starts_with(hex_prefix)) return;
    variable.remove_prefix(hex_prefix.size());
    const auto equals = variable.find('=');
    if (equals == std::string_view::npos) return;
    uint16_t code = 0;
    const auto read = std::from_chars(variable.data(), variable.data() + equals, code);
    if (read.ec != std::errc() || read.ptr != variable.data() + equals || code == 0) return;
    constexpr uint16_t last_code = 254;
    if (!record.ipv6 && code > last_code) return;
    const std::string_view digits = variable.substr(equals + 1);
    if (digits.size() / 2 > limits::dhcp_option_bytes) return;
    auto value = bytes_of_hex(digits);
    if (value) add(record, code, std::move(*value));
}

}  // namespace

Result<LeaseNews> lease_news(std::string_view event) {
    const auto found = std::ranges::find(event_words, event, &EventWord::word);
    if (found != std::end(event_words)) return found->news;
    return fail(ErrorCode::bad_usage, "'" + std::string(event) +
                                          "' is no event of a DHCP client (known: bound, renew, "
                                          "deconfig, leasefail, nak)");
}

Result<LeaseRecord> lease_from_environment(std::span<const std::string_view> variables,
                                           LeaseNews news, bool ipv6) {
    LeaseRecord record;
    record.ipv6 = ipv6;
    record.news = news;
    record.interface = std::string(value_of(variables, "interface").value_or(""));
    if (!is_interface_name(record.interface)) {
        return fail(ErrorCode::bad_usage,
                    "the variable 'interface' names no interface; a DHCP "
                    "client sets it for the script it runs");
    }
    if (news == LeaseNews::lost) return record;
    if (!ipv6) {
        const std::string_view named = value_of(variables, class_variable).value_or("");
        record.vendor_class = named.substr(0, limits::dhcp_vendor_class_bytes);
    }
    add_text_options(record, variables);
    for (const std::string_view variable : variables)
        add_hex_option(record, variable);
    std::ranges::stable_sort(record.options, {},
                             [&](const auto& option) { return rank(option, ipv6); });
    if (record.options.size() > limits::lease_options) {
        record.options.resize(limits::lease_options);
    }
    return record;
}

}  // namespace dialtone

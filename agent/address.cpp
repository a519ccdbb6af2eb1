// SPDX-License-Identifier: Apache-2.0
#include "agent/address.h"

#include <algorithm>
#include <charconv>
#include <span>

namespace dialtone {
namespace {

constexpr uint32_t groups_v6 = 8;

std::string dotted(std::span<const uint8_t> octets) {
    std::string text;
    for (const uint8_t octet : octets) {
        if (!text.empty()) text += '.';
        text += std::to_string(octet);
    }
    return text;
}

bool is_mapped(const Address& address) {
    constexpr uint8_t prefix[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return address.octet_count == 16 &&
           std::equal(std::begin(prefix), std::end(prefix), address.octets);
}

uint32_t group_of(const Address& address, uint32_t index) {
    return uint32_t{address.octets[2 * index]} << 8 | address.octets[2 * index + 1];
}

void append_hex(std::string& text, uint32_t group) {
    char digits[4];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, group, 16);
    if (error == std::errc()) text.append(digits, end);
}

// The longest run of zero groups, the first of equals, only if it has two or more.
struct Run {
    uint32_t begin = groups_v6;
    uint32_t size = 1;
};

Run longest_zeros(const Address& address) {
    Run best;
    Run run{0, 0};
    for (uint32_t i = 0; i < groups_v6; ++i) {
        run = group_of(address, i) == 0 ? Run{run.begin, run.size + 1} : Run{i + 1, 0};
        if (run.size > best.size) best = run;
    }
    return best;
}

bool parse_part(std::string_view part, uint32_t base, uint32_t most_letters, uint32_t& value) {
    if (part.empty() || part.size() > most_letters) return false;
    if (base == 10 && part.size() > 1 && part[0] == '0') return false;
    const auto [end, error] =
        std::from_chars(part.data(), part.data() + part.size(), value, static_cast<int>(base));
    return error == std::errc() && end == part.data() + part.size();
}

bool parse_v4(std::string_view text, uint8_t* octets) {
    for (uint32_t i = 0; i < 4; ++i) {
        const auto dot = i < 3 ? text.find('.') : text.size();
        uint32_t value = 0;
        if (dot == std::string_view::npos) return false;
        if (!parse_part(text.substr(0, dot), 10, 3, value) || value > 255) return false;
        octets[i] = static_cast<uint8_t>(value);
        text.remove_prefix(i < 3 ? dot + 1 : dot);
    }
    return true;
}

// Groups separated by ':', without "::"; the last one may be an IPv4 address. How many octets.
std::optional<uint32_t> parse_groups(std::string_view text, uint8_t* octets, uint32_t room) {
    uint32_t used = 0;
    while (!text.empty()) {
        const auto colon = text.find(':');
        const std::string_view part = text.substr(0, colon);
        const bool last = colon == std::string_view::npos;
        uint32_t value = 0;
        if (last && part.find('.') != std::string_view::npos) {
            if (used + 4 > room || !parse_v4(part, octets + used)) return std::nullopt;
            return used + 4;
        }
        if (used + 2 > room || !parse_part(part, 16, 4, value)) return std::nullopt;
        octets[used++] = static_cast<uint8_t>(value >> 8);
        octets[used++] = static_cast<uint8_t>(value);
        if (last) return used;
        text.remove_prefix(colon + 1);
        if (text.empty()) return std::nullopt;  // ends in ':'
    }
    return used;
}

bool parse_v6(std::string_view text, uint8_t* octets) {
    const auto gap = text.find("::");
    if (gap == std::string_view::npos) return parse_groups(text, octets, 16) == 16;
    uint8_t tail[16] = {};
    const auto head_size = parse_groups(text.substr(0, gap), octets, 14);
    const auto tail_size = parse_groups(text.substr(gap + 2), tail, 14);
    if (!head_size || !tail_size || *head_size + *tail_size > 14) return false;
    std::copy_n(tail, *tail_size, octets + 16 - *tail_size);
    return true;
}

}  // namespace

std::string address_text(const Address& address) {
    const std::span<const uint8_t> octets(address.octets, address.octet_count);
    if (address.octet_count == 4) return dotted(octets);
    if (address.octet_count != 16) return {};
    if (is_mapped(address)) return dotted(octets.subspan(12));
    const Run zeros = longest_zeros(address);
    std::string text;
    for (uint32_t i = 0; i < groups_v6; ++i) {
        if (i == zeros.begin) {
            text += "::";
            i += zeros.size - 1;
            continue;
        }
        if (!text.empty() && text.back() != ':') text += ':';
        append_hex(text, group_of(address, i));
    }
    return text;
}

std::string address_in_url(const Address& address) {
    std::string text = address_text(address);
    return text.find(':') == std::string::npos ? text : "[" + text + "]";
}

std::optional<Address> parse_address(std::string_view text) {
    Address address;
    if (parse_v4(text, address.octets)) {
        address.octet_count = 4;
        return address;
    }
    address = {};
    if (text.find(':') == std::string_view::npos || !parse_v6(text, address.octets)) return {};
    address.octet_count = 16;
    return address;
}

bool is_multicast(const Address& address) {
    if (address.octet_count == 4) return (address.octets[0] & 0xf0) == 0xe0;
    return address.octet_count == 16 && address.octets[0] == 0xff;
}

}  // namespace dialtone

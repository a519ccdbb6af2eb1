// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/acs_option.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "agent/limits.h"
#include "agent/scheme.h"
#include "agent/text.h"
#include "agent/transfer/url.h"

namespace dialtone {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr uint32_t retry_lowest = 1;
constexpr uint32_t multiplier_lowest = 1000;
constexpr uint32_t retry_highest = 65'535;

struct SubOption {
    uint32_t code = 0;
    Bytes value = {};
};

uint32_t number_at(Bytes bytes, uint32_t at, uint32_t size) {
    uint32_t number = 0;
    for (const uint8_t byte : bytes.subspan(at, size))
        number = number << 8 | byte;
    return number;
}

// Codes and lengths of `width` bytes each. What lies about one length says nothing about the rest:
// then there are none.
std::vector<SubOption> sub_options_of(Bytes rest, uint32_t width) {
    constexpr uint8_t pad = 0;
    constexpr uint8_t end = 255;
    std::vector<SubOption> found;
    while (!rest.empty() && !(width == 1 && rest[0] == end)) {
        if (width == 1 && rest[0] == pad) {
            rest = rest.subspan(1);
            continue;
        }
        if (rest.size() < size_t{2} * width) return {};
        const uint32_t code = number_at(rest, 0, width);
        const uint32_t size = number_at(rest, width, width);
        rest = rest.subspan(size_t{2} * width);
        if (size > rest.size() || found.size() == limits::acs_sub_options) return {};
        found.push_back({code, rest.first(size)});
        rest = rest.subspan(size);
    }
    return found;
}

// Of RFC 3925: enterprise, length, its sub-options, for each enterprise.
Bytes part_of_forum(Bytes rest) {
    while (rest.size() >= 5) {
        const uint32_t enterprise = number_at(rest, 0, 4);
        const uint32_t size = rest[4];
        rest = rest.subspan(5);
        if (size > rest.size()) return {};
        if (enterprise == broadband_forum) return rest.first(size);
        rest = rest.subspan(size);
    }
    return {};
}

// Of RFC 8415: one enterprise an option.
Bytes part_of_forum_v6(Bytes value) {
    if (value.size() < 4 || number_at(value, 0, 4) != broadband_forum) return {};
    return value.subspan(4);
}

// Without NULs and blanks around it; nothing when there is more in it than printable ASCII.
std::string text_of(Bytes value) {
    std::string_view text(reinterpret_cast<const char*>(value.data()), value.size());
    text = trimmed(text, std::string_view("\0 \t\r\n", 5));
    const bool is_plain = std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
    return std::string(is_plain ? text : std::string_view());
}

// Digits as servers write them into forms, or the number itself; nothing outside of its range.
uint32_t number_of(Bytes value, uint32_t lowest) {
    uint32_t number = 0;
    const std::string digits = text_of(value);
    const char* const end = digits.data() + digits.size();
    const auto [rest, code] = std::from_chars(digits.data(), end, number);
    const bool is_text = !digits.empty() && code == std::errc() && rest == end;
    if (!is_text) {
        if (value.empty() || value.size() > 4) return 0;
        number = number_at(value, 0, static_cast<uint32_t>(value.size()));
    }
    return number >= lowest && number <= retry_highest ? number : 0;
}

// Why that is no ACS; empty: it is.
std::string_view refusal_of(const std::string& url) {
    if (url.empty()) return "is no text";
    if (url.size() > limits::cwmp_url_bytes) return "is too long for the URL of an ACS";
    const auto parsed = parse_url(url, Scheme::http);
    if (!parsed || scheme_of(url).empty()) return "is no URL";
    const bool is_web = parsed->scheme == Scheme::http || parsed->scheme == Scheme::https;
    return is_web ? std::string_view() : "names no web server, as an ACS is one";
}

// What the codes of an option mean (TR-069 3.1; those of the gateway: TR-111 part 1). 0: nothing.
struct Codes {
    std::string_view option;
    uint32_t url;
    uint32_t provisioning_code;
    uint32_t retry_minimum;
    uint32_t retry_multiplier;
    uint32_t gateway_oui;
    uint32_t gateway_serial;
    uint32_t gateway_class;
};
constexpr Codes of_information = {"43", 1, 2, 3, 4, 0, 0, 0};
constexpr Codes of_identifying = {"125", 11, 12, 13, 14, 4, 5, 6};
constexpr Codes of_identifying_v6 = {"v6 17", 1, 2, 3, 4, 0, 0, 0};

void take_url(Bytes value, const Codes& codes, AcsNews& news) {
    std::string url = text_of(value);
    const std::string_view refusal = refusal_of(url);
    if (refusal.empty()) {
        news.url = std::move(url);
        news.option = codes.option;
    } else if (news.remark.empty()) {
        news.remark = "sub-option " + std::to_string(codes.url) + " of option " +
                      std::string(codes.option) + " " + std::string(refusal);
    }
}

// An option counts whole or not at all: another one's ACS does not get this one's waits.
void take_option(const std::vector<SubOption>& values, const Codes& codes, AcsNews& news) {
    const bool has_room = news.url.empty();
    for (const SubOption& one : values) {
        if (has_room && one.code == codes.url) take_url(one.value, codes, news);
    }
    const bool counts = has_room && !news.url.empty();
    for (const SubOption& one : values) {
        if (counts && one.code == codes.provisioning_code)
            news.provisioning_code = text_of(one.value).substr(0, limits::cwmp_code_bytes);
        if (counts && one.code == codes.retry_minimum)
            news.retry_minimum_s = number_of(one.value, retry_lowest);
        if (counts && one.code == codes.retry_multiplier)
            news.retry_multiplier = number_of(one.value, multiplier_lowest);
        if (codes.gateway_oui == 0) continue;
        std::string text = text_of(one.value).substr(0, limits::cwmp_code_bytes);
        if (one.code == codes.gateway_oui)
            news.gateway.oui = std::move(text);
        else if (one.code == codes.gateway_serial)
            news.gateway.serial_number = std::move(text);
        else if (one.code == codes.gateway_class)
            news.gateway.product_class = std::move(text);
    }
}

}  // namespace

AcsNews acs_of_vendor_options(const VendorOptions& options) {
    AcsNews news;
    take_option(sub_options_of(options.information, 1), of_information, news);
    take_option(sub_options_of(part_of_forum(options.identifying), 1), of_identifying, news);
    take_option(sub_options_of(part_of_forum_v6(options.identifying_v6), 2), of_identifying_v6,
                news);
    if (!news.url.empty()) news.remark.clear();
    return news;
}

}  // namespace dialtone

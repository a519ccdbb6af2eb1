// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/content_range.h"

#include <charconv>
#include <optional>

#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view unit = "bytes ";
constexpr std::string_view unknown = "*";

std::optional<int64_t> number_in(std::string_view text) {
    int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    // from_chars takes a minus sign, the field has none.
    if (error != std::errc() || rest != end || !is_digit(text.front())) return std::nullopt;
    return number;
}

}  // namespace

ContentRange parse_content_range(std::string_view field) {
    if (!begins_without_case(field, unit)) return {};
    const std::string_view range = field.substr(unit.size());
    const auto slash = range.find('/');
    if (slash == std::string_view::npos) return {};
    const std::string_view part = range.substr(0, slash);
    const std::string_view whole = range.substr(slash + 1);
    const auto total = number_in(whole);
    if (!total && whole != unknown) return {};
    if (part == unknown) return {.total = total.value_or(-1)};
    const auto dash = part.find('-');
    if (dash == std::string_view::npos) return {};
    const auto first = number_in(part.substr(0, dash));
    const auto last = number_in(part.substr(dash + 1));
    if (!first || !last || *last < *first || (total && *total <= *last)) return {};
    return {.first = *first, .last = *last, .total = total.value_or(-1)};
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/http_date.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// What stands where: d for a digit, ? for any character.
constexpr std::string_view form = "???, dd ??? dddd dd:dd:dd GMT";

bool has_form(std::string_view text) {
    if (text.size() != form.size()) return false;
    for (uint32_t i = 0; i < form.size(); ++i) {
        const bool fits = form[i] == 'd' ? is_digit(text[i]) : form[i] == '?' || text[i] == form[i];
        if (!fits) return false;
    }
    return true;
}

int64_t number(std::string_view digits) {
    int64_t value = 0;
    for (const char digit : digits)
        value = value * 10 + (digit - '0');
    return value;
}

constexpr bool is_leap(int64_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

// Days before the first of the month, counted from 1970.
int64_t days_before(int64_t year, int64_t month) {
    constexpr int64_t before_month[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    const int64_t last = year - 1;
    const int64_t leap_days =
        last / 4 - last / 100 + last / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);
    const bool after_february = month > 1 && is_leap(year);
    return (year - 1970) * 365 + leap_days + before_month[month] + (after_february ? 1 : 0);
}

}  // namespace

WallSeconds http_date_s(std::string_view text) {
    if (!has_form(text)) return 0;
    const auto* const name = std::ranges::find(months, text.substr(8, 3));
    if (name == std::end(months)) return 0;
    const int64_t year = number(text.substr(12, 4));
    const int64_t month = name - std::begin(months);
    const int64_t day = number(text.substr(5, 2));
    const int64_t hour = number(text.substr(17, 2));
    const int64_t minute = number(text.substr(20, 2));
    const int64_t second = number(text.substr(23, 2));
    const int64_t first = days_before(year, month);
    const int64_t next = month == 11 ? days_before(year + 1, 0) : days_before(year, month + 1);
    if (year < 1970 || day < 1 || day > next - first) return 0;
    if (hour > 23 || minute > 59 || second > 60) return 0;
    return ((first + day - 1) * 24 + hour) * 3600 + minute * 60 + second;
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/date_time.h"

#include <algorithm>

#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

// Takes `digits` digits and what has to follow them off the text; -1: they are not there.
int32_t take_number(std::string_view& text, uint32_t digits, std::string_view ending) {
    int32_t number = 0;
    if (text.size() < digits) return -1;
    for (char c : text.substr(0, digits)) {
        if (!is_digit(c)) return -1;
        number = number * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    if (!text.starts_with(ending)) return -1;
    text.remove_prefix(ending.size());
    return number;
}

bool is_leap(int32_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

// Of months 1 to 12.
int32_t days_of(int32_t year, int32_t month) {
    if (month == 2) return is_leap(year) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

int32_t days_of(int32_t year) {
    return is_leap(year) ? 366 : 365;
}

// Since 1970 for a date until 2100; nothing: it is none.
std::optional<WallSeconds> days_until(int32_t year, int32_t month, int32_t day) {
    if (year < 1970 || year > 2100 || month < 1 || month > 12) return {};
    if (day < 1 || day > days_of(year, month)) return {};
    WallSeconds days = day - 1;
    for (int32_t one = 1970; one < year; ++one)
        days += days_of(one);
    for (int32_t one = 1; one < month; ++one)
        days += days_of(year, one);
    return days;
}

std::string two_digits(int64_t number) {
    return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

bool is_below(int32_t number, int32_t end) {
    return number >= 0 && number < end;
}

// Seconds to take off: those of a zone, none for Z and for no zone at all.
std::optional<int32_t> zone_of(std::string_view text) {
    if (text.empty() || text == "Z") return 0;
    const char sign = text.front();
    if (sign != '+' && sign != '-') return {};
    text.remove_prefix(1);
    const int32_t hours = take_number(text, 2, ":");
    const int32_t minutes = take_number(text, 2, "");
    if (!text.empty() || !is_below(hours, 15) || !is_below(minutes, 60)) return {};
    const int32_t zone_s = hours * 3600 + minutes * 60;
    return sign == '+' ? zone_s : -zone_s;
}

void drop_fraction(std::string_view& text) {
    if (!text.starts_with('.')) return;
    text.remove_prefix(1);
    while (!text.empty() && is_digit(text.front()))
        text.remove_prefix(1);
}

}  // namespace

std::optional<WallSeconds> read_date_time(std::string_view text) {
    const int32_t year = take_number(text, 4, "-");
    const int32_t month = take_number(text, 2, "-");
    const int32_t day = take_number(text, 2, "T");
    const int32_t hour = take_number(text, 2, ":");
    const int32_t minute = take_number(text, 2, ":");
    const int32_t second = take_number(text, 2, "");
    if (!is_below(hour, 24) || !is_below(minute, 60) || !is_below(second, 60)) return {};
    drop_fraction(text);
    const auto zone_s = zone_of(text);
    const auto days = days_until(year, month, day);
    if (!zone_s || !days) return {};
    const WallSeconds moment_s = *days * 86'400 + hour * 3600 + minute * 60 + second - *zone_s;
    if (moment_s < 0 || moment_s >= limits::wall_clock_end_s) return {};
    return moment_s;
}

std::string date_time_text(WallSeconds wall_s) {
    constexpr int64_t day_s = 86'400;
    const int64_t bounded_s = std::clamp<int64_t>(wall_s, 0, limits::wall_clock_end_s - 1);
    int64_t day = bounded_s / day_s;  // counted from the first of the year, then of the month
    int32_t year = 1970;
    for (; day >= days_of(year); ++year)
        day -= days_of(year);
    int32_t month = 1;
    for (; day >= days_of(year, month); ++month)
        day -= days_of(year, month);
    const int64_t second = bounded_s % day_s;
    return std::to_string(year) + '-' + two_digits(month) + '-' + two_digits(day + 1) + 'T' +
           two_digits(second / 3600) + ':' + two_digits(second / 60 % 60) + ':' +
           two_digits(second % 60) + 'Z';
}

}  // namespace dialtone

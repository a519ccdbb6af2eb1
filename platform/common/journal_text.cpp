// SPDX-License-Identifier: Apache-2.0
#include "platform/common/journal_text.h"

#include <stdio.h>
#include <time.h>

#include "platform/common/output.h"

namespace dialtone {
namespace {

constexpr WallSeconds day_s = 86'400;
constexpr WallSeconds year_10000_s = 253'402'300'800;

}  // namespace

std::string since_power_on(uint64_t at_ms) {
    char text[40];
    const auto whole = static_cast<unsigned long long>(at_ms / 1000);
    const auto rest = static_cast<unsigned>(at_ms % 1000);
    ::snprintf(text, sizeof text, "%6llu.%03u s", whole, rest);
    return text;
}

std::string utc_text(WallSeconds wall_s) {
    if (wall_s < day_s || wall_s >= year_10000_s) return "an unknown time";
    const auto time = static_cast<time_t>(wall_s);
    tm civil = {};
    char text[40];
    if (::gmtime_r(&time, &civil) == nullptr) return "an unknown time";
    ::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &civil);
    return text;
}

std::string entry_line(const JournalEntry& entry) {
    return since_power_on(entry.at_ms) + "  " + one_line(journal_sentence(entry)) + "\n";
}

}  // namespace dialtone

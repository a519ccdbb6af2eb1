// SPDX-License-Identifier: Apache-2.0
//
// The figures of `dialtone-lab fleet` as text: whole numbers and fixed point, the same on every
// machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/lab/fleet/fleet_world.h"

namespace dialtone::sim {

// One run of a fleet, and what it came to.
struct FleetRun {
    std::string_view policy = {};
    FleetOptions options = {};
    FleetResult result = {};
};

// The time by which `percent` of the affected phones were done (nearest rank); nothing: so many
// never were.
std::optional<uint32_t> done_by_ms(const FleetResult& result, uint32_t percent);
// Requests a second from zero to the end, in tenths.
uint64_t mean_tenths(const FleetResult& result);
// Requests per affected phone, in hundredths.
uint64_t per_phone_hundredths(const FleetResult& result);

// How long the server would be busy if it served every phone at the first try; 0: not said for
// this event.
uint32_t fleet_least_s(const FleetOptions& options);

std::string grouped(uint64_t number);                       // 12,345
std::string fixed_point(uint64_t number, uint32_t digits);  // 12345, 2: 123.45
std::string seconds_text(std::optional<uint32_t> ms);       // 12.3, or - for never
std::string duration_words(uint32_t seconds);               // 12 min 3 s

// A row of a table under fleet_table_head(); `first` and `second` are its first two columns.
std::string fleet_table_head(std::string_view first, std::string_view second);
std::string fleet_table_row(std::string_view first, std::string_view second,
                            const FleetResult& result);
// The last line, whose form is fixed.
std::string fleet_last_line(const FleetRun& run);

}  // namespace dialtone::sim

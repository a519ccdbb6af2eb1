// SPDX-License-Identifier: Apache-2.0
//
// Moments as they stand in messages: xsd:dateTime (XML Schema part 2, 3.2.7). Called by the session
// and the model, which tell them, and by the ACS client for the phase of its reports.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/instant.h"

namespace dialtone {

// Seconds since 1970 of a moment between then and 2100, fractions left out; a text without a zone
// is taken for UTC (TR-106 3.2). Nothing: it is none, or none of this time.
std::optional<WallSeconds> read_date_time(std::string_view text);

// In UTC; a moment outside of these years is the first or the last of them.
std::string date_time_text(WallSeconds wall_s);
// TR-106 3.2: nobody knows the moment.
inline constexpr std::string_view unknown_time = "0001-01-01T00:00:00Z";

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// Moments as an ACS writes them: xsd:dateTime (XML Schema part 2, 3.2.7). data_model.h has the way
// back. Called by the ACS client for the phase of its reports, and by the model for what is set.
#pragma once

#include <optional>
#include <string_view>

#include "agent/instant.h"

namespace dialtone {

// Seconds since 1970 of a moment between then and 2100, fractions left out; a text without a zone
// is taken for UTC (TR-106 3.2). Nothing: it is none, or none of this time.
std::optional<WallSeconds> read_date_time(std::string_view text);

}  // namespace dialtone

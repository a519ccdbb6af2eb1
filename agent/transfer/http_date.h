// SPDX-License-Identifier: Apache-2.0
//
// The time in an HTTP field as every server of today writes it: IMF-fixdate (RFC 9110 5.6.7). The
// two older forms are not read. Called by Fetch for the Date of an answer.
#pragma once

#include <string_view>

#include "agent/instant.h"

namespace dialtone {

// Seconds since 1970 of "Sun, 06 Nov 1994 08:49:37 GMT"; 0 when `text` is no such date. The day of
// the week is not compared.
WallSeconds http_date_s(std::string_view text);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// Grandstream's binary configuration, the file cfg<mac>, as six public generators of it agree:
//
//     0   4  length of the file in 16-bit words, big-endian
//     4   2  what makes the sum of all 16-bit words 0
//     6   6  MAC address of the phone
//     12  4  CR LF CR LF
//     16     P271=1&P47=pbx.example.net&gnkey=0b82, percent-encoded, and NULs up to a whole word
//
// One generator leaves CR LF CR LF out of the sum. It is not encrypted, though texts call it so:
// whoever sees the file sees its passwords. Called by the reader.
#pragma once

#include <string_view>

#include "agent/config/config_format.h"
#include "agent/document.h"
#include "agent/profile.h"
#include "agent/result.h"

namespace dialtone {

extern const ConfigFormat grandstream_binary_format;

// Of a key that stands twice the last value counts, with a warning; what is no P value is passed
// over with one. A `+` is a blank where all values look percent-encoded, and else a `+`: generators
// that encode nothing write telephone numbers with it.
// Errors, with the offset: not_a_config (sniff() takes it for something else); foreign_device;
// malformed (a piece without =, a value that is not UTF-8 or has control characters); too_big.
Result<Document> parse_grandstream_binary(std::string_view file, const Identity& identity);

}  // namespace dialtone

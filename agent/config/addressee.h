// SPDX-License-Identifier: Apache-2.0
//
// What a configuration file says of itself, whatever its format: which phone it is for, and its
// serial number among the files for that phone. Called by the parsers of the formats.
#pragma once

#include <string_view>

#include "agent/document.h"
#include "agent/profile.h"
#include "agent/result.h"

namespace dialtone {

// How a file's serial is called in it.
inline constexpr std::string_view serial_name = "serial";

// Takes the MAC address `text`, with or without the separators that vendors and people write, as
// that of the only phone the file is for. `place` is where it stands, in words: "the <mac>
// element". A phone whose own address is all zeros is none: nothing is compared.
// Errors: malformed (no MAC address), foreign_device; without a position.
Status take_addressee(std::string_view text, std::string_view place, const Identity& identity,
                      Document& document);

// Takes decimal digits, limits::serial_digits at most. Errors: malformed; without a position.
Status take_serial(std::string_view text, Document& document);

}  // namespace dialtone

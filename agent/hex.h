// SPDX-License-Identifier: Apache-2.0
//
// Bytes as hex digits, two a byte: how any bytes go through a line or an environment variable.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dialtone {

// The value of a hex digit of either case, nothing for any other letter.
std::optional<uint8_t> hex_digit(char letter);

// In lower case.
std::string hex_of(std::span<const uint8_t> bytes);
std::string hex_of(std::string_view bytes);

// Digits of either case and nothing else; nothing for an odd number of them.
std::optional<std::vector<uint8_t>> bytes_of_hex(std::string_view digits);

// Each % and two digits as the byte that they name (RFC 3986 2.1); a % that stands alone stays.
std::string percent_decoded(std::string_view text);

}  // namespace dialtone

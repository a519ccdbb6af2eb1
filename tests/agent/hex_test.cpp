// SPDX-License-Identifier: Apache-2.0
#include "agent/hex.h"

#include <doctest/doctest.h>

#include <numeric>

namespace dialtone {
namespace {

TEST_CASE("any bytes become hex digits and come back") {
    std::vector<uint8_t> bytes(256);
    std::iota(bytes.begin(), bytes.end(), uint8_t{0});
    const std::string digits = hex_of(bytes);
    CHECK(digits.substr(0, 8) == "00010203");
    CHECK(digits.ends_with("feff"));
    CHECK(bytes_of_hex(digits) == bytes);
    CHECK(hex_of("A\n") == "410a");
    CHECK(bytes_of_hex("0aFf") == std::vector<uint8_t>{10, 255});
    CHECK(bytes_of_hex("")->empty());
}

TEST_CASE("bad input: what are no whole bytes in hex digits") {
    for (const char* text : {"0", "0g", "g0", "0x10", " 10", "1 0", "-1"})
        CHECK_FALSE(bytes_of_hex(text));
}

}  // namespace
}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/nearest_name.h"

#include <doctest/doctest.h>

#include <array>

namespace dialtone {

TEST_CASE("the nearest name is the one with the fewest changed letters") {
    constexpr std::array<std::string_view, 3> known = {"status", "set", "resync"};
    CHECK(nearest_name("stauts", known) == "status");
    CHECK(nearest_name("rsync", known) == "resync");
    CHECK(did_you_mean("sets", known) == ", did you mean set?");
}

TEST_CASE("a name that is too far from all others has no nearest") {
    constexpr std::array<std::string_view, 2> known = {"status", "set"};
    CHECK(nearest_name("explain", known).empty());
    CHECK(nearest_name(std::string(1000, 's'), known).empty());
    CHECK(did_you_mean("explain", known).empty());
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/config/remarks.h"

#include <doctest/doctest.h>

using namespace dialtone;

TEST_CASE("remarks are kept in order with their lines") {
    Remarks remarks;
    remarks.add(3, "one");
    remarks.add(1, "two");
    const auto warnings = remarks.take();
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].where == Position::at_line(3));
    CHECK(warnings[1].detail == "two");
}

TEST_CASE("remarks over the limit are counted in the last one") {
    Remarks remarks;
    for (uint32_t line = 1; line <= limits::config_warnings + 4; ++line)
        remarks.add(line, "odd");
    const auto warnings = remarks.take();
    REQUIRE(warnings.size() == limits::config_warnings);
    CHECK(warnings.back().detail == "and 5 more remarks on this file");
    CHECK(warnings.back().where == Position{});
}

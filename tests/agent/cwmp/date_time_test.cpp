// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/date_time.h"

#include <doctest/doctest.h>

#include "agent/cwmp/data_model.h"

namespace dialtone {
namespace {

TEST_CASE("a moment is read in each zone, with and without fractions") {
    CHECK(read_date_time("1970-01-01T00:00:00Z") == 0);
    CHECK(read_date_time("2027-01-15T08:00:00Z") == 1'800'000'000);
    CHECK(read_date_time("2027-01-15T08:00:00") == 1'800'000'000);
    CHECK(read_date_time("2027-01-15T08:00:00.123Z") == 1'800'000'000);
    CHECK(read_date_time("2027-01-15T10:00:00+02:00") == 1'800'000'000);
    CHECK(read_date_time("2027-01-14T22:30:00-09:30") == 1'800'000'000);
    CHECK(read_date_time("2028-02-29T00:00:00Z").has_value());
}

TEST_CASE("what is written as a moment is read as the same one") {
    for (WallSeconds moment_s = 0; moment_s < 4'000'000'000; moment_s += 12'345'678)
        CHECK(read_date_time(date_time_text(moment_s)) == moment_s);
}

TEST_CASE("bad input: what is no moment of this time is none") {
    for (const std::string_view text :
         {"", "2027", "2027-01-15", "2027-13-15T08:00:00Z", "2027-02-29T00:00:00Z",
          "2027-00-15T08:00:00Z", "2027-01-15T24:00:00Z", "2027-01-15T08:60:00Z",
          "2027-01-15T08:00:61Z", "2027-01-15 08:00:00Z", "2027-1-15T08:00:00Z",
          "2027-01-15T08:00:00X", "2027-01-15T08:00:00Z ", "2027-01-15T08:00:00+2",
          "2027-01-15T08:00:00+15:00", "0001-01-01T00:00:00Z", "2101-01-01T00:00:00Z",
          "-027-01-15T08:00:00Z"}) {
        CAPTURE(text);
        CHECK(!read_date_time(text));
    }
}

}  // namespace
}  // namespace dialtone

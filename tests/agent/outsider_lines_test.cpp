// SPDX-License-Identifier: Apache-2.0
#include "agent/outsider_lines.h"

#include <doctest/doctest.h>

#include "agent/limits.h"

using namespace dialtone;

namespace {

constexpr Instant at(uint64_t s) {
    return Instant{s * 1000};
}

}  // namespace

TEST_CASE("of the lines that anyone can cause the first ones of an hour are written") {
    OutsiderLines lines;
    uint32_t written = 0;
    for (uint32_t second = 0; second < limits::outsider_lines_s; ++second)
        written += lines.may_write(at(second), JournalKind::notified) ? 1 : 0;
    CHECK(written == limits::outsider_lines);
    CHECK(!lines.take_summary(at(limits::outsider_lines_s - 1)));
    const auto summary = lines.take_summary(at(limits::outsider_lines_s));
    REQUIRE(summary);
    CHECK(summary->kind == JournalKind::repeated);
    CHECK(summary->fields[0].second ==
          std::to_string(limits::outsider_lines_s - limits::outsider_lines));
    CHECK(summary->fields[1].second == "notified");
    CHECK(!lines.take_summary(at(limits::outsider_lines_s)));
    CHECK(lines.may_write(at(limits::outsider_lines_s), JournalKind::notified));
}

TEST_CASE("what the phone does by itself is always written, and kinds are counted apart") {
    OutsiderLines lines;
    for (uint32_t i = 0; i < 1000; ++i)
        CHECK(lines.may_write(at(0), JournalKind::request));
    for (uint32_t i = 0; i < limits::outsider_lines; ++i) {
        CHECK(lines.may_write(at(0), JournalKind::notified));
        CHECK(lines.may_write(at(0), JournalKind::check_waits));
    }
    CHECK(!lines.may_write(at(0), JournalKind::notified));
    CHECK(!lines.may_write(at(0), JournalKind::check_waits));
}

TEST_CASE(
    "bad input: redirects, which a server can make as many of as it likes, are counted, too") {
    OutsiderLines lines;
    uint32_t written = 0;
    for (uint32_t i = 0; i < 1000; ++i)
        written += lines.may_write(at(0), JournalKind::redirect) ? 1 : 0;
    CHECK(written == limits::outsider_lines);
}

TEST_CASE("few lines an hour are all written, for ever") {
    OutsiderLines lines;
    for (uint32_t hour = 0; hour < 100; ++hour) {
        CHECK(lines.may_write(at(uint64_t{hour} * limits::outsider_lines_s),
                              JournalKind::check_begins));
    }
    CHECK(!lines.take_summary(at(400'000)));
}

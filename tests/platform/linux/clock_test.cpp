// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/clock.h"

#include <doctest/doctest.h>
#include <time.h>

#include "tests/platform/linux/event_log.h"

namespace dialtone {
namespace {

TEST_CASE("the monotonic clock counts from power-on") {
    const uint64_t began_ms = monotonic_ms();
    const Clock clock(began_ms, 0);
    CHECK(clock.now().ms < 1000);
    CHECK(Clock(began_ms - 5000, 0).now().ms >= 5000);
}

TEST_CASE("the wall clock is the machine's plus an offset") {
    const Clock clock(0, 1'000'000);
    const WallSeconds ahead_s = clock.wall_s() - ::time(nullptr);
    CHECK(ahead_s >= 1'000'000 - 1);
    CHECK(ahead_s <= 1'000'000 + 1);
}

TEST_CASE("setting the wall clock leaves the machine's alone") {
    auto world = open_world();
    const time_t before = ::time(nullptr);
    world->carry_out(SetWallClock{1'900'000'000});
    CHECK(world->wall_s() - 1'900'000'000 <= 1);
    CHECK(::time(nullptr) - before <= 1);
    CHECK(what_else(*world).empty());
}

TEST_CASE("a wall clock is given in words") {
    CHECK(wall_text(0) == "1970-01-01 00:00:00 UTC");
    CHECK(wall_text(1'900'000'000) == "2030-03-17 17:46:40 UTC");
    CHECK(wall_text(INT64_MAX) == "9223372036854775807 s after 1970");
}

}  // namespace
}  // namespace dialtone

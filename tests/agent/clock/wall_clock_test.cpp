// SPDX-License-Identifier: Apache-2.0
#include "agent/clock/wall_clock.h"

#include <doctest/doctest.h>

#include "agent/limits.h"

using namespace dialtone;

namespace {

constexpr WallSeconds build_s = 1'700'000'000;
constexpr WallSeconds day_s = 86'400;
constexpr WallSeconds year_2090_s = 3'786'912'000;

constexpr Instant at(uint64_t s) {
    return Instant{s * 1000};
}

}  // namespace

TEST_CASE("a hardware clock before the floor, or beyond all belief, is left out") {
    struct Row {
        WallSeconds hardware_s;
        ClockProposal judgement;
    };
    const Row rows[] = {
        {0, ClockProposal::before_floor},
        {build_s - 1, ClockProposal::before_floor},
        {build_s, ClockProposal::taken},
        {build_s + limits::clock_span_s, ClockProposal::taken},
        {build_s + limits::clock_span_s + 1, ClockProposal::after_span},
        {year_2090_s, ClockProposal::after_span},
        {INT64_MAX, ClockProposal::after_span},
        {INT64_MIN, ClockProposal::before_floor},
    };
    for (const Row& row : rows) {
        WallClock clock;
        CAPTURE(row.hardware_s);
        CHECK(clock.begin(at(0), row.hardware_s, build_s, 0) == row.judgement);
        const bool taken = row.judgement == ClockProposal::taken;
        CHECK(clock.believed() == taken);
        CHECK(clock.at(at(0)) == (taken ? row.hardware_s : build_s));
        CHECK(clock.floor_s() == build_s);
    }
}

TEST_CASE("no proposal moves the floor") {
    WallClock clock;
    clock.begin(at(0), build_s + 5 * day_s, build_s, 0);
    CHECK(clock.propose(at(1), build_s + 900 * day_s) == ClockProposal::taken);
    CHECK(clock.floor_s() == build_s);
    CHECK(clock.propose(at(2), build_s + 2 * day_s) == ClockProposal::taken);
    CHECK(clock.at(at(3)) == build_s + 2 * day_s + 1);
    CHECK(!clock.proven());
}

TEST_CASE("a verified certificate's beginning raises the floor, and the clock with it") {
    WallClock clock;
    clock.begin(at(0), 0, build_s, 0);
    CHECK(clock.prove_later(at(1), build_s + 10 * day_s));
    CHECK(clock.floor_s() == build_s + 10 * day_s);
    CHECK(clock.at(at(1)) == build_s + 10 * day_s);
    CHECK(!clock.proven());
    CHECK(!clock.prove_later(at(2), build_s + day_s));
    CHECK(clock.floor_s() == build_s + 10 * day_s);
}

TEST_CASE("a proven date sets the clock, back too, and no proposal counts afterwards") {
    WallClock clock;
    clock.begin(at(0), build_s + 900 * day_s, build_s, 0);
    CHECK(clock.prove(at(1), build_s + 30 * day_s));
    CHECK(clock.at(at(1)) == build_s + 30 * day_s);
    CHECK(clock.floor_s() == build_s + 30 * day_s);
    CHECK(clock.propose(at(2), build_s + 60 * day_s) == ClockProposal::needless);
    CHECK(clock.at(at(2)) == build_s + 30 * day_s + 1);
    CHECK(!clock.prove(at(3), build_s + day_s));
    CHECK(clock.at(at(3)) == build_s + 30 * day_s + 2);
}

TEST_CASE("a clock that is only proposed may be doubted once an hour, a proven one never") {
    WallClock clock;
    clock.begin(at(0), build_s + 900 * day_s, build_s, 0);
    CHECK(clock.may_be_doubted(at(1)));
    clock.doubt(at(1));
    CHECK(!clock.believed());
    CHECK(clock.at(at(1)) == build_s + 900 * day_s + 1);
    CHECK(clock.propose(at(2), build_s + day_s) == ClockProposal::taken);
    CHECK(clock.believed());
    CHECK(!clock.may_be_doubted(at(limits::clock_doubt_s)));
    CHECK(clock.may_be_doubted(at(limits::clock_doubt_s + 1)));
    clock.prove(at(limits::clock_doubt_s + 1), build_s + 2 * day_s);
    CHECK(!clock.may_be_doubted(at(3 * limits::clock_doubt_s)));
}

TEST_CASE("a factory reset takes the floor back to the build") {
    WallClock clock;
    clock.begin(at(0), 0, build_s, build_s + 90 * day_s);
    CHECK(clock.floor_s() == build_s + 90 * day_s);
    clock.forget_floor();
    CHECK(clock.floor_s() == build_s);
}

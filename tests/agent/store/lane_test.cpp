// SPDX-License-Identifier: Apache-2.0
#include "agent/store/lane.h"

#include <doctest/doctest.h>

#include "agent/limits.h"

using namespace dialtone;

namespace {

std::vector<Storage> write_and_sync(std::string name) {
    std::vector<Storage> steps;
    steps.push_back({.step = StorageStep::write, .name = name, .bytes = {1, 2}});
    steps.push_back({.step = StorageStep::sync_file, .name = name});
    return steps;
}

Storage next_step(Lane& lane) {
    auto effect = lane.next();
    REQUIRE(effect);
    return std::get<Storage>(*effect);
}

}  // namespace

TEST_CASE("a step is asked for only when the one before is known to be done") {
    RequestIds ids;
    Lane lane(ids);
    lane.submit(write_and_sync("record.0"));
    const Storage first = next_step(lane);
    CHECK(first.step == StorageStep::write);
    CHECK(!lane.next());
    lane.handle(Instant{}, StorageDone{.id = first.id + 7});
    CHECK(!lane.next());
    lane.handle(Instant{}, StorageDone{.id = first.id});
    const Storage second = next_step(lane);
    CHECK(second.step == StorageStep::sync_file);
    CHECK(!lane.take_outcome());
    lane.handle(Instant{}, StorageDone{.id = second.id});
    const auto outcome = lane.take_outcome();
    REQUIRE(outcome);
    CHECK(outcome->done);
    CHECK(!lane.busy());
}

TEST_CASE("a step that fails ends the change and names itself") {
    RequestIds ids;
    Lane lane(ids);
    lane.submit(write_and_sync("record.0"));
    lane.handle(Instant{}, StorageDone{.id = next_step(lane).id, .failure = "no space left"});
    CHECK(!lane.next());
    const auto outcome = lane.take_outcome();
    REQUIRE(outcome);
    CHECK(!outcome->done);
    CHECK(outcome->step == "writing record.0");
    CHECK(outcome->reason == "no space left");
}

TEST_CASE("transactions wait for one another in the order in which they came") {
    RequestIds ids;
    Lane lane(ids);
    const TransactionId one = lane.submit(write_and_sync("a"));
    const TransactionId other = lane.submit(write_and_sync("b"));
    std::vector<std::string> names;
    std::vector<TransactionId> ended;
    for (uint32_t i = 0; i < 4; ++i) {
        const Storage step = next_step(lane);
        CHECK(!lane.next());
        names.push_back(step.name);
        lane.handle(Instant{}, StorageDone{.id = step.id});
        if (const auto outcome = lane.take_outcome()) ended.push_back(outcome->transaction);
    }
    CHECK(names == std::vector<std::string>{"a", "a", "b", "b"});
    CHECK(ended == std::vector<TransactionId>{one, other});
    CHECK(!lane.busy());
}

TEST_CASE("a transaction that fails does not hold up the one behind it") {
    RequestIds ids;
    Lane lane(ids);
    lane.submit(write_and_sync("a"));
    const TransactionId other = lane.submit(write_and_sync("b"));
    lane.handle(Instant{}, StorageDone{.id = next_step(lane).id, .failure = "no space left"});
    CHECK(!lane.take_outcome()->done);
    lane.handle(Instant{}, StorageDone{.id = next_step(lane).id});
    lane.handle(Instant{}, StorageDone{.id = next_step(lane).id});
    const auto outcome = lane.take_outcome();
    REQUIRE(outcome);
    CHECK(outcome->done);
    CHECK(outcome->transaction == other);
}

TEST_CASE("no more transactions wait for the disk than the limit says") {
    RequestIds ids;
    Lane lane(ids);
    for (uint32_t i = 0; i < limits::lane_transactions; ++i)
        CHECK(lane.submit(write_and_sync("a")) != 0);
    CHECK(lane.submit(write_and_sync("a")) == 0);
}

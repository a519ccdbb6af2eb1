// SPDX-License-Identifier: Apache-2.0
#include "agent/store/commit.h"

#include <doctest/doctest.h>

#include "agent/limits.h"

using namespace dialtone;

namespace {

std::vector<std::string> names_of(const std::vector<Storage>& steps) {
    constexpr std::string_view words[] = {"read",           "write",  "sync",
                                          "sync directory", "rename", "remove"};
    std::vector<std::string> out;
    for (const Storage& step : steps)
        out.push_back(std::string(words[static_cast<uint32_t>(step.step)]) + " " + step.name);
    return out;
}

Storage next_step(Commit& commit) {
    auto effect = commit.next();
    REQUIRE(effect);
    return std::get<Storage>(*effect);
}

}  // namespace

TEST_CASE("a generation is on the medium, name and all, before the record speaks of it") {
    Generation generation;
    generation.number = 4;
    CHECK(names_of(generation_steps(generation)) ==
          std::vector<std::string>{"write generation.1", "sync generation.1", "sync directory "});
    CHECK(names_of(record_steps(Record(), 1, true)) ==
          std::vector<std::string>{"write record.1", "sync record.1"});
    CHECK(names_of(record_steps(Record(), 0, false)) ==
          std::vector<std::string>{"write record.0", "sync record.0", "sync directory "});
}

TEST_CASE("a step is asked for only when the one before is known to be done") {
    RequestIds ids;
    Commit commit(ids);
    commit.start(record_steps(Record(), 0, true));
    const Storage first = next_step(commit);
    CHECK(first.step == StorageStep::write);
    CHECK(!commit.next());
    commit.handle(Instant{}, StorageDone{.id = first.id + 7});
    CHECK(!commit.next());
    commit.handle(Instant{}, StorageDone{.id = first.id});
    const Storage second = next_step(commit);
    CHECK(second.step == StorageStep::sync_file);
    CHECK(!commit.take_outcome());
    commit.handle(Instant{}, StorageDone{.id = second.id});
    const auto outcome = commit.take_outcome();
    REQUIRE(outcome);
    CHECK(outcome->done);
    CHECK(!commit.busy());
}

TEST_CASE("a step that fails ends the change and names itself") {
    RequestIds ids;
    Commit commit(ids);
    commit.start(record_steps(Record(), 0, true));
    commit.handle(Instant{}, StorageDone{.id = next_step(commit).id, .failure = "no space left"});
    CHECK(!commit.next());
    const auto outcome = commit.take_outcome();
    REQUIRE(outcome);
    CHECK(!outcome->done);
    CHECK(outcome->step == "writing record.0");
    CHECK(outcome->reason == "no space left");
}

TEST_CASE("the next generation never lies in a slot that is in use") {
    for (uint32_t active = 0; active < 12; ++active) {
        for (uint32_t other = 0; other < 12; ++other) {
            Record record;
            record.active = active;
            record.other = other;
            const uint32_t next = next_generation_number(record);
            CHECK(next > active);
            CHECK(next > other);
            if (active != 0) CHECK(generation_name(next) != generation_name(active));
            if (other != 0) CHECK(generation_name(next) != generation_name(other));
        }
    }
}

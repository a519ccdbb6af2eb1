// SPDX-License-Identifier: Apache-2.0
#include "agent/store/durable_steps.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace dialtone;

namespace {

std::vector<std::string> names_of(const std::vector<Storage>& steps) {
    constexpr std::string_view words[] = {"read",           "write",  "append", "sync",
                                          "sync directory", "rename", "remove", "room"};
    std::vector<std::string> out;
    out.reserve(steps.size());
    for (const Storage& step : steps)
        out.push_back(std::string(words[static_cast<uint32_t>(step.step)]) + " " + step.name);
    return out;
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

// SPDX-License-Identifier: Apache-2.0
//
// The Linux world against the storage list when it has no directory: the same steps in memory.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "platform/linux/memory_files.h"
#include "platform/linux/world.h"
#include "tests/conformance/storage_behaviours.h"

namespace dialtone::conformance {
namespace {

void conforms() {
    const auto* test = doctest::getContextOptions()->currentTest;
    const StorageBehaviour* behaviour = storage_behaviour_called(test->m_name);
    REQUIRE(behaviour != nullptr);
    auto world = LinuxWorld::open({.in_memory = true});
    REQUIRE(world);
    CHECK(observe(**world, *behaviour) == std::string(behaviour->expected));
}

// What TEST_CASE does, for names that stand in a table.
const int registered = [] {
    unsigned line = __LINE__;
    for (const StorageBehaviour& behaviour : storage_behaviours()) {
        doctest::detail::TestCase test(&conforms, __FILE__, ++line,
                                       doctest_detail_test_suite_ns::getCurrentTestSuite());
        doctest::detail::regTest(test * behaviour.name.data());
    }
    return 0;
}();

}  // namespace

TEST_CASE("memory has a place for each file that there may be, and for no other") {
    MemoryFiles files;
    const auto write = [&](std::string name) {
        return files.carry_out({.step = StorageStep::write, .name = std::move(name), .bytes = {1}})
            .failure;
    };
    for (const DurableFile& file : durable_files)
        CHECK(write(std::string(file.name)) == "");
    CHECK(write("more") == "more: No space left on device");
    CHECK(write("record.0") == "");
}

TEST_CASE("memory that is full takes no more, and says so") {
    MemoryFiles files;
    const auto step = [&](StorageStep step, std::string name, uint32_t bytes, uint32_t offset = 0) {
        return files.carry_out({.step = step,
                                .name = std::move(name),
                                .bytes = std::vector<uint8_t>(bytes),
                                .offset = offset});
    };
    CHECK(step(StorageStep::write, "a", memory_storage_bytes - 4).failure.empty());
    CHECK(step(StorageStep::room, "", 0).room_bytes == 4);
    CHECK(step(StorageStep::append, "a", 5, memory_storage_bytes - 4).failure ==
          "a: No space left on device");
    CHECK(step(StorageStep::append, "b", 5).failure == "b: No space left on device");
    CHECK(step(StorageStep::read, "b", 0).not_found);
    CHECK(step(StorageStep::write, "a", memory_storage_bytes).failure.empty());
    CHECK(step(StorageStep::room, "", 0).room_bytes == 0);
    CHECK(step(StorageStep::write, "b", 1).failure == "b: No space left on device");
    CHECK(step(StorageStep::remove, "a", 0).failure.empty());
    CHECK(step(StorageStep::write, "b", memory_storage_bytes).failure.empty());
}

}  // namespace dialtone::conformance

// SPDX-License-Identifier: Apache-2.0
//
// The simulated disk against the storage list: the same steps, the same answers.
#include <doctest/doctest.h>

#include "sim/world/world.h"
#include "tests/conformance/storage_behaviours.h"

namespace dialtone::conformance {
namespace {

void conforms() {
    const auto* test = doctest::getContextOptions()->currentTest;
    const StorageBehaviour* behaviour = storage_behaviour_called(test->m_name);
    REQUIRE(behaviour != nullptr);
    sim::Site site;
    sim::World world(site);
    CHECK(observe(world, *behaviour) == std::string(behaviour->expected));
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

TEST_CASE("a simulated disk that is full takes no more, and says so") {
    sim::Site site;
    site.disk.set_capacity(8);
    const auto step = [&](StorageStep step, std::string name, std::vector<uint8_t> bytes,
                          uint32_t offset = 0) {
        return site.disk.carry_out(
            {.step = step, .name = std::move(name), .bytes = std::move(bytes), .offset = offset});
    };
    CHECK(step(StorageStep::write, "a", {1, 2, 3, 4, 5}).failure.empty());
    CHECK(step(StorageStep::room, "", {}).room_bytes == 3);
    CHECK(step(StorageStep::append, "a", {6, 7, 8, 9}, 5).failure == "No space left on device");
    CHECK(step(StorageStep::write, "a", {1, 2, 3, 4, 5, 6, 7, 8}).failure.empty());
    CHECK(step(StorageStep::write, "b", {1}).failure == "No space left on device");
    CHECK(step(StorageStep::room, "", {}).room_bytes == 0);
    CHECK(site.disk.used_bytes() == 8);
}

}  // namespace dialtone::conformance

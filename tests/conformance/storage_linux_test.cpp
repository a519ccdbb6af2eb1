// SPDX-License-Identifier: Apache-2.0
//
// The Linux world against the storage list, in a directory of a real file system.
#include <doctest/doctest.h>
#include <fcntl.h>

#include "platform/common/descriptor.h"
#include "platform/linux/world.h"
#include "tests/conformance/storage_behaviours.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone::conformance {
namespace {

void conforms() {
    const auto* test = doctest::getContextOptions()->currentTest;
    const StorageBehaviour* behaviour = storage_behaviour_called(test->m_name);
    REQUIRE(behaviour != nullptr);
    const ScratchDirectory scratch;
    const Descriptor directory(::open(scratch.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    auto world = LinuxWorld::open({.state_directory = directory.get()});
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

TEST_CASE("no two behaviours of the storage list have one name") {
    for (const StorageBehaviour& behaviour : storage_behaviours())
        CHECK(storage_behaviour_called(behaviour.name) == &behaviour);
}

}  // namespace dialtone::conformance

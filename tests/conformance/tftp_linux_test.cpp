// SPDX-License-Identifier: Apache-2.0
//
// The Linux world against the TFTP list, over real sockets. Each behaviour is a test case of its
// own, named by the list.
#include <doctest/doctest.h>

#include <memory>

#include "platform/linux/world.h"
#include "tests/conformance/tftp_driver.h"
#include "tests/conformance/tftp_service.h"

namespace dialtone::conformance {
namespace {

class LinuxTftpFixture final : public TftpFixture {
  public:
    explicit LinuxTftpFixture(const TftpBehaviour& behaviour) {
        REQUIRE(service_.open(behaviour));
        auto world = LinuxWorld::open({});
        REQUIRE(world);
        world_ = std::move(*world);
    }

    World& world() override { return *world_; }
    std::string server() const override { return "127.0.0.1:" + std::to_string(service_.port()); }
    uint32_t requests() const override { return service_.requests(); }
    std::string errors() const override { return service_.errors(); }

  private:
    TftpService service_ = {};
    std::unique_ptr<LinuxWorld> world_ = {};
};

void conforms() {
    const auto* test = doctest::getContextOptions()->currentTest;
    const TftpBehaviour* behaviour = tftp_behaviour_called(test->m_name);
    REQUIRE(behaviour != nullptr);
    LinuxTftpFixture fixture(*behaviour);
    check_tftp(fixture, *behaviour);
}

// What TEST_CASE does, for names that stand in a table.
const int registered = [] {
    unsigned line = __LINE__;
    for (const TftpBehaviour& behaviour : tftp_behaviours()) {
        doctest::detail::TestCase test(&conforms, __FILE__, ++line,
                                       doctest_detail_test_suite_ns::getCurrentTestSuite());
        doctest::detail::regTest(test * behaviour.name.data());
    }
    return 0;
}();

TEST_CASE("no two behaviours of the TFTP list have one name") {
    for (const TftpBehaviour& behaviour : tftp_behaviours())
        CHECK(tftp_behaviour_called(behaviour.name) == &behaviour);
}

}  // namespace
}  // namespace dialtone::conformance

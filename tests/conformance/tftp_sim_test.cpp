// SPDX-License-Identifier: Apache-2.0
//
// The simulated world against the TFTP list: the same behaviours, the same outcomes.
#include <doctest/doctest.h>

#include "sim/world/world.h"
#include "tests/conformance/tftp_driver.h"

namespace dialtone::conformance {
namespace {

class SimTftpFixture final : public TftpFixture {
  public:
    explicit SimTftpFixture(const TftpBehaviour& behaviour) {
        site_.names["pbx.test"] = {{{10, 0, 0, 1}, 4}};
        site_.tftp.set_behaviour(behaviour.server);
        site_.tftp.set_down(behaviour.is_down);
        if (behaviour.error >= 0) {
            site_.tftp.put_error(tftp_file, static_cast<uint16_t>(behaviour.error), "no");
        } else {
            site_.tftp.put(tftp_file, tftp_body(behaviour.body_bytes));
        }
    }

    World& world() override { return world_; }
    std::string server() const override { return "pbx.test"; }
    uint32_t requests() const override {
        return static_cast<uint32_t>(site_.tftp.requests().size());
    }
    std::string errors() const override {
        std::string text;
        for (const uint16_t code : site_.tftp.errors())
            text += (text.empty() ? "" : " ") + std::to_string(code);
        return text;
    }

  private:
    sim::Site site_ = {};
    sim::World world_{site_};
};

void conforms() {
    const auto* test = doctest::getContextOptions()->currentTest;
    const TftpBehaviour* listed = tftp_behaviour_called(test->m_name);
    REQUIRE(listed != nullptr);
    // Its time costs nothing, so nobody has to speed_up.
    TftpBehaviour behaviour = *listed;
    behaviour.speed_up = 1;
    SimTftpFixture fixture(behaviour);
    check_tftp(fixture, behaviour);
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

}  // namespace
}  // namespace dialtone::conformance

// SPDX-License-Identifier: Apache-2.0
//
// The simulator against the list of clients: the same behaviours as on real sockets, the same
// sequences.
#include <doctest/doctest.h>

#include <string>

#include "sim/world/world.h"
#include "tests/conformance/inbound_driver.h"

namespace dialtone::conformance {
namespace {

class SimFixture final : public InboundFixture {
  public:
    SimFixture() { world_.set_http_patience(short_patience_ms, short_patience_ms); }

    World& world() override { return world_; }
    uint16_t port() const override { return 7547; }

    void connect(bool is_idle) override {
        const uint32_t number = world_.connect_http(port(), {{10, 0, 0, 9}, 4}, 40'000);
        REQUIRE(number != 0);
        if (!is_idle) client_ = number;
    }
    void send(const sim::ClientRequest& request) override { world_.send_http(client_, request); }
    std::optional<sim::ClientNews> next() override {
        auto news = world_.heard_http(client_);
        // Who has left hears nothing.
        return has_left_ ? std::nullopt : std::move(news);
    }
    void note_leaving() { has_left_ = true; }

  private:
    sim::Site site_ = {};
    sim::World world_{site_};
    uint32_t client_ = 0;
    bool has_left_ = false;
};

bool leaves(const InboundBehaviour& behaviour) {
    const sim::ClientFault fault = behaviour.requests.back().fault;
    return fault == sim::ClientFault::leaves_in_head || fault == sim::ClientFault::leaves_in_body;
}

void conforms() {
    const auto* test = doctest::getContextOptions()->currentTest;
    const InboundBehaviour* behaviour = inbound_behaviour_called(test->m_name);
    REQUIRE(behaviour != nullptr);
    SimFixture fixture;
    if (leaves(*behaviour)) fixture.note_leaving();
    CHECK(observe(fixture, *behaviour) == std::string(behaviour->expected));
}

// What TEST_CASE does, for names that stand in a table.
const int registered = [] {
    unsigned line = __LINE__;
    for (const InboundBehaviour& behaviour : inbound_behaviours()) {
        ++line;
        if (!behaviour.real_only.empty()) continue;
        doctest::detail::TestCase test(&conforms, __FILE__, line,
                                       doctest_detail_test_suite_ns::getCurrentTestSuite());
        doctest::detail::regTest(test * behaviour.name.data());
    }
    return 0;
}();

TEST_CASE("a simulated port that is taken is told, and one that is closed is not reached") {
    sim::Site site;
    site.taken_ports.insert(7547);
    sim::World world(site);
    struct Sink : EventSink {
        std::string reason = {};
        void take(Instant, const Event& event) override {
            if (const auto* failed = std::get_if<SocketFailed>(&event)) reason = failed->reason;
        }
    } sink;
    world.carry_out(OpenHttp{.listener = 1, .port = 7547});
    for (uint32_t i = 0; i < 3; ++i)
        world.wait(world.now() + 5, sink);
    CHECK(sink.reason == "port 7547 is taken");
    CHECK(world.connect_http(7547, {{10, 0, 0, 9}, 4}, 40'000) == 0);
}

}  // namespace
}  // namespace dialtone::conformance

// SPDX-License-Identifier: Apache-2.0
//
// The Linux world against the list of clients. Each behaviour is a test case of its own, named by
// the list.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <list>
#include <memory>
#include <optional>

#include "platform/common/descriptor.h"
#include "platform/linux/world.h"
#include "tests/conformance/http_client.h"
#include "tests/conformance/inbound_driver.h"

namespace dialtone::conformance {
namespace {

// A port that was free a moment ago.
uint16_t free_port() {
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(socket.get(), generic, length) == 0);
    REQUIRE(::getsockname(socket.get(), generic, &length) == 0);
    return ntohs(address.sin_port);
}

class LinuxFixture final : public InboundFixture {
  public:
    LinuxFixture() {
        auto world = LinuxWorld::open(
            {.http = &make_http_server,
             .http_patience = {.request_ms = short_patience_ms, .reply_ms = short_patience_ms}});
        REQUIRE(world);
        world_ = std::move(*world);
    }

    World& world() override { return *world_; }
    uint16_t port() const override { return port_; }

    void connect(bool is_idle) override {
        if (is_idle) {
            idle_.emplace_back(port_);
        } else {
            client_.emplace(port_);
        }
    }
    void send(const sim::ClientRequest& request) override { client_->send(request); }
    std::optional<sim::ClientNews> next() override {
        return client_ ? client_->next() : std::nullopt;
    }

  private:
    uint16_t port_ = free_port();
    std::unique_ptr<LinuxWorld> world_ = {};
    std::list<HttpClient> idle_ = {};
    std::optional<HttpClient> client_ = {};
};

void conforms() {
    const auto* test = doctest::getContextOptions()->currentTest;
    const InboundBehaviour* behaviour = inbound_behaviour_called(test->m_name);
    REQUIRE(behaviour != nullptr);
    LinuxFixture fixture;
    CHECK(observe(fixture, *behaviour) == std::string(behaviour->expected));
}

// What TEST_CASE does, for names that stand in a table.
const int registered = [] {
    unsigned line = __LINE__;
    for (const InboundBehaviour& behaviour : inbound_behaviours()) {
        doctest::detail::TestCase test(&conforms, __FILE__, ++line,
                                       doctest_detail_test_suite_ns::getCurrentTestSuite());
        doctest::detail::regTest(test * behaviour.name.data());
    }
    return 0;
}();

TEST_CASE("a program that does not listen says so") {
    auto world = LinuxWorld::open({});
    REQUIRE(world);
    struct Sink : EventSink {
        std::string reason = {};
        void take(Instant, const Event& event) override {
            if (const auto* failed = std::get_if<SocketFailed>(&event)) reason = failed->reason;
        }
    } sink;
    (*world)->carry_out(OpenHttp{.listener = 1, .port = 7547});
    (*world)->carry_out(HttpReply{.request = 1});
    (*world)->carry_out(CloseHttp{.listener = 1});
    (*world)->wait((*world)->now() + 1'000, sink);
    CHECK(sink.reason == "this program does not listen for HTTP");
}

TEST_CASE("a port that is taken is told") {
    LinuxFixture one;
    LinuxFixture other;
    struct Sink : EventSink {
        std::string reason = {};
        void take(Instant, const Event& event) override {
            if (const auto* failed = std::get_if<SocketFailed>(&event)) reason = failed->reason;
        }
    } sink;
    one.world().carry_out(OpenHttp{.listener = 1, .port = one.port()});
    other.world().carry_out(OpenHttp{.listener = 1, .port = one.port()});
    other.world().wait(other.world().now() + 1'000, sink);
    CHECK(sink.reason == "port " + std::to_string(one.port()) + " is taken");
}

}  // namespace
}  // namespace dialtone::conformance

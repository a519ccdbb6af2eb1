// SPDX-License-Identifier: Apache-2.0
//
// The Linux world against the conformance suite. Each behaviour of the list is a test case of its
// own, named by the list.
#include <doctest/doctest.h>

#include <fcntl.h>

#include <ctime>
#include <memory>
#include <string>

#include "platform/common/descriptor.h"
#include "platform/linux/world.h"
#include "tests/conformance/behaviours.h"
#include "tests/conformance/certificates.h"
#include "tests/conformance/misbehaving_server.h"
#include "tests/conformance/name_server.h"
#include "tests/conformance/request_text.h"
#include "tests/conformance/transfer_driver.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone::conformance {
namespace {

std::string file_of(std::string_view name) {
    return DIALTONE_TEST_DATA "/tls/" + std::string(name);
}

// A LinuxWorld and a server on the loopback.
class LinuxFixture final : public WorldFixture {
  public:
    explicit LinuxFixture(const Behaviour& behaviour) : behaviour_(behaviour) {
        REQUIRE(server_.open(behaviour));
        REQUIRE(names_.open(!behaviour.name_server_answers));
        LinuxWorld::Options options;
        options.wall_offset_s = behaviour.wall_s - ::time(nullptr);
        options.places.dns_servers = names_.address();
        if (behaviour.sends_stored) options.state_directory = open_state();
        auto world = LinuxWorld::open(options);
        REQUIRE(world);
        world_ = std::move(*world);
    }

    World& world() override { return *world_; }

    std::string url() const override { return url_of(behaviour_, server_.port()); }

    void fill_tls(TlsPolicy& tls) const override {
        tls.ca_file = file_of(behaviour_.knows_authority ? authority_file : self_signed_file);
        if (!behaviour_.shows_certificate) return;
        tls.certificate_file = file_of("phone.pem");
        tls.key_file = file_of("phone.key");
    }

    void go_on() override { server_.go_on(); }

    bool server_is_idle(uint32_t transfers) const override {
        const ServerLog& log = server_.log();
        return log.waits || log.is_blocked || log.answers >= transfers;
    }

    uint32_t connections() const override { return server_.log().connections; }
    uint32_t requests_seen() const override { return server_.log().requests; }

    // Whoever asks for a file by HTTP wants it as it is.
    bool asks_for_identity() const {
        const std::string head = server_.last_request();
        return head.find(" HTTP/1.1\r\n") == std::string::npos ||
               field_of(head, "Accept-Encoding") == "identity";
    }

    std::string last_request() const override {
        const std::string head = server_.last_request();
        return seen_words(method_of(head), server_.log().last_body_bytes, field_of(head, "Range"),
                          field_of(head, "If-Range"));
    }

  private:
    int open_state() {
        if (behaviour_.sends_bytes != 0)
            scratch_.write(std::string(stored_name), std::string(behaviour_.sends_bytes, 'y'));
        state_.reset(::open(scratch_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        return state_.get();
    }

    const Behaviour& behaviour_;
    ScratchDirectory scratch_ = {};
    Descriptor state_ = {};
    MisbehavingServer server_ = {};
    NameServer names_ = {};
    std::unique_ptr<LinuxWorld> world_ = {};
};

void conforms() {
    const auto* test = doctest::getContextOptions()->currentTest;
    const Behaviour* behaviour = behaviour_called(test->m_name);
    REQUIRE(behaviour != nullptr);
    LinuxFixture fixture(*behaviour);
    const Observation seen = observe(fixture, *behaviour);
    CAPTURE(seen.reason);
    CHECK(seen.sequence == std::string(behaviour->expected));
    CHECK(seen.reason.find(behaviour->says) != std::string::npos);
    CHECK(seen.reason.find("secret") == std::string::npos);
    CHECK(seen.reason.find(password) == std::string::npos);
    CHECK(fixture.asks_for_identity());
    if (behaviour->connections != 0) {
        CHECK(fixture.connections() == behaviour->connections);
    }
    if (behaviour->requests_seen != 0) {
        CHECK(fixture.requests_seen() == behaviour->requests_seen);
    }
    if (!behaviour->seen.empty()) CHECK(fixture.last_request() == std::string(behaviour->seen));
}

// What TEST_CASE does, for names that stand in a table.
const int registered = [] {
    unsigned line = __LINE__;
    for (const Behaviour* behaviour : all_behaviours()) {
        doctest::detail::TestCase test(&conforms, __FILE__, ++line,
                                       doctest_detail_test_suite_ns::getCurrentTestSuite());
        doctest::detail::regTest(test * behaviour->name.data());
    }
    return 0;
}();

TEST_CASE("no two behaviours of the list have one name") {
    for (const Behaviour* behaviour : all_behaviours())
        CHECK(behaviour_called(behaviour->name) == behaviour);
}

}  // namespace
}  // namespace dialtone::conformance

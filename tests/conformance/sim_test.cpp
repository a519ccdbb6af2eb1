// SPDX-License-Identifier: Apache-2.0
//
// The simulator against the conformance suite: the same behaviours as on real sockets, the
// same sequences of events, connections and requests. Behaviours that it cannot play say why, in
// the list.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "sim/world/world.h"
#include "tests/conformance/behaviours.h"
#include "tests/conformance/certificates.h"
#include "tests/conformance/transfer_driver.h"

namespace dialtone::conformance {
namespace {

class SimFixture final : public WorldFixture {
  public:
    explicit SimFixture(const Behaviour& behaviour) : behaviour_(behaviour) {
        const std::string file = url();
        site_.hardware_wall_s = behaviour.wall_s;
        site_.web.put(file, answer_of(behaviour));
        if (behaviour.sends_stored && behaviour.sends_bytes != 0) {
            site_.disk.carry_out({.step = StorageStep::write,
                                  .name = std::string(stored_name),
                                  .bytes = std::vector<uint8_t>(behaviour.sends_bytes, 'y')});
        }
        site_.web.put_server(file.substr(0, file.find("/cfg")), behaviour.server);
        const bool is_known = behaviour.host != unknown_name;
        if (!is_known || !behaviour.name_server_answers)
            site_.web.fail_name(std::string(behaviour.host), is_known);
    }

    World& world() override { return world_; }
    std::string url() const override { return url_of(behaviour_, 8080); }

    void fill_tls(TlsPolicy& tls) const override {
        tls.ca_file = behaviour_.knows_authority ? authority_file : self_signed_file;
        if (!behaviour_.shows_certificate) return;
        tls.certificate_file = "phone.pem";
        tls.key_file = "phone.key";
    }

    void go_on() override { world_.resume_stalled_transfers(); }
    bool server_is_idle(uint32_t) const override { return world_.is_idle(); }
    uint32_t connections() const override { return site_.web.connections(); }
    uint32_t requests_seen() const override { return site_.web.requests_seen(); }

    std::string last_request() const override {
        const StartTransfer& last = site_.web.requests().back();
        std::string range = last.range ? "bytes=" + std::to_string(last.range->first) + "-" : "";
        if (last.range && last.range->last) range += std::to_string(*last.range->last);
        return seen_words(method_name(last.method), last.body.bytes.size(), range,
                          last.range ? last.range->if_range : "");
    }

  private:
    const Behaviour& behaviour_;
    sim::Site site_ = {};
    sim::World world_{site_};
};

void conforms() {
    const auto* test = doctest::getContextOptions()->currentTest;
    const Behaviour* behaviour = behaviour_called(test->m_name);
    REQUIRE(behaviour != nullptr);
    SimFixture fixture(*behaviour);
    const Observation seen = observe(fixture, *behaviour);
    CAPTURE(seen.reason);
    CHECK(seen.sequence == std::string(behaviour->expected));
    CHECK(seen.reason.find("secret") == std::string::npos);
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
        ++line;
        if (!behaviour->real_only.empty()) continue;
        doctest::detail::TestCase test(&conforms, __FILE__, line,
                                       doctest_detail_test_suite_ns::getCurrentTestSuite());
        doctest::detail::regTest(test * behaviour->name.data());
    }
    return 0;
}();

}  // namespace

TEST_CASE("what the list demands of real sockets alone is little, and has a reason") {
    uint32_t both = 0;
    uint32_t alone = 0;
    for (const Behaviour* behaviour : all_behaviours())
        ++(behaviour->real_only.empty() ? both : alone);
    CHECK(both >= 250);
    CHECK(alone <= 6);
}

}  // namespace dialtone::conformance

// SPDX-License-Identifier: Apache-2.0
//
// The pretended world against the conformance suite: the same behaviours as on real sockets, the
// same sequences of events, connections and requests. Behaviours that it cannot play say why, in
// the list.
#include <doctest/doctest.h>

#include <string>

#include "sim/world/world.h"
#include "tests/conformance/behaviours.h"
#include "tests/conformance/conductor.h"

namespace dialtone::conformance {
namespace {

constexpr char authority[] = "authority.pem";
constexpr char stranger[] = "alone.pem";
constexpr WallSeconds certified_from_s = 1'577'836'800;   // 2020
constexpr WallSeconds certified_until_s = 4'733'510'400;  // 2120

// --- a behaviour in the simulator's terms --------------------------------------------------------

sim::HeadFault head_fault_of(Manner manner) {
    switch (manner) {
        case Manner::proper:
        case Manner::waits:
            return sim::HeadFault::none;
        case Manner::hangs_up:
            return sim::HeadFault::hangs_up;
        case Manner::cut:
            return sim::HeadFault::cut;
        case Manner::field_without_colon:
            return sim::HeadFault::field_without_colon;
        case Manner::bad_length:
            return sim::HeadFault::bad_length;
        case Manner::two_lengths:
            return sim::HeadFault::two_lengths;
        case Manner::http_0_9:
            return sim::HeadFault::no_head;
        case Manner::not_http:
            return sim::HeadFault::other_protocol;
        case Manner::endless_fields:
            return sim::HeadFault::endless_fields;
        case Manner::endless_line:
            return sim::HeadFault::endless_line;
    }
    return sim::HeadFault::none;
}

sim::Framing framing_of(Framing framing) {
    switch (framing) {
        case Framing::length:
            return sim::Framing::length;
        case Framing::chunked:
            return sim::Framing::chunked;
        case Framing::until_close:
            return sim::Framing::until_close;
        case Framing::nothing:
            return sim::Framing::nothing;
    }
    return sim::Framing::length;
}

void put_end(After after, sim::Answer& answer) {
    switch (after) {
        case After::ends:
            return;
        case After::closes:
            answer.end = sim::BodyEnd::closes;
            return;
        case After::drops:
            answer.end = sim::BodyEnd::drops;
            return;
        case After::resets:
            answer.stalls_after = static_cast<int64_t>(answer.body.size());
            answer.end = sim::BodyEnd::resets;
            return;
        case After::waits:
            answer.stalls_after = static_cast<int64_t>(answer.body.size());
            answer.end = sim::BodyEnd::closes;
            return;
        case After::endless:
            answer.endless = true;
            return;
        case After::breaks:
            answer.end = sim::BodyEnd::breaks;
            return;
    }
}

void put_demand(Demand demand, sim::Answer& answer) {
    if (demand == Demand::nothing) return;
    answer.user = user;
    answer.password = password;
    answer.challenge_page = std::string(12, 'x');
    switch (demand) {
        case Demand::digest:
            answer.challenge = sim::Challenge::digest;
            return;
        case Demand::digest_stale:
            answer.challenge = sim::Challenge::digest_stale;
            return;
        case Demand::digest_forgetful:
            answer.challenge = sim::Challenge::digest_forgetful;
            return;
        case Demand::unknown_scheme:
            answer.challenge = sim::Challenge::unknown_scheme;
            return;
        default:
            return;
    }
}

void put_field(std::string_view name, std::string_view value, sim::Answer& answer) {
    if (name == "Location") answer.location = value;
    if (name == "Retry-After") answer.retry_after = value;
    if (name == "ETag") answer.etag = value;
    if (name == "Content-Type") answer.content_type = value;
    if (name == "Connection") answer.says_close = value == "close";
    if (name == "Content-Length") answer.claimed_bytes = std::stol(std::string(value));
}

void put_fields(std::string_view fields, sim::Answer& answer) {
    while (!fields.empty()) {
        const std::string_view field = fields.substr(0, fields.find('\n'));
        fields.remove_prefix(field.size() + 1);
        const auto colon = field.find(": ");
        put_field(field.substr(0, colon), field.substr(colon + 2), answer);
    }
}

sim::FtpReplies replies_of(const FtpReplies& replies) {
    return {.greeting = replies.greeting,
            .protection = replies.protection,
            .extended = replies.extended,
            .passive = replies.passive,
            .size = replies.size,
            .announcement = replies.announcement,
            .last = replies.last,
            .names_length = replies.names_length,
            .plain_data = replies.plain_data,
            .mute_data = replies.mute_data};
}

sim::Answer answer_of(const Behaviour& behaviour) {
    sim::Answer answer;
    answer.status = behaviour.status;
    answer.body.assign(behaviour.body_bytes, 'x');
    answer.claimed_bytes = behaviour.claimed_bytes;
    answer.framing = framing_of(behaviour.framing);
    answer.head_fault = head_fault_of(behaviour.manner);
    answer.stalls_before_head = behaviour.manner == Manner::waits;
    answer.ftp = replies_of(behaviour.ftp);
    if (behaviour.drips) answer.piece_bytes = 1;
    put_fields(behaviour.fields, answer);
    put_demand(behaviour.demand, answer);
    put_end(behaviour.after, answer);
    return answer;
}

sim::WebServer server_of(const Behaviour& behaviour) {
    using ServerDoor = sim::WebServer::Door;
    sim::WebServer server;
    if (behaviour.door == Door::refused) server.door = ServerDoor::refused;
    if (behaviour.door == Door::mute) server.door = ServerDoor::mute;
    if (behaviour.door == Door::mute_after_connect) server.door = ServerDoor::mute_after_connect;
    server.wants_certificate = behaviour.wants_certificate;
    server.speaks_plainly = behaviour.certificate == Certificate::missing;
    if (behaviour.certificate == Certificate::none || server.speaks_plainly) return server;
    const bool other = behaviour.certificate == Certificate::other;
    const bool alone = behaviour.certificate == Certificate::alone;
    server.certificate = sim::Certificate{
        .names = other ? std::vector<std::string>{"other.test"}
                       : std::vector<std::string>{"server.test", "127.0.0.1"},
        .authority = alone ? "nobody's" : authority,
        .from_s = certified_from_s,
        .until_s = certified_until_s,
    };
    return server;
}

// --- the laboratory ------------------------------------------------------------------------------

class SimLaboratory final : public Laboratory {
  public:
    explicit SimLaboratory(const Behaviour& behaviour) : behaviour_(behaviour) {
        const std::string file = url();
        const std::string origin = file.substr(0, file.find("/cfg"));
        site_.hardware_wall_s = behaviour.wall_s;
        site_.web.put(file, answer_of(behaviour));
        site_.web.put_server(origin, server_of(behaviour));
        if (behaviour.door == Door::unknown_name) site_.web.lose_name("unknown.test", false);
        if (behaviour.door == Door::mute_name_server) site_.web.lose_name("server.test", true);
    }

    World& world() override { return world_; }

    std::string url() const override {
        const bool is_tls = behaviour_.certificate != Certificate::none;
        std::string_view host = "127.0.0.1";
        if (behaviour_.door == Door::by_name) host = "server.test";
        if (behaviour_.door == Door::mute_name_server) host = "server.test";
        if (behaviour_.door == Door::unknown_name) host = "unknown.test";
        const bool is_ftp = behaviour_.protocol == Protocol::ftp;
        return std::string(is_ftp ? "ftp" : "http") + (is_tls ? "s" : "") + "://" +
               std::string(host) + ":8080/cfg000b82123456.xml" + (is_ftp ? "" : "?token=secret");
    }

    void fill_tls(TlsPolicy& tls) const override {
        tls.ca_file = behaviour_.knows_authority ? authority : stranger;
        if (!behaviour_.shows_certificate) return;
        tls.certificate_file = "phone.pem";
        tls.key_file = "phone.key";
    }

    void go_on() override { world_.end_silences(); }
    bool server_rests(uint32_t) const override { return world_.rests(); }
    uint32_t connections() const override { return site_.web.connections(); }
    uint32_t requests_seen() const override { return site_.web.requests_seen(); }

  private:
    const Behaviour& behaviour_;
    sim::Site site_ = {};
    sim::World world_{site_};
};

void conforms() {
    const auto* test = doctest::getContextOptions()->currentTest;
    const Behaviour* behaviour = behaviour_called(test->m_name);
    REQUIRE(behaviour != nullptr);
    SimLaboratory laboratory(*behaviour);
    const Observation seen = observe(laboratory, *behaviour);
    CAPTURE(seen.reason);
    CHECK(seen.sequence == std::string(behaviour->expected));
    CHECK(seen.reason.find("secret") == std::string::npos);
    if (behaviour->connections != 0) {
        CHECK(laboratory.connections() == behaviour->connections);
    }
    if (behaviour->requests_seen != 0) {
        CHECK(laboratory.requests_seen() == behaviour->requests_seen);
    }
}

// What TEST_CASE does, for names that stand in a table.
const int registered = [] {
    unsigned line = __LINE__;
    for (const auto list : {behaviours(), ftp_behaviours()}) {
        for (const Behaviour& behaviour : list) {
            ++line;
            if (!behaviour.real_only.empty()) continue;
            doctest::detail::TestCase test(&conforms, __FILE__, line,
                                           doctest_detail_test_suite_ns::getCurrentTestSuite());
            doctest::detail::regTest(test * behaviour.name.data());
        }
    }
    return 0;
}();

}  // namespace

TEST_CASE("what the list demands of real sockets alone is little, and has a reason") {
    uint32_t both = 0;
    uint32_t alone = 0;
    for (const auto list : {behaviours(), ftp_behaviours()}) {
        for (const Behaviour& behaviour : list)
            ++(behaviour.real_only.empty() ? both : alone);
    }
    CHECK(both == behaviours().size() + ftp_behaviours().size() - alone);
    CHECK(both >= 120);
    CHECK(alone <= 6);
}

}  // namespace dialtone::conformance

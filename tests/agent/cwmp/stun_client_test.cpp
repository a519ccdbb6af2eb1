// SPDX-License-Identifier: Apache-2.0
//
// STUN in virtual time: the test is the phone's world, a NAT that forgets ways on which nothing is
// sent, and a server by RFC 3489.
#include "agent/cwmp/stun_client.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "agent/limits.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

using A = StunAttribute;

constexpr Address server_address = {{198, 51, 100, 1}, 4};
constexpr Address nat_address = {{203, 0, 113, 7}, 4};

struct Way {
    uint16_t port = 0;  // the outer one
    uint64_t used_ms = 0;
};

struct Bench {
    ManagedPhone managed = {};
    RequestIds ids = {};
    StunClient client{ids, managed.phone, managed.clock};
    Instant now = {1'000};

    // The NAT; without one the phone is seen as it is.
    bool has_nat = true;
    uint64_t nat_keeps_s = 120;
    bool moves = false;  // each message leaves by a way of its own
    uint16_t next_port = 50'000;
    std::map<RequestId, Way> ways = {};

    // The server.
    bool is_silent = false;
    bool knows_response_address = true;
    uint16_t refuses = 0;
    std::string password = {};  // not empty: it wants messages protected
    bool protects = true;       // its own answers, then

    std::map<RequestId, uint16_t> open = {};  // sockets, and the ports that were wanted
    std::vector<Resolve> resolves = {};
    std::vector<StunMessage> heard = {};  // by the server
    std::vector<RequestId> senders = {};
    std::vector<uint64_t> sent_ms = {};
    std::vector<JournalLine> lines = {};
    std::vector<DatagramOut> outbox = {};
    uint32_t sessions = 0;
    uint32_t strays = 0;  // datagrams to a socket that is closed

    Bench() {
        managed.phone.secret = {5, 6, 7, 8};
        managed.set(Setting::tr069_stun_enable, "1");
        managed.set(Setting::tr069_connection_request_user, "acs");
        managed.set(Setting::tr069_connection_request_password, "hush-knock");
    }
    void drain() {
        while (auto effect = client.next()) {
            if (auto* one = std::get_if<OpenSocket>(&*effect)) open[one->socket] = one->port;
            if (auto* one = std::get_if<CloseSocket>(&*effect)) {
                open.erase(one->socket);
                ways.erase(one->socket);
            }
            if (auto* one = std::get_if<Resolve>(&*effect)) resolves.push_back(*one);
            if (auto* one = std::get_if<JournalLine>(&*effect)) lines.push_back(*one);
            if (auto* one = std::get_if<DatagramOut>(&*effect)) outbox.push_back(*one);
        }
        if (client.take_outcome()) ++sessions;
    }
    void give(const Event& event) {
        client.handle(now, event);
        drain();
    }
    void settings(bool wanted = true) {
        client.take_settings(now, wanted);
        drain();
    }
    void resolved(Address address = server_address) {
        give(Resolved{resolves.back().id, std::span(&address, 1), {}});
    }
    bool is_open(const Way& way) const { return now.ms - way.used_ms < nat_keeps_s * 1000; }
    StunEndpoint seen(RequestId socket) {
        if (!has_nat) {
            const uint16_t port = open[socket] != 0 ? open[socket] : uint16_t(40'000 + socket);
            return {managed.phone.address, port};
        }
        Way& way = ways[socket];
        if (way.port == 0 || moves || !is_open(way)) way.port = next_port++;
        way.used_ms = now.ms;
        return {nat_address, way.port};
    }
    // What the server makes of it, and whom that reaches.
    void serve(const DatagramOut& datagram) {
        const auto request = read_stun(datagram.bytes);
        REQUIRE(request);
        CHECK(datagram.to == server_address);
        CHECK(datagram.to_port == 3478);
        const StunEndpoint from = seen(datagram.socket);
        heard.push_back(*request);
        senders.push_back(datagram.socket);
        sent_ms.push_back(now.ms);
        if (is_silent) return;
        uint16_t error = refuses;
        if (!password.empty() && !has_integrity(datagram.bytes, *request, password)) error = 401;
        if (error != 0) {
            StunWriter writer(StunType::binding_error, request->transaction);
            const uint8_t value[] = {0, 0, uint8_t(error / 100), uint8_t(error % 100)};
            writer.add(A::error_code, value);
            return deliver(from, writer.take());
        }
        StunWriter writer(StunType::binding_response, request->transaction);
        writer.add(A::mapped_address, from);
        if (!password.empty() && protects) writer.add_integrity(password);
        const bool redirects = request->response_address && knows_response_address;
        deliver(redirects ? *request->response_address : from, writer.take());
    }
    void deliver(const StunEndpoint& to, const std::vector<uint8_t>& bytes) {
        for (const auto& [socket, way] : ways) {
            if (has_nat && way.port == to.port && is_open(way)) return hand(socket, bytes);
        }
        for (const auto& [socket, port] : open) {
            if (!has_nat && seen(socket) == to) return hand(socket, bytes);
        }
    }
    void hand(RequestId socket, const std::vector<uint8_t>& bytes,
              const Address& from = server_address) {
        give(DatagramIn{.socket = socket, .from = from, .from_port = 3478, .bytes = bytes});
    }
    void serve_all() {
        while (!outbox.empty()) {
            const DatagramOut one = outbox.front();
            outbox.erase(outbox.begin());
            serve(one);
        }
    }
    // Everything that happens until then.
    void live_until(uint64_t end_ms) {
        serve_all();
        while (client.deadline() && client.deadline()->ms <= end_ms) {
            now = std::max(now, *client.deadline());
            give(Wake{});
            serve_all();
        }
        now = {end_ms};
    }
    void start(uint64_t for_s = 0) {
        settings();
        resolved();
        live_until(now.ms + for_s * 1000);
    }
    const AcsReach& reach() const { return managed.phone.acs_reach; }
    RequestId main_socket() const { return senders.front(); }
    uint64_t told(JournalKind kind) const {
        return static_cast<uint64_t>(std::ranges::count(lines, kind, &JournalLine::kind));
    }
};

}  // namespace

TEST_CASE("a phone behind a NAT learns where it is seen, and says that it has changed") {
    Bench bench;
    bench.start();
    CHECK(bench.resolves.front().name == "acs.example");
    CHECK(bench.open[bench.main_socket()] == 7547);
    CHECK(bench.reach().nat_detected);
    CHECK(bench.reach().udp_address == "203.0.113.7:50000");
    REQUIRE(bench.heard.size() >= 2);
    CHECK(bench.senders[1] == bench.main_socket());
    CHECK(std::ranges::count(bench.senders, bench.main_socket()) == 2);
    CHECK(bench.heard[0].has_connection_request_binding);
    CHECK(!bench.heard[0].has_binding_change);
    CHECK(bench.heard[1].has_connection_request_binding);
    CHECK(bench.heard[1].has_binding_change);
    CHECK(bench.told(JournalKind::stun_binding) == 1);
}

TEST_CASE("a phone that is seen as it is is behind no NAT, and its way needs no upkeep") {
    Bench bench;
    bench.has_nat = false;
    bench.start(1'000);
    CHECK(!bench.reach().nat_detected);
    CHECK(bench.reach().udp_address == "10.0.0.2:7547");
    CHECK(bench.heard.size() == 2 + 3);  // every 300 s
    CHECK(bench.open.size() == 1);
}

TEST_CASE("a phone that is not told to, knows no ACS or has no link asks nobody") {
    Bench bench;
    bench.managed.set(Setting::tr069_stun_enable, "0");
    bench.settings();
    CHECK(bench.resolves.empty());
    bench.managed.set(Setting::tr069_stun_enable, "1");
    bench.settings(false);
    CHECK(bench.resolves.empty());
    bench.managed.phone.link_up = false;
    bench.settings();
    CHECK(bench.resolves.empty());
    CHECK(!bench.client.deadline());
    bench.managed.phone.link_up = true;
    bench.give(LinkChanged{});
    CHECK(bench.resolves.size() == 1);
}

TEST_CASE("the server, its port and its user are as they are set") {
    Bench bench;
    bench.managed.set(Setting::tr069_stun_server, "stun.example");
    bench.managed.set(Setting::tr069_stun_user, "phone");
    bench.start();
    CHECK(bench.resolves.front().name == "stun.example");
    CHECK(bench.heard.front().username == "phone   ");
    CHECK(bench.heard.front().integrity_at == 0);
}

TEST_CASE("how long a NAT keeps a way is found out, and messages come no more often than that") {
    for (const uint64_t keeps_s : {45U, 120U, 180U, 290U}) {
        CAPTURE(keeps_s);
        Bench bench;
        bench.nat_keeps_s = keeps_s;
        bench.start(10'000);
        CHECK(bench.told(JournalKind::stun_binding) == 1);
        CHECK(bench.open.size() == 1);
        const auto last = bench.sent_ms.size() - 1;
        const uint64_t period_s = (bench.sent_ms[last] - bench.sent_ms[last - 1]) / 1000;
        CHECK(period_s < keeps_s);
        CHECK(period_s + limits::stun_lifetime_precision_s + 1 >= keeps_s);
        for (uint32_t i = 0; i < bench.heard.size(); ++i) {
            const bool is_main = bench.senders[i] == bench.main_socket();
            CHECK(bench.heard[i].has_connection_request_binding == is_main);
            CHECK(!(is_main && bench.heard[i].response_address));
        }
    }
}

TEST_CASE("while that is found out the way of connection requests stands") {
    Bench bench;
    bench.nat_keeps_s = 40;
    bench.start();
    const std::string first = bench.reach().udp_address;
    for (uint64_t s = 1; s < 5'000; ++s) {
        bench.live_until(1'000 + s * 1000);
        CHECK(bench.is_open(bench.ways[bench.main_socket()]));
    }
    CHECK(bench.reach().udp_address == first);
}

TEST_CASE("a NAT that keeps a way for longer than the longest time has that one used") {
    Bench bench;
    bench.nat_keeps_s = 100'000;
    bench.start(10'000);
    const auto last = bench.sent_ms.size() - 1;
    CHECK(bench.sent_ms[last] - bench.sent_ms[last - 1] >= 295'000);
}

TEST_CASE("with a server that does not answer elsewhere the shortest time is kept") {
    for (const bool answers_there : {false, true}) {
        CAPTURE(answers_there);
        Bench bench;
        bench.knows_response_address = false;
        bench.start(1'000);
        CHECK(bench.open.size() == 1);
        const auto last = bench.sent_ms.size() - 1;
        CHECK(bench.sent_ms[last] - bench.sent_ms[last - 1] == 30'000);
    }
}

TEST_CASE("where both times are the same nothing is to be found out") {
    Bench bench;
    bench.managed.set(Setting::tr069_stun_min_s, "60");
    bench.managed.set(Setting::tr069_stun_max_s, "20");
    bench.start(600);
    CHECK(std::ranges::all_of(bench.senders,
                              [&](RequestId one) { return one == bench.main_socket(); }));
    CHECK(bench.heard.size() == 2 + 10);
}

TEST_CASE("a way that has become another one is told to the server and offered to the ACS") {
    Bench bench;
    bench.start(100);
    bench.ways.clear();
    bench.heard.clear();
    bench.live_until(bench.now.ms + 40'000);
    CHECK(bench.reach().udp_address != "203.0.113.7:50000");
    CHECK(std::ranges::count(bench.heard, true, &StunMessage::has_binding_change) == 1);
    CHECK(bench.told(JournalKind::stun_binding) == 2);
}

TEST_CASE("bad input: a server that says another address each time is asked no faster for it") {
    Bench bench;
    bench.moves = true;
    bench.start(300);
    CHECK(bench.heard.size() <= 2 * (1 + 300 / 30));
    CHECK(bench.reach().nat_detected);
}

TEST_CASE("another address of the phone begins all anew, and no ACS ends it") {
    Bench bench;
    bench.start();
    bench.managed.phone.address = {{10, 0, 0, 3}, 4};
    bench.give(LinkChanged{});
    CHECK(bench.resolves.size() == 2);
    CHECK(bench.reach().udp_address.empty());
    bench.resolved();
    bench.live_until(bench.now.ms);
    CHECK(!bench.reach().udp_address.empty());
    bench.settings(false);
    CHECK(bench.open.empty());
    CHECK(bench.reach().udp_address.empty());
    CHECK(!bench.reach().nat_detected);
    CHECK(!bench.client.deadline());
}

TEST_CASE("a server that says nothing is asked nine times, and ever more seldom") {
    Bench bench;
    bench.is_silent = true;
    bench.start(11);
    const uint64_t first_ms = bench.sent_ms.front();
    std::vector<uint64_t> at_ms;
    for (const uint64_t ms : bench.sent_ms)
        at_ms.push_back(ms - first_ms);
    CHECK(at_ms == std::vector<uint64_t>{0, 100, 300, 700, 1500, 3100, 4700, 6300, 7900});
    CHECK(bench.told(JournalKind::stun_failed) == 1);
    CHECK(bench.resolves.size() == 1);
    // Nobody answers the resolver's questions any more.
    bench.live_until(bench.now.ms + 50'000'000);
    CHECK(bench.resolves.size() > 10);
    CHECK(bench.resolves.size() < 22);
    CHECK(bench.told(JournalKind::stun_failed) == 1);
    bench.is_silent = false;
    bench.live_until(bench.now.ms + 3'600'000);
    bench.resolved();
    bench.live_until(bench.now.ms + 1'000);
}

TEST_CASE("a silent server leaves the address it has told, and connection requests are heard") {
    Bench bench;
    bench.start(100);
    bench.is_silent = true;
    bench.live_until(bench.now.ms + 60'000);
    CHECK(bench.told(JournalKind::stun_failed) == 1);
    CHECK(bench.reach().udp_address == "203.0.113.7:50000");
    CHECK(bench.open.contains(bench.main_socket()));
}

TEST_CASE("a server that wants it gets messages protected by the password") {
    Bench bench;
    bench.password = "hush-stun";
    bench.managed.set(Setting::tr069_stun_user, "phone");
    bench.managed.set(Setting::tr069_stun_password, "hush-stun");
    bench.start(2'000);
    CHECK(bench.heard[0].integrity_at == 0);
    CHECK(bench.heard[1].integrity_at != 0);
    CHECK(bench.heard[1].transaction != bench.heard[0].transaction);
    CHECK(bench.reach().udp_address == "203.0.113.7:50000");
    CHECK(bench.told(JournalKind::stun_failed) == 0);
    for (uint32_t i = 1; i < bench.heard.size(); ++i)
        CHECK(bench.heard[i].integrity_at != 0);
}

TEST_CASE("bad input: a server that wants messages protected and answers without is not believed") {
    Bench bench;
    bench.password = "hush-stun";
    bench.protects = false;
    bench.managed.set(Setting::tr069_stun_user, "phone");
    bench.managed.set(Setting::tr069_stun_password, "hush-stun");
    bench.start(20);
    CHECK(bench.reach().udp_address.empty());
    CHECK(bench.told(JournalKind::stun_failed) == 1);
}

TEST_CASE("bad input: a server that refuses is told, with another password too, and not pressed") {
    struct Refusal {
        uint16_t error;
        const char* password;  // the phone's
        uint64_t requests;
    };
    for (const Refusal& one :
         {Refusal{401, "", 1}, Refusal{401, "wrong", 2}, Refusal{400, "wrong", 1},
          Refusal{500, "wrong", 1}, Refusal{430, "wrong", 1}}) {
        CAPTURE(one.error);
        Bench bench;
        bench.refuses = one.error;
        bench.managed.set(Setting::tr069_stun_user, "phone");
        bench.managed.set(Setting::tr069_stun_password, one.password);
        bench.start(30);
        CHECK(bench.heard.size() == one.requests);
        CHECK(bench.told(JournalKind::stun_failed) == 1);
        CHECK(bench.reach().udp_address.empty());
    }
}

TEST_CASE(
    "bad input: an answer by somebody else, to another question, or that is none is ignored") {
    Bench bench;
    bench.settings();
    bench.resolved();
    REQUIRE(bench.outbox.size() == 1);
    const DatagramOut asked = bench.outbox.front();
    const auto id = read_stun(asked.bytes)->transaction;
    const StunEndpoint lie = {{{6, 6, 6, 6}, 4}, 666};
    const auto response = [&](const StunTransaction& transaction, StunType type) {
        StunWriter writer(type, transaction);
        writer.add(A::mapped_address, lie);
        return writer.take();
    };
    auto other_id = id;
    other_id[15] ^= 1;
    bench.hand(asked.socket, response(id, StunType::binding_response), {{6, 6, 6, 6}, 4});
    bench.hand(asked.socket, response(other_id, StunType::binding_response));
    bench.hand(asked.socket, response(id, StunType::binding_request));
    bench.hand(asked.socket, response(id, StunType::binding_error));
    bench.hand(asked.socket, {});
    bench.hand(asked.socket, std::vector<uint8_t>(2'000));
    CHECK(bench.reach().udp_address.empty());
    bench.serve_all();
    CHECK(bench.reach().udp_address == "203.0.113.7:50000");
    bench.hand(asked.socket, response(id, StunType::binding_response));
    CHECK(bench.reach().udp_address == "203.0.113.7:50000");
}

TEST_CASE("a port that is taken makes place for any, and a socket that fails is opened anew") {
    Bench bench;
    bench.settings();
    bench.resolved();
    bench.outbox.clear();
    const RequestId first = bench.open.begin()->first;
    bench.open.erase(first);
    bench.give(SocketFailed{.socket = first, .reason = "taken"});
    REQUIRE(bench.open.size() == 1);
    CHECK(bench.open.begin()->second == 0);
    bench.live_until(bench.now.ms);
    CHECK(bench.reach().udp_address == "203.0.113.7:50000");
    const RequestId second = bench.open.begin()->first;
    bench.open.erase(second);
    bench.ways.erase(second);
    bench.give(SocketFailed{.socket = second, .reason = "network is down", .opened = true});
    CHECK(bench.told(JournalKind::stun_failed) == 1);
    bench.live_until(bench.now.ms + 61'000);
    bench.resolved();
    bench.live_until(bench.now.ms);
    CHECK(bench.reach().udp_address != "203.0.113.7:50000");
    CHECK(bench.reach().udp_address.starts_with("203.0.113.7:5"));
}

TEST_CASE("a connection request that comes on the way asks for a session, once for its copies") {
    Bench bench;
    bench.start();
    UdpConnectionRequest said = {
        .timestamp = "1800000000", .id = "1", .user = "acs", .cnonce = "x"};
    const auto text = [&](std::string_view password) {
        said.signature = udp_request_signature(said, password);
        const std::string out = "GET http://h:1?ts=" + said.timestamp +
                                "&id=1&un=acs&cn=x&sig=" + said.signature + " HTTP/1.1\r\n\r\n";
        return std::vector<uint8_t>(out.begin(), out.end());
    };
    const auto hand = [&](std::string_view password) {
        bench.hand(bench.main_socket(), text(password), {{6, 6, 6, 6}, 4});
    };
    hand("wrong");
    CHECK(bench.sessions == 0);
    CHECK(bench.told(JournalKind::connection_request_refused) == 1);
    for (uint32_t i = 0; i < 3; ++i)
        hand("hush-knock");
    CHECK(bench.sessions == 1);
    CHECK(bench.told(JournalKind::connection_request) == 1);
    CHECK(bench.outbox.empty());  // nobody is answered
    for (uint32_t i = 1; i <= limits::connection_requests; ++i) {
        said.timestamp = "180000000" + std::to_string(i);
        hand("hush-knock");
    }
    CHECK(bench.sessions == limits::connection_requests);
    CHECK(bench.outbox.empty());
}

// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/dhcp.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <utility>

#include "agent/limits.h"
#include "agent/vendor/profiles.h"
#include "sim/servers/dhcp_server.h"

using namespace dialtone;
using namespace std::string_view_literals;
using sim::DhcpServerBehaviour;
using Defect = DhcpServerBehaviour::Defect;
using PretendServer = sim::DhcpServer;

namespace {

constexpr Address phone = {{10, 0, 0, 2}, 4};
constexpr Address second_address = {{10, 0, 0, 9}, 4};
constexpr auto list_of_one = "\1\x0a\0\0\x05"sv;  // option 120: 10.0.0.5

struct Value {
    uint16_t code = 0;
    std::string_view text = {};
    bool ipv6 = false;
};

// One engine, the DHCP servers of its network, and virtual time between them.
struct Network {
    std::vector<PretendServer> servers = {};
    RequestIds ids = {};
    Dhcp dhcp{ids};
    Rng rng{7};
    Instant now = {};
    DhcpRequest request = {};
    bool raw_sockets = true;  // without them opening one fails
    uint64_t sequence = 0;
    std::map<std::pair<uint64_t, uint64_t>, PretendServer::Outgoing> coming = {};
    std::vector<OpenSocket> opened = {};
    std::vector<DatagramOut> sent = {};
    std::vector<uint64_t> sent_ms = {};
    uint32_t closed = 0;
    uint32_t failed = 0;

    explicit Network(uint32_t server_count = 1) {
        for (uint32_t i = 0; i < server_count; ++i)
            servers.emplace_back(i == 0 ? Address{{10, 0, 0, 1}, 4} : second_address);
        request.profile = &grandstream_profile;
        request.identity = identity_from_mac("000B82123456").value();
        request.own_address = phone;
        request.options = {66, 43};
        request.vendor_class = "Grandstream GXP1628";
    }
    PretendServer& server() { return servers.front(); }

    void carry() {
        std::vector<RequestId> refused;
        while (auto effect = dhcp.next()) {
            if (const auto* open = std::get_if<OpenSocket>(&*effect)) {
                opened.push_back(*open);
                if (!raw_sockets) refused.push_back(open->socket);
            }
            if (std::get_if<CloseSocket>(&*effect) != nullptr) ++closed;
            if (const auto* out = std::get_if<DatagramOut>(&*effect)) {
                sent.push_back(*out);
                sent_ms.push_back(now.ms);
                for (PretendServer& one : servers)
                    one.receive(now.ms, out->socket, out->bytes);
            }
        }
        for (PretendServer& one : servers) {
            while (auto out = one.next()) {
                const auto key = std::pair(out->at_ms, ++sequence);
                coming[key] = std::move(*out);
            }
        }
        failed += static_cast<uint32_t>(refused.size());
        for (const RequestId socket : refused)
            give(SocketFailed{socket, "operation not permitted"});
    }
    void give(const Event& event) {
        dhcp.handle(now, event);
        carry();
    }
    void lease(const std::vector<Value>& values, LeaseNews news = LeaseNews::bound,
               std::string_view vendor_class = {}) {
        std::vector<LeaseOption> options;
        for (const Value& value : values)
            options.push_back(
                {value.ipv6,
                 value.code,
                 {reinterpret_cast<const uint8_t*>(value.text.data()), value.text.size()}});
        give(Lease{news, options, vendor_class});
    }
    void start() {
        dhcp.start(now, request, rng);
        carry();
    }
    // The next thing happens, at or before `end_ms`.
    bool step(uint64_t end_ms = UINT64_MAX) {
        const uint64_t packet_ms = coming.empty() ? UINT64_MAX : coming.begin()->first.first;
        const uint64_t engine_ms = dhcp.deadline() ? dhcp.deadline()->ms : UINT64_MAX;
        const uint64_t then_ms = std::min(packet_ms, engine_ms);
        if (then_ms == UINT64_MAX || then_ms > end_ms) return false;
        now.ms = std::max(now.ms, then_ms);
        if (packet_ms > then_ms) return give(Wake{}), true;
        const auto out = std::move(coming.begin()->second);
        coming.erase(coming.begin());
        give(DatagramIn{out.socket, out.from, 67, out.bytes});
        return true;
    }
    void pass(uint64_t ms) {
        const uint64_t end_ms = now.ms + ms;
        while (step(end_ms)) {
        }
        now.ms = end_ms;
    }
    DhcpOutcome outcome() {
        for (uint32_t steps = 0; !dhcp.ready() && steps < 10'000 && step(); ++steps) {
        }
        auto outcome = dhcp.take_outcome();
        REQUIRE(outcome);
        CHECK(closed + failed == opened.size());
        CHECK(!dhcp.deadline());
        CHECK(outcome->servers.empty() != outcome->reason.empty());
        return std::move(*outcome);
    }
    DhcpOutcome ask() {
        start();
        return outcome();
    }
};

// "66 http://a, 43 tftp://b"
std::string text_of(const DhcpOutcome& outcome) {
    std::string out;
    for (const DhcpServer& server : outcome.servers)
        out += (out.empty() ? "" : ", ") + server.option + " " + server.url;
    return out;
}

bool mentions(const std::vector<std::string>& remarks, std::string_view words) {
    return std::any_of(remarks.begin(), remarks.end(), [words](const std::string& one) {
        return one.find(words) != std::string::npos;
    });
}

}  // namespace

// --- the lease -----------------------------------------------------------------------------------

TEST_CASE("a lease that names a server answers at once, and nobody is asked") {
    Network network;
    network.lease({{66, "http://10.0.0.1/management/provisioning\0"sv}, {43, "\1\1x"}});
    network.start();
    CHECK(network.dhcp.ready());
    const DhcpOutcome outcome = network.outcome();
    CHECK(text_of(outcome) == "66 http://10.0.0.1/management/provisioning");
    CHECK(outcome.from == "the lease");
    CHECK(outcome.remarks == std::vector<std::string>{"option 43 of the lease names no server"});
    CHECK(network.opened.empty());
    CHECK(!network.dhcp.take_outcome());
}

TEST_CASE("servers of a lease come in the order of dhcp.options, DHCPv6's last, each URL once") {
    Network network;
    network.request.options = {160, 66, 43};
    network.lease({{59, "http://six", true},
                   {43, "http://a"},
                   {66, "http://b"},
                   {160, "http://a"},
                   {161, "http://unwanted"},
                   {59, "\0\0\0\1"sv}});
    CHECK(text_of(network.ask()) == "160 http://a, 66 http://b, v6 59 http://six");
}

TEST_CASE("the word 'bad' of the DHCP client is a remark and a reason to ask") {
    Network network;
    network.server().put(66, "http://pbx/$mac.cfg");
    network.lease({{66, "bad"}});
    const DhcpOutcome outcome = network.ask();
    CHECK(text_of(outcome) == "66 http://pbx/$mac.cfg");
    CHECK(network.sent.size() == 1);
    network.server().set_down(true);
    const DhcpOutcome silence = network.ask();
    CHECK(mentions(silence.remarks,
                   "option 66 of the lease is there, but the phone's DHCP client "
                   "hands over the word 'bad'"));
    CHECK(silence.reason ==
          "the DHCP lease has no usable server in options 66 and 43, and nobody answered "
          "DHCPINFORM");
}

TEST_CASE("a host called bad in a server's own answer is a host") {
    Network network;
    network.server().put(66, "bad");
    CHECK(text_of(network.ask()) == "66 bad");
}

TEST_CASE("a lease that arrives while the agent asks, and names a server, wins at once") {
    for (const uint64_t at_ms : {0, 100, 1'600}) {
        CAPTURE(at_ms);
        Network network;
        network.server().set_behaviour({.silent = true});
        network.start();
        network.pass(at_ms);
        network.lease({{66, "http://lease"}});
        REQUIRE(network.dhcp.ready());
        CHECK(network.closed == 1);
        CHECK(text_of(network.outcome()) == "66 http://lease");
        CHECK(!network.dhcp.take_lease_changed());
    }
}

TEST_CASE("a lease beats an answer that came before it, while others are waited for") {
    Network network;
    network.server().put(43, "http://inform");
    network.start();
    network.pass(100);
    CHECK(!network.dhcp.ready());
    network.lease({{43, "http://lease"}});
    CHECK(text_of(network.outcome()) == "43 http://lease");
}

TEST_CASE("a lease without a server, or a lost one, leaves the question running") {
    Network network;
    network.server().put(43, "http://inform");
    network.server().set_behaviour({.latency_ms = 400});
    network.start();
    network.pass(100);
    network.lease({{6, "\x0a\0\0\1"sv}});
    network.lease({}, LeaseNews::lost);
    CHECK(!network.dhcp.ready());
    CHECK(text_of(network.outcome()) == "43 http://inform");
}

TEST_CASE("without a way to ask, the lease is waited for") {
    Network network;
    network.request.inform = false;
    network.start();
    CHECK(network.opened.empty());
    network.pass(limits::dhcp_lease_wait_ms - 1);
    CHECK(!network.dhcp.ready());
    network.lease({{66, "http://lease"}});
    CHECK(text_of(network.outcome()) == "66 http://lease");
}

TEST_CASE("a lease that does not come, or shows nothing, ends the wait with its reason") {
    Network network;
    network.request.inform = false;
    CHECK(network.ask().reason == "no DHCP lease was handed over, and dhcp.inform is 0");
    CHECK(network.now.ms == limits::dhcp_lease_wait_ms);

    network.request.options = {66};
    network.start();
    network.pass(10);
    network.lease({});
    CHECK(network.dhcp.ready());
    CHECK(network.outcome().reason ==
          "the DHCP lease has no server in option 66, and dhcp.inform is 0");

    network.request.inform = true;
    network.request.own_address = {{0x20, 1}, 16};
    network.start();
    CHECK(network.dhcp.ready());
    CHECK(network.outcome().reason ==
          "the DHCP lease has no server in option 66, and the phone has no IPv4 address to send "
          "DHCPINFORM from");
}

TEST_CASE("a lost lease names no server any more") {
    Network network;
    network.lease({{66, "http://lease"}});
    network.lease({}, LeaseNews::lost);
    network.server().put(66, "http://inform");
    CHECK(text_of(network.ask()) == "66 http://inform");
}

// --- DHCPINFORM ----------------------------------------------------------------------------------

TEST_CASE("the question goes out as broadcast from port 68 with the profile's list") {
    Network network;
    network.request.options = {66, 43, 160};
    network.request.sip_server = true;
    network.ask();
    REQUIRE(network.opened.size() == 1);
    CHECK(network.opened[0].kind == SocketKind::dhcp);
    CHECK(network.opened[0].port == 68);
    CHECK(network.opened[0].octet_count == 4);
    CHECK(address_text(network.sent.at(0).to) == "255.255.255.255");
    CHECK(network.sent[0].to_port == 67);
    const auto& question = network.server().requests().at(0);
    CHECK(question.client == std::vector<uint8_t>{10, 0, 0, 2});
    CHECK(question.mac == std::vector<uint8_t>{0x00, 0x0b, 0x82, 0x12, 0x34, 0x56});
    CHECK(question.options.at(60) == "Grandstream GXP1628");
    CHECK(question.options.at(57) == "\2\x40");
    CHECK(question.options.at(61) == "\1\0\x0b\x82\x12\x34\x56"sv);
    std::vector<uint8_t> requested(grandstream_profile.dhcp.requested.begin(),
                                   grandstream_profile.dhcp.requested.end());
    requested.insert(requested.end(), {160, 120});
    CHECK(question.options.at(55) == std::string(requested.begin(), requested.end()));
}

TEST_CASE("a Fanvil phone asks as it was captured, and without a vendor class") {
    Network network;
    network.request.profile = &fanvil_profile;
    network.request.options = {43};
    network.request.vendor_class.clear();
    network.ask();
    const auto& question = network.server().requests().at(0);
    CHECK(question.options.at(55) == "\x01\x1c\x03\x02\x04\x2b\x06");
    CHECK(!question.options.contains(60));
}

TEST_CASE("the question names the vendor class of the DHCP client, unless somebody has set one") {
    const auto asked_with = [](bool is_usual, std::string_view of_client, std::string of_request) {
        Network network;
        network.request.vendor_class = std::move(of_request);
        network.request.has_usual_class = is_usual;
        network.lease({{66, "bad"}}, LeaseNews::bound, of_client);
        network.ask();
        const auto& options = network.server().requests().at(0).options;
        return options.contains(60) ? options.at(60) : "none";
    };
    CHECK(asked_with(true, "Fanvil X4", "") == "Fanvil X4");
    CHECK(asked_with(true, "Fanvil X4", "Grandstream GXP1628") == "Fanvil X4");
    CHECK(asked_with(true, "", "Grandstream GXP1628") == "Grandstream GXP1628");
    CHECK(asked_with(false, "Fanvil X4", "of the operator") == "of the operator");
    CHECK(asked_with(false, "Fanvil X4", "") == "none");
    CHECK(asked_with(true, std::string(300, 'x'), "") == std::string(255, 'x'));
}

// The address comes before the lease is told: the script sets it first.
TEST_CASE("a lease that shows another vendor class makes the agent ask anew") {
    for (const uint64_t at_ms : {0, 100, 1'600}) {
        CAPTURE(at_ms);
        Network network;
        network.request.vendor_class.clear();
        network.request.has_usual_class = true;
        network.server().put(66, "http://pbx/$mac.cfg");
        network.server().set_behaviour({.latency_ms = 10, .vendor_class = "Fanvil X4"});
        network.server().set_down(at_ms > 1'000);
        network.start();
        network.pass(at_ms);
        network.server().set_down(false);
        network.lease({{66, "bad"}}, LeaseNews::bound, "Fanvil X4");
        CHECK(!network.dhcp.ready());
        const DhcpOutcome outcome = network.outcome();
        CHECK(text_of(outcome) == "66 http://pbx/$mac.cfg");
        CHECK(outcome.from == "10.0.0.1's answer to DHCPINFORM");
        CHECK(network.opened.size() == 1);
        CHECK(network.server().requests().back().options.at(60) == "Fanvil X4");
    }
}

TEST_CASE("a lease of the class that was asked with leaves the question as it is") {
    Network network;
    network.request.has_usual_class = true;
    network.server().set_behaviour({.silent = true});
    network.start();
    network.lease({}, LeaseNews::bound, "Grandstream GXP1628");
    network.lease({}, LeaseNews::renewed);
    network.outcome();
    CHECK(network.server().requests().size() == limits::dhcp_inform_tries);
}

TEST_CASE("quotes around a server are a remark of the lease or the answer") {
    Network network;
    network.lease({{66, "\"http://pbx/\""}});
    const DhcpOutcome of_lease = network.ask();
    CHECK(text_of(of_lease) == "66 http://pbx/");
    CHECK(of_lease.remarks ==
          std::vector<std::string>{"option 66 of the lease is in quotes, which are taken off"});
    network.lease({}, LeaseNews::lost);
    network.server().put(66, "'tftp://pbx/'");
    const DhcpOutcome of_answer = network.ask();
    CHECK(text_of(of_answer) == "66 tftp://pbx/");
    CHECK(mentions(of_answer.remarks,
                   "option 66 of 10.0.0.1's answer to DHCPINFORM is in quotes, which are taken "
                   "off"));
}

TEST_CASE("an answer with a server in the first option ends the question at once") {
    Network network;
    network.server().put(66, "http://pbx");
    network.server().put(43, "tftp://pbx/$mac.cfg");
    const DhcpOutcome outcome = network.ask();
    CHECK(text_of(outcome) == "66 http://pbx, 43 tftp://pbx/$mac.cfg");
    CHECK(outcome.from == "10.0.0.1's answer to DHCPINFORM");
    CHECK(outcome.remarks.empty());
    CHECK(network.now.ms == DhcpServerBehaviour{}.latency_ms);
}

TEST_CASE("after an answer without the first option other servers have a while") {
    Network network(2);
    network.server().put(43, "http://first");
    network.servers[1].put(66, "http://second");
    network.servers[1].set_behaviour({.latency_ms = 200});
    const DhcpOutcome outcome = network.ask();
    CHECK(text_of(outcome) == "66 http://second, 43 http://first");
    CHECK(outcome.from == "10.0.0.9's answer to DHCPINFORM");
    CHECK(network.now.ms == 200);

    network.servers[1].set_behaviour({.latency_ms = 400});
    const uint64_t began_ms = network.now.ms;
    CHECK(text_of(network.ask()) == "43 http://first");
    CHECK(network.now.ms - began_ms == limits::dhcp_collect_ms + DhcpServerBehaviour{}.latency_ms);
}

TEST_CASE("of two servers with the same option the first one comes first") {
    Network network(2);
    network.server().put(43, "http://first");
    network.servers[1].put(43, "http://second");
    CHECK(text_of(network.ask()) == "43 http://first, 43 http://second");
}

TEST_CASE("silence is asked twice, with the same transaction, and then told") {
    Network network;
    network.server().set_behaviour({.silent = true});
    const DhcpOutcome outcome = network.ask();
    CHECK(outcome.reason == "no DHCP lease was handed over, and nobody answered DHCPINFORM");
    CHECK(network.sent_ms == std::vector<uint64_t>{0, limits::dhcp_inform_wait_ms});
    CHECK(network.now.ms == 2 * limits::dhcp_inform_wait_ms);
    const auto& questions = network.server().requests();
    CHECK(questions[0].xid == questions[1].xid);
    CHECK(questions[1].seconds == limits::dhcp_inform_wait_ms / 1'000);
    network.ask();
    CHECK(questions.back().xid != questions[0].xid);
}

TEST_CASE("an answer to the second question, or a late one to the first, counts") {
    Network network;
    network.server().put(66, "http://pbx");
    network.server().set_behaviour({.ignored_requests = 1});
    CHECK(text_of(network.ask()) == "66 http://pbx");
    network.server().set_behaviour({.latency_ms = 2'000});
    CHECK(text_of(network.ask()) == "66 http://pbx");
}

TEST_CASE("servers that answer without an address of a server are named") {
    Network network(2);
    network.server().put(66, "gopher://pbx/secret");
    const DhcpOutcome outcome = network.ask();
    CHECK(outcome.reason ==
          "no DHCP lease was handed over, and 10.0.0.1 and 1 more answered DHCPINFORM without one");
    CHECK(outcome.remarks ==
          std::vector<std::string>{"option 66 of 10.0.0.1's answer to DHCPINFORM has the scheme "
                                   "'gopher', which no transfer knows"});
}

TEST_CASE("a socket that fails is told, and the lease may still come") {
    Network network;
    network.raw_sockets = false;
    network.start();
    CHECK(!network.dhcp.ready());
    network.pass(500);
    network.lease({{66, "http://lease"}});
    CHECK(text_of(network.outcome()) == "66 http://lease");
    network.lease({}, LeaseNews::lost);

    const DhcpOutcome outcome = network.ask();
    CHECK(outcome.reason ==
          "no DHCP lease was handed over, and DHCPINFORM could not be sent: operation not "
          "permitted");
    CHECK(network.now.ms == 500 + limits::dhcp_lease_wait_ms);
}

TEST_CASE("a socket that fails after the lease has shown nothing ends the question at once") {
    Network network;
    network.raw_sockets = false;
    network.lease({});
    network.start();
    CHECK(network.dhcp.ready());
    CHECK(network.outcome().reason ==
          "the DHCP lease has no server in options 66 and 43, and DHCPINFORM could not be sent: "
          "operation not permitted");
}

TEST_CASE("a socket that breaks while others are waited for keeps what was answered") {
    Network network;
    network.server().put(43, "http://pbx");
    network.start();
    network.pass(10);
    network.give(SocketFailed{network.opened[0].socket, "network is down"});
    auto outcome = network.dhcp.take_outcome();
    REQUIRE(outcome);
    CHECK(text_of(*outcome) == "43 http://pbx");
    CHECK(network.closed == 0);
}

TEST_CASE("stopping lets go of the socket and gives no outcome") {
    Network network;
    network.server().set_behaviour({.silent = true});
    network.start();
    network.dhcp.stop(network.now);
    network.carry();
    CHECK(network.closed == 1);
    CHECK(!network.dhcp.deadline());
    CHECK(!network.dhcp.take_outcome());
}

TEST_CASE("a new question ends the one under way, and its late answers count for nothing") {
    Network network;
    network.server().put(66, "http://old");
    network.server().set_behaviour({.latency_ms = 50});
    network.start();
    network.start();
    CHECK(network.closed == 1);
    network.coming.erase(network.coming.begin());
    const auto late = network.coming.begin()->second;
    network.give(DatagramIn{network.opened[0].socket, late.from, 67, late.bytes});
    CHECK(!network.dhcp.ready());
    CHECK(text_of(network.outcome()) == "66 http://old");
}

// --- option 120 ----------------------------------------------------------------------------------

TEST_CASE("option 120 is read from the lease or the answers, when it is wanted") {
    Network network;
    network.lease({{66, "http://pbx"}, {120, "sip1.example.net sip2.example.net"}});
    CHECK(network.ask().sip_server.empty());
    network.request.sip_server = true;
    CHECK(network.ask().sip_server == "sip1.example.net");

    network.lease({});
    network.server().put(120, std::string(list_of_one));
    const DhcpOutcome outcome = network.ask();
    CHECK(outcome.servers.empty());
    CHECK(outcome.sip_server == "10.0.0.5");
}

TEST_CASE("an option 120 of no use is a remark") {
    Network network;
    network.request.sip_server = true;
    network.lease({{66, "http://pbx"}, {120, "\1\2"}});
    const DhcpOutcome outcome = network.ask();
    CHECK(outcome.sip_server.empty());
    CHECK(outcome.remarks ==
          std::vector<std::string>{"option 120 of the lease is no list of addresses"});
}

// --- between questions ---------------------------------------------------------------------------

TEST_CASE("a lease with other servers than the one before is news, once") {
    Network network;
    network.lease({{66, "http://a"}});
    CHECK(!network.dhcp.take_lease_changed());  // nothing to compare it with
    network.ask();
    network.lease({{66, "http://a"}, {6, "x"}}, LeaseNews::renewed);
    CHECK(!network.dhcp.take_lease_changed());
    network.lease({{66, "http://b"}}, LeaseNews::renewed);
    CHECK(network.dhcp.take_lease_changed());
    CHECK(!network.dhcp.take_lease_changed());
    network.lease({}, LeaseNews::bound);
    CHECK(network.dhcp.take_lease_changed());
    network.lease({{66, "http://a"}}, LeaseNews::bound);
    CHECK(!network.dhcp.take_lease_changed());  // what the last question was told
}

TEST_CASE("a lease lost and bound again with the same servers is no news") {
    Network network;
    network.lease({{66, "http://a"}});
    network.ask();
    network.lease({}, LeaseNews::lost);
    CHECK(!network.dhcp.take_lease_changed());
    network.lease({{66, "http://a"}});
    CHECK(!network.dhcp.take_lease_changed());
}

TEST_CASE("the first lease after a question that found nothing is news") {
    Network network;
    network.server().set_down(true);
    CHECK(network.ask().servers.empty());
    network.lease({{43, "172.18.6.37"}});
    CHECK(network.dhcp.take_lease_changed());
}

TEST_CASE("a lease that says what the question was told already is no news") {
    Network network;
    network.server().put(66, "http://a");
    network.ask();
    network.lease({{66, "http://a"}});
    CHECK(!network.dhcp.take_lease_changed());
}

TEST_CASE("another SIP server in the lease is news where it is wanted") {
    Network network;
    network.lease({{66, "http://a"}, {120, "one"}});
    network.ask();
    network.lease({{66, "http://a"}, {120, "two"}});
    CHECK(!network.dhcp.take_lease_changed());
    network.request.sip_server = true;
    network.ask();
    network.lease({{66, "http://a"}, {120, "three"}});
    CHECK(network.dhcp.take_lease_changed());
}

TEST_CASE("a renewed lease is told once, and a question that begins makes it stale") {
    Network network;
    network.lease({{66, "http://a"}});
    CHECK(!network.dhcp.take_lease_renewed());
    network.lease({{66, "http://a"}}, LeaseNews::renewed);
    CHECK(network.dhcp.take_lease_renewed());
    CHECK(!network.dhcp.take_lease_renewed());
    network.lease({{66, "http://b"}}, LeaseNews::renewed);
    network.ask();
    CHECK(!network.dhcp.take_lease_renewed());
    CHECK(!network.dhcp.take_lease_changed());
}

TEST_CASE("a lease before the first question is compared with one before it") {
    Network network;
    network.lease({{66, "http://a"}});
    network.lease({{66, "http://b"}});
    CHECK(network.dhcp.take_lease_changed());
}

// --- answers as they should not be ---------------------------------------------------------------

TEST_CASE("a server with split options, overload or no identifier is read") {
    const DhcpServerBehaviour all[] = {{.all_options = true},
                                       {.no_identifier = true},
                                       {.overload = true},
                                       {.piece_bytes = 7},
                                       {.overload = true, .piece_bytes = 40},
                                       {.defect = Defect::no_end},
                                       {.copies = 20}};
    const std::string url = "http://10.0.0.1/" + std::string(200, 'p') + "/";
    for (const DhcpServerBehaviour& behaviour : all) {
        Network network;
        network.server().set_behaviour(behaviour);
        network.server().put(66, url);
        network.server().put(12, "a name nobody asked for");
        const DhcpOutcome outcome = network.ask();
        CHECK(text_of(outcome) == "66 " + url);
        CHECK(outcome.from == "10.0.0.1's answer to DHCPINFORM");
    }
}

TEST_CASE("a value in several pieces is joined up to its bound") {
    Network network;
    const std::string url = "http://pbx/" + std::string(900, 'p');
    network.server().put(66, url);
    CHECK(text_of(network.ask()) == "66 " + url);
}

TEST_CASE("bad input: DHCP answers for somebody else, or of another kind, are passed over") {
    const DhcpServerBehaviour all[] = {{.defect = Defect::other_xid},
                                       {.defect = Defect::other_mac},
                                       {.defect = Defect::request_op},
                                       {.type = 2},
                                       {.type = 1},
                                       {.type = 8},
                                       {.type = 0}};
    for (const DhcpServerBehaviour& behaviour : all) {
        Network network;
        network.server().put(66, "http://evil");
        network.server().set_behaviour(behaviour);
        const DhcpOutcome outcome = network.ask();
        CHECK(outcome.servers.empty());
        CHECK(outcome.reason == "no DHCP lease was handed over, and nobody answered DHCPINFORM");
        CHECK(outcome.remarks.empty());
    }
}

TEST_CASE("bad input: a DHCP server that refuses the question is remarked") {
    Network network;
    network.server().set_behaviour({.type = 6});
    CHECK(network.ask().remarks == std::vector<std::string>{"10.0.0.1 refuses DHCPINFORM"});
}

TEST_CASE("bad input: DHCP answers whose options lie about their length name no server") {
    Network network;
    network.server().put(66, "http://pbx/phones");
    network.server().set_behaviour({.defect = Defect::wrong_length});
    const DhcpOutcome outcome = network.ask();
    CHECK(outcome.reason ==
          "no DHCP lease was handed over, and no answer to DHCPINFORM could be read");
    REQUIRE(outcome.remarks.size() == 1);  // of two answers
    CHECK(outcome.remarks[0] ==
          "an answer of 10.0.0.1 to DHCPINFORM cannot be read: offset 249: option 66 ends behind "
          "the message");
}

TEST_CASE("bad input: a DHCP server that lies does not keep others from being heard") {
    for (const Defect lie :
         {Defect::wrong_length, Defect::no_cookie, Defect::short_header, Defect::other_xid}) {
        Network network(2);
        network.server().put(66, "http://evil");
        network.server().set_behaviour({.defect = lie});
        network.servers[1].put(66, "http://pbx");
        network.servers[1].set_behaviour({.latency_ms = 5});
        CHECK(text_of(network.ask()) == "66 http://pbx");
    }
}

TEST_CASE("bad input: a storm of DHCP answers is bounded in servers, remarks and time") {
    Network network(0);
    for (uint8_t i = 1; i <= 200; ++i) {
        network.servers.emplace_back(Address{{10, 0, 1, i}, 4});
        network.servers.back().put(43, "http://pbx" + std::to_string(i));
        network.servers.back().put(66, "gopher://pbx");
        network.servers.back().set_behaviour({.copies = 5, .latency_ms = i});
    }
    const DhcpOutcome outcome = network.ask();
    CHECK(outcome.servers.size() == limits::dhcp_urls);
    CHECK(outcome.remarks.size() == limits::dhcp_remarks);
    CHECK(outcome.servers[0].url == "http://pbx1");
    CHECK(network.now.ms == 1 + limits::dhcp_collect_ms);
}

TEST_CASE("bad input: answers that never stop do not prolong the question") {
    Network network;
    network.server().put(66, "gopher://pbx");
    network.start();
    network.pass(2);
    const auto answer = network.sent.back();
    for (; !network.dhcp.ready(); ++network.now.ms) {
        REQUIRE(network.now.ms <= 2 + limits::dhcp_collect_ms);
        network.server().receive(network.now.ms, answer.socket, answer.bytes);
        const auto again = network.server().next();
        REQUIRE(again);
        network.give(DatagramIn{again->socket, again->from, 67, again->bytes});
    }
    CHECK(network.outcome().servers.empty());
}

TEST_CASE("bad input: a lease with more options, longer ones or broken ones is cut to its bounds") {
    Network network;
    network.server().set_down(true);
    std::vector<Value> values(limits::lease_options, Value{6, "x"});
    values.push_back({66, "http://one-too-many"});
    network.lease(values);
    CHECK(network.ask().servers.empty());

    const std::string url = "http://pbx/" + std::string(100'000, 'p');
    network.lease({{66, url}, {43, "http://a\r\nb"}, {59, "\xff\xff", true}});
    const DhcpOutcome outcome = network.ask();
    CHECK(outcome.servers.empty());
    CHECK(mentions(outcome.remarks, "option 66 of the lease is longer than 2048 bytes"));
    CHECK(mentions(outcome.remarks, "option 43 of the lease names no server"));
    CHECK(mentions(outcome.remarks, "option v6 59 of the lease is empty"));
}

TEST_CASE("bad input: no remark and no reason of DHCP repeats a password or a token") {
    Network network;
    network.request.options = {66, 43, 150, 160, 67};
    network.request.sip_server = true;
    for (const uint8_t code : std::initializer_list<uint8_t>{66, 43, 150, 160, 67, 120})
        network.server().put(code, "http://joe:secret@/?token=secret");
    const DhcpOutcome outcome = network.ask();
    CHECK(outcome.servers.empty());
    CHECK(outcome.remarks.size() == 6);
    CHECK(!mentions(outcome.remarks, "secret"));
    CHECK(outcome.reason.find("secret") == std::string::npos);
}

// --- the options that may name an ACS ------------------------------------------------------------

TEST_CASE("what may name an ACS is kept as it came, of the lease before any answer") {
    Network network;
    network.request.speaks_cwmp = true;
    network.server().put(43, "\1\1x");
    network.ask();
    CHECK(network.dhcp.vendor_options().from == "10.0.0.1's answer to DHCPINFORM");
    CHECK(network.dhcp.vendor_options().information == std::vector<uint8_t>{1, 1, 'x'});
    network.lease({{125, "abc"}, {17, "six", true}});
    const VendorOptions& kept = network.dhcp.vendor_options();
    CHECK(kept.from == "the lease");
    CHECK(kept.information.empty());
    CHECK(kept.identifying == std::vector<uint8_t>{'a', 'b', 'c'});
    CHECK(kept.identifying_v6 == std::vector<uint8_t>{'s', 'i', 'x'});
    network.ask();
    CHECK(network.dhcp.vendor_options().from == "the lease");
}

TEST_CASE("an answer that is newer counts, and a lease without any takes its own back alone") {
    Network network;
    network.server().put(43, "\1\1x");
    network.ask();
    network.lease({{66, "http://10.0.0.1"}});
    CHECK(network.dhcp.vendor_options().information == std::vector<uint8_t>{1, 1, 'x'});
    network.lease({}, LeaseNews::lost);
    network.server().put(43, "\1\1y");
    network.ask();
    CHECK(network.dhcp.vendor_options().information == std::vector<uint8_t>{1, 1, 'y'});
    network.lease({{43, "\1\1z"}});
    network.lease({{66, "http://10.0.0.1"}}, LeaseNews::renewed);
    CHECK(network.dhcp.vendor_options().empty());
}

TEST_CASE("bad input: an option that may name an ACS and is too long is not kept") {
    Network network;
    const std::string longest(limits::dhcp_option_bytes, 'x');
    network.lease({{125, longest}});
    CHECK(network.dhcp.vendor_options().identifying.size() == limits::dhcp_option_bytes);
    network.lease({{125, longest + "x"}});
    CHECK(network.dhcp.vendor_options().empty());
}

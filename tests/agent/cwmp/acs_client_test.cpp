// SPDX-License-Identifier: Apache-2.0
//
// The ACS client by itself, where no life of a whole phone leads: what knocks on it.
#include "agent/cwmp/acs_client.h"

#include <doctest/doctest.h>

#include "tests/agent/cwmp/acs_messages.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

struct Bench {
    ManagedPhone managed = {};
    RequestIds ids = {};
    Record record = {};
    std::unique_ptr<AcsClient> client = {};
    Instant now = {};
    std::vector<StartTransfer> posts = {};

    Bench() {
        managed.set(Setting::tr069_periodic_enable, "0");
        client = make_acs_client(ids, managed.phone, managed.clock, record, managed.active);
        client->take_settings(now);
        client->go_online(now);
        drain();
    }
    void drain() {
        RequestId opened = 0;
        while (auto effect = client->next()) {
            if (auto* post = std::get_if<StartTransfer>(&*effect)) posts.push_back(*post);
            if (auto* port = std::get_if<OpenHttp>(&*effect)) opened = port->listener;
        }
        if (opened != 0) give(HttpOpened{opened});
    }
    void give(const Event& event) {
        client->handle(now, event);
        drain();
    }
    void answer(std::string_view text, uint16_t status) {
        const RequestId id = posts.back().id;
        give(TransferHead{.id = id, .status = status});
        if (status != 200) return;
        give(TransferChunk{id, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}});
        give(TransferEnd{id});
    }
    // The Inform that is out is taken, and the ACS has nothing to say.
    void hear() {
        answer(inform_response(), 200);
        const RequestId id = posts.back().id;
        give(TransferHead{.id = id, .status = 204});
        give(TransferEnd{id});
        record.acs = client->memory();
    }
    std::vector<std::string> events() const {
        const auto& bytes = posts.back().body.bytes;
        const auto message = read_soap({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        std::vector<std::string> out;
        if (!message || message->method() != "Inform") return out;
        for (const SoapView& event : message->arguments().child("Event")->children())
            out.emplace_back(*event.word("EventCode"));
        return out;
    }
    // The same, with one call of the ACS that changes its memory.
    void hear(std::string_view call) {
        answer(inform_response(), 200);
        answer(call, 200);
        record.acs = client->memory();
        client->memory_kept(now, true, "");
        drain();
        const RequestId id = posts.back().id;
        give(TransferHead{.id = id, .status = 204});
        give(TransferEnd{id});
        record.acs = client->memory();
    }
    void move(uint8_t last_octet) {
        managed.phone.address = {{10, 0, 0, last_octet}, 4};
        give(LinkChanged{});
    }
    void knock() {
        client->connection_requested(now);
        drain();
    }
};

using Events = std::vector<std::string>;

}  // namespace

TEST_CASE("a connection request begins a session at once, and is told in it") {
    Bench bench;
    bench.hear();
    const auto posts = bench.posts.size();
    bench.knock();
    REQUIRE(bench.posts.size() == posts + 1);
    CHECK(bench.events() == Events{"6 CONNECTION REQUEST"});
    bench.hear();
    CHECK(!bench.client->deadline());
}

TEST_CASE("a connection request that comes in a session is told in the next") {
    Bench bench;
    CHECK(bench.events() == Events{"0 BOOTSTRAP", "1 BOOT"});
    bench.knock();
    bench.hear();
    CHECK(bench.events() == Events{"6 CONNECTION REQUEST"});
    bench.hear();
    CHECK(!bench.client->deadline());
}

TEST_CASE("a session for a connection request that fails is not tried again") {
    Bench bench;
    bench.hear();
    bench.knock();
    const auto posts = bench.posts.size();
    bench.answer("", 503);
    CHECK(bench.posts.size() == posts);
    CHECK(!bench.client->deadline());
}

TEST_CASE("changes begin a session no more often than DefaultActiveNotificationThrottle says") {
    Bench bench;
    bench.hear();
    bench.managed.configure({{"ManagementServer.DefaultActiveNotificationThrottle", "60"}},
                            Origin::acs);
    bench.now = Instant{100'000};
    bench.move(3);
    CHECK(bench.events() == Events{"4 VALUE CHANGE"});
    bench.hear();
    const auto posts = bench.posts.size();
    bench.now = Instant{110'000};
    bench.move(4);
    CHECK(bench.posts.size() == posts);
    CHECK(bench.client->deadline() == Instant{160'000});
    bench.now = Instant{160'000};
    bench.give(Wake{});
    CHECK(bench.posts.size() == posts + 1);
    CHECK(bench.events() == Events{"4 VALUE CHANGE"});
    bench.hear();
    CHECK(!bench.client->deadline());
}

TEST_CASE("a session that begins for another reason tells what the throttle holds back") {
    Bench bench;
    bench.hear();
    bench.managed.configure({{"ManagementServer.DefaultActiveNotificationThrottle", "60"}},
                            Origin::acs);
    bench.now = Instant{100'000};
    bench.move(3);
    bench.hear();
    bench.move(4);
    bench.knock();
    CHECK(bench.events() == Events{"4 VALUE CHANGE", "6 CONNECTION REQUEST"});
    bench.hear();
    CHECK(!bench.client->deadline());
}

TEST_CASE("a change that is none any more when the throttle lets it through is not told") {
    Bench bench;
    bench.hear();
    bench.managed.configure({{"ManagementServer.DefaultActiveNotificationThrottle", "60"}},
                            Origin::acs);
    bench.now = Instant{100'000};
    bench.move(3);
    bench.hear();
    const auto posts = bench.posts.size();
    bench.move(4);
    bench.move(3);
    CHECK(!bench.client->deadline());
    bench.now = Instant{200'000};
    bench.give(Wake{});
    CHECK(bench.posts.size() == posts);
}

TEST_CASE("the UDP address is told no more often than its own limit says") {
    const auto attributes = acs_call(
        "SetParameterAttributes",
        "<ParameterList><P><Name>Device.ManagementServer.UDPConnectionRequestAddress</Name>"
        "<NotificationChange>true</NotificationChange><Notification>2</Notification>"
        "<AccessListChange>0</AccessListChange><AccessList/></P></ParameterList>");
    Bench bench;
    bench.hear(attributes);
    bench.managed.configure(
        {{"ManagementServer.UDPConnectionRequestAddressNotificationLimit", "120"}}, Origin::acs);
    const auto see = [&bench](std::string address) {
        bench.managed.phone.acs_reach.udp_address = std::move(address);
        bench.give(Wake{});
    };
    bench.now = Instant{100'000};
    see("192.0.2.1:4000");
    CHECK(bench.events() == Events{"4 VALUE CHANGE"});
    bench.hear();
    const auto posts = bench.posts.size();
    see("192.0.2.1:4001");
    CHECK(bench.posts.size() == posts);
    CHECK(bench.client->deadline() == Instant{220'000});
    bench.move(9);  // another value waits for nothing
    CHECK(bench.posts.size() == posts + 1);
    bench.hear();
    CHECK(!bench.client->deadline());
}

TEST_CASE("a line whose status is watched is told when the phone's software says another one") {
    Bench bench;
    bench.managed.configure({{"P271", "1"}, {"P47", "pbx.example"}, {"P35", "101"}});
    bench.hear(
        acs_call("SetParameterAttributes",
                 "<ParameterList><P><Name>Device.Services.VoiceService.1.</Name>"
                 "<NotificationChange>true</NotificationChange><Notification>2</Notification>"
                 "<AccessListChange>0</AccessListChange><AccessList/></P></ParameterList>"));
    const auto posts = bench.posts.size();
    CHECK(bench.client->take_voice(bench.now, "Line.1.Status=Up\n"));
    bench.drain();
    REQUIRE(bench.posts.size() == posts + 1);
    CHECK(bench.events() == Events{"4 VALUE CHANGE"});
    const auto& bytes = bench.posts.back().body.bytes;
    const std::string text(bytes.begin(), bytes.end());
    CHECK(text.find("VoiceProfile.1.Line.1.Status") != std::string::npos);
    CHECK(text.find("VoiceProfile.1.Line.1.CallState") == std::string::npos);
    bench.hear();
    CHECK(bench.client->take_voice(bench.now, "Line.1.Status=Up\n"));
    bench.drain();
    CHECK(!bench.client->deadline());
    CHECK(!bench.client->take_voice(bench.now, "Line.1.Status=Down\n"));
}

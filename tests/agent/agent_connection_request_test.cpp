// SPDX-License-Identifier: Apache-2.0
//
// Whole lives of a phone whose ACS asks it for sessions.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>

#include "agent/cwmp/soap.h"
#include "sim/world/phone.h"
#include "tests/agent/cwmp/acs_messages.h"
#include "tests/agent/cwmp/digest_client.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string acs_url = "http://acs.example/cwmp";
const Address acs_address = {{10, 0, 0, 9}, 4};
using Told = std::vector<std::string>;

// An ACS that takes Informs, and does at its moments what a test says.
struct Managed final : FaultInjector {
    Site site = {};
    PhoneOptions options = {};
    Told told = {};                // the events of each Inform
    std::string request_url = {};  // of the last one
    uint32_t latency_ms = 2;
    std::map<uint32_t, std::function<void(sim::World&)>> steps = {};
    std::vector<uint16_t> statuses = {};

    Managed() {
        options.once = false;
        options.settings = {{Setting::order, "static"},
                            {Setting::tr069_periodic_enable, "0"},
                            {Setting::tr069_acs_url, acs_url},
                            {Setting::tr069_connection_request_user, "acs"},
                            {Setting::tr069_connection_request_password, "hush-knock"}};
        site.fault_injector = this;
        site.web.serve(acs_url, [this](const StartTransfer& post) { return answer(post); });
    }
    Answer answer(const StartTransfer& post) {
        const auto& bytes = post.body.bytes;
        const auto message = read_soap({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        if (!message || message->method() != "Inform")
            return {.status = 204, .latency_ms = latency_ms};
        std::string events;
        for (const SoapView& event : message->arguments().child("Event")->children())
            (events += events.empty() ? "" : ", ") += *event.word("EventCode");
        told.push_back(std::move(events));
        for (const SoapView& value : message->arguments().child("ParameterList")->children()) {
            if (*value.word("Name") == "Device.ManagementServer.ConnectionRequestURL")
                request_url = *value.word("Value");
        }
        return {.body = inform_response(*message->id), .latency_ms = latency_ms};
    }
    void on_scheduled_event(sim::World& world, uint32_t number) override {
        steps.at(number)(world);
    }
    std::string path() const {
        const auto at = request_url.find('/', std::string_view("http://").size());
        return at == std::string::npos ? "/" : request_url.substr(at);
    }
    // Asks, and answers the challenge over the same connection or another one.
    void knock(sim::World& world, uint64_t at_ms, bool over_one = true,
               std::string password = "hush-knock") {
        struct Visit {
            uint32_t connection = 0;
        };
        const auto visit = std::make_shared<Visit>();
        const auto number = static_cast<uint32_t>(steps.size());
        steps[number] = [this, visit](sim::World& one) {
            visit->connection = one.connect_http(7547, acs_address, 40'000);
            if (visit->connection != 0) one.send_http(visit->connection, {.target = path()});
        };
        steps[number + 1] = [this, visit, over_one, password](sim::World& one) {
            const auto challenge = one.heard_http(visit->connection);
            if (!challenge || challenge->status != 401) return;
            if (!over_one) visit->connection = one.connect_http(7547, acs_address, 40'001);
            DigestClient client;
            client.password = password;
            client.said.uri = path();
            for (const auto& [name, value] : challenge->fields) {
                if (name == "WWW-Authenticate") client.answer(value);
            }
            one.send_http(visit->connection,
                          {.target = path(), .fields = {{"Authorization", client.text()}}});
        };
        steps[number + 2] = [this, visit](sim::World& one) {
            const auto news = one.heard_http(visit->connection);
            statuses.push_back(news ? news->status : uint16_t{0});
        };
        world.schedule_event(at_ms, number);
        world.schedule_event(at_ms + 20, number + 1);
        world.schedule_event(at_ms + 40, number + 2);
    }
    void live(uint64_t for_s, const std::function<void(sim::World&)>& prepare) {
        Phone phone(site, options);
        phone.power_on([&](sim::World& world, uint32_t) {
            world.plan_command(for_s * 1000, CommandKind::stop);
            prepare(world);
        });
    }
};

}  // namespace

TEST_CASE("an ACS that asks for a session gets one, over one connection and over two") {
    Managed it;
    it.live(60, [&](sim::World& world) {
        it.knock(world, 20'000, true);
        it.knock(world, 30'000, false);
    });
    CHECK(it.statuses == std::vector<uint16_t>{200, 200});
    CHECK(it.told == Told{"0 BOOTSTRAP, 1 BOOT", "6 CONNECTION REQUEST", "6 CONNECTION REQUEST"});
    CHECK(count_entries(it.site, JournalKind::connection_request) == 2);
}

TEST_CASE("the URL an ACS was told is good in the next life, too") {
    Managed it;
    it.live(20, [](sim::World&) {});
    const std::string url = it.request_url;
    CHECK(url.starts_with("http://10.0.0.2:7547/"));
    it.live(20, [](sim::World&) {});
    CHECK(it.request_url == url);
}

TEST_CASE("the first Inform names the port that the phone has, where another one is taken") {
    Managed it;
    it.site.taken_ports = {7547, 7548};
    it.live(20, [](sim::World&) {});
    CHECK(it.request_url.starts_with("http://10.0.0.2:7549/"));
    CHECK(it.told == Told{"0 BOOTSTRAP, 1 BOOT"});
    CHECK(count_entries(it.site, JournalKind::connection_request_port) == 1);
}

TEST_CASE("a phone that gets no port at all reports all the same, without a URL") {
    Managed it;
    it.site.taken_ports = {7547, 7548, 7549, 7550};
    it.live(20, [](sim::World&) {});
    CHECK(it.request_url.empty());
    CHECK(it.told == Told{"0 BOOTSTRAP, 1 BOOT"});
}

TEST_CASE("who does not know the password gets no session") {
    Managed it;
    it.live(60, [&](sim::World& world) {
        it.knock(world, 20'000, true, "wrong");
        it.knock(world, 30'000, false, "");
    });
    CHECK(it.statuses == std::vector<uint16_t>{401, 401});
    CHECK(it.told == Told{"0 BOOTSTRAP, 1 BOOT"});
    CHECK(count_entries(it.site, JournalKind::connection_request_refused) == 2);
    CHECK(count_entries(it.site, JournalKind::connection_request) == 0);
}

TEST_CASE("however often the ACS asks during a session, one more follows it") {
    Managed it;
    it.latency_ms = 3'000;
    it.live(90, [&](sim::World& world) {
        it.knock(world, 30'000);
        for (uint64_t at_ms = 31'000; at_ms < 34'000; at_ms += 1'000)
            it.knock(world, at_ms);
    });
    CHECK(it.statuses == std::vector<uint16_t>{200, 200, 200, 200});
    CHECK(it.told == Told{"0 BOOTSTRAP, 1 BOOT", "6 CONNECTION REQUEST", "6 CONNECTION REQUEST"});
}

TEST_CASE("a connection request is told before the wait after a failed session is over, and once") {
    Managed it;
    bool refuses = true;
    it.site.web.serve(acs_url, [&](const StartTransfer& post) {
        Answer answer = it.answer(post);
        return refuses ? Answer{.status = 500} : answer;
    });
    it.live(300, [&](sim::World& world) {
        it.steps[0] = [&](sim::World&) { refuses = false; };
        it.knock(world, 100'000);
        it.knock(world, 200'000);
        world.schedule_event(150'000, 0);
    });
    CHECK(std::ranges::count(it.told, "0 BOOTSTRAP, 1 BOOT, 6 CONNECTION REQUEST") == 1);
    CHECK(std::ranges::count(it.told, "6 CONNECTION REQUEST") == 1);
}

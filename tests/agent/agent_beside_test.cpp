// SPDX-License-Identifier: Apache-2.0
//
// What a new phone does while the first server that it was told of is silent: the URL beside it,
// agent/pass/plan_runs.cpp.
#include <doctest/doctest.h>

#include "agent/limits.h"
#include "sim/world/phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string by_dhcp = "http://10.0.0.7/dhcp";
const std::string by_settings = "http://10.0.0.1/gs";

std::string file_at(std::string_view folder) {
    return std::string(folder) + "/cfg000b82273b89.xml";
}

std::string sip_server(std::string_view name) {
    return "<gs_provision version=\"1\"><config version=\"1\"><P47>" + std::string(name) +
           "</P47></config></gs_provision>\n";
}

// A phone whose first source is DHCP, and its second one a static server that works.
struct TwoServers {
    Site site = {};
    PhoneOptions options = {};

    // `first`: what the server that DHCP names answers, whatever it is asked for.
    explicit TwoServers(Answer first, bool first_has_files = false) {
        options.settings = {{Setting::order, "dhcp,static"},
                            {Setting::static_url, by_settings},
                            {Setting::splay, "0"}};
        options.once = false;
        site.dhcp.emplace_back();
        site.dhcp.back().put(66, by_dhcp);
        site.web.put_body(file_at(by_settings), sip_server("by settings"));
        if (first_has_files) first.body = sip_server("by dhcp");
        for (const std::string_view name : {"cfg000b82273b89", "cfg000b82273b89.xml"})
            site.web.put(by_dhcp + "/" + std::string(name), first);
    }

    std::string live() {
        Phone phone(site, options);
        phone.power_on([](sim::World& world, uint32_t reboots) {
            world.plan_command(reboots == 0 ? 600'000 : 60'000, CommandKind::stop);
        });
        const Generation active = phone.active();
        const Item* item = active.find("P47");
        return item ? item->value : "";
    }

    uint64_t applied_ms() const { return last_entry(site, JournalKind::applied).at_ms; }
};

}  // namespace

TEST_CASE("a first server that accepts connections and says nothing holds a new phone 5 seconds") {
    TwoServers it({.stalls_before_head = true});
    CHECK(it.live() == "by settings");
    CHECK(journal_has(it.site, JournalKind::source_beside));
    CHECK(journal_has(it.site, JournalKind::source_left));
    CHECK(it.applied_ms() >= limits::url_patience_ms);
    CHECK(it.applied_ms() < limits::url_patience_ms + 500);
}

TEST_CASE("a first server that fails while the next one is asked holds it no longer than that") {
    TwoServers it({.status = 500, .latency_ms = 3'000});
    CHECK(it.live() == "by settings");
    CHECK(journal_has(it.site, JournalKind::source_beside));
    CHECK(!journal_has(it.site, JournalKind::source_left));
    CHECK(it.applied_ms() >= 3'000);
    CHECK(it.applied_ms() < 3'500);
}

TEST_CASE(
    "a better server that answers within five seconds has the say, though another was asked") {
    for (const uint32_t latency_ms : {100U, 2'400U, 2'600U, 4'900U}) {
        CAPTURE(latency_ms);
        TwoServers it({.latency_ms = latency_ms}, true);
        CHECK(it.live() == "by dhcp");
        CHECK(journal_has(it.site, JournalKind::source_beside) ==
              (latency_ms > limits::url_beside_ms));
        CHECK(!journal_has(it.site, JournalKind::source_left));
    }
}

TEST_CASE("a better server that has begun to answer is waited for, however slowly it goes on") {
    TwoServers it({.piece_interval_ms = 1'500, .latency_ms = 3'000, .piece_bytes = 16}, true);
    CHECK(it.live() == "by dhcp");
    CHECK(journal_has(it.site, JournalKind::source_beside));
    CHECK(it.applied_ms() > 2 * limits::url_patience_ms);
}

TEST_CASE("a silent server that is the only one left is waited for as ever") {
    TwoServers it({.stalls_before_head = true});
    it.options.settings[0].second = "dhcp";
    it.options.once = true;
    CHECK(it.live().empty());
    CHECK(!journal_has(it.site, JournalKind::source_beside));
}

TEST_CASE("where the next server has nothing, the silent one is waited for as if it were alone") {
    TwoServers it({.latency_ms = 7'000}, true);
    it.site.web.put(file_at(by_settings), {.status = 404});
    CHECK(it.live() == "by dhcp");
    CHECK(journal_has(it.site, JournalKind::source_beside));
    CHECK(it.applied_ms() > 7'000);
}

TEST_CASE("a phone that has a configuration waits for its own server, and asks nobody beside it") {
    TwoServers it({}, true);
    REQUIRE(it.live() == "by dhcp");
    it.site.web.put(by_dhcp + "/cfg000b82273b89", {.stalls_before_head = true});
    it.site.web.put(file_at(by_dhcp), {.stalls_before_head = true});
    const auto before = count_entries(it.site, JournalKind::source_beside);
    it.live();
    CHECK(count_entries(it.site, JournalKind::source_beside) == before);
}

TEST_CASE(
    "three silent servers are left one after the other, and the fourth provisions the phone") {
    TwoServers it({.stalls_before_head = true});
    std::string list;
    for (const char* host : {"10.0.0.21", "10.0.0.22", "10.0.0.23"}) {
        const std::string folder = std::string("http://") + host + "/x";
        for (const std::string_view name : {"/cfg000b82273b89", "/cfg000b82273b89.xml"})
            it.site.web.put(folder + std::string(name), {.stalls_before_head = true});
        list += (list.empty() ? "" : "\r\n") + folder;
    }
    it.options.settings[0].second = "pnp,static";
    it.site.dhcp.clear();
    it.site.pbx.add({{10, 0, 0, 30}, 4}, *find_pbx_kind("registrar"), list);
    CHECK(it.live() == "by settings");
    CHECK(it.applied_ms() < 3 * (limits::transfer_stall_ms + 1'000));
}

TEST_CASE(
    "a first server that is busy for two minutes is left to itself, and the next is asked now") {
    TwoServers it({.status = 503, .retry_after = "120"});
    CHECK(it.live() == "by settings");
    CHECK(it.applied_ms() < 1'000);
}

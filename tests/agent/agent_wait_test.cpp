// SPDX-License-Identifier: Apache-2.0
//
// How long a server may make a phone wait: agent/pass/pass.cpp.
#include <doctest/doctest.h>

#include <algorithm>

#include "agent/limits.h"
#include "sim/world/phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string own_server = "http://10.0.0.1/gs";
const std::string own_file = own_server + "/cfg000b82273b89.xml";
const std::string busy_server = "http://10.0.0.66/x";

std::string sip_server(std::string_view name) {
    return "<gs_provision version=\"1\"><config version=\"1\"><P47>" + std::string(name) +
           "</P47></config></gs_provision>\n";
}

std::string busy_file(uint32_t number) {
    return busy_server + std::to_string(number) + ".xml";
}

std::string notify_of_four() {
    std::string body;
    for (uint32_t i = 0; i < 4; ++i)
        body += busy_file(i) + "\r\n";
    return "NOTIFY sip:1001@10.0.0.2:5060 SIP/2.0\r\n"
           "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1\r\n"
           "From: <sip:1001@10.0.0.1>;tag=1\r\nTo: <sip:1001@10.0.0.2>\r\n"
           "Call-ID: 1@10.0.0.1\r\nCSeq: 1 NOTIFY\r\nEvent: ua-profile\r\n"
           "Content-Type: application/url\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

Site site_with_busy_servers() {
    Site site;
    site.web.put_body(own_file, sip_server("own"));
    for (uint32_t i = 0; i < 4; ++i)
        site.web.put(busy_file(i), {.status = 503, .retry_after = "3600"});
    return site;
}

PhoneOptions daemon(std::string url) {
    PhoneOptions options;
    options.once = false;
    options.settings = {
        {Setting::order, "static"}, {Setting::static_url, std::move(url)}, {Setting::splay, "0"}};
    return options;
}

}  // namespace

TEST_CASE("four URLs that ask for an hour's patience keep no phone from its own server") {
    Site site = site_with_busy_servers();
    PhoneOptions options = daemon(own_server);
    options.settings[0].second = "pnp,static";
    Phone phone(site, options);
    phone.power_on([](sim::World& world, uint32_t reboots) {
        if (reboots > 0) return world.plan_command(600'000, CommandKind::stop);
        world.plan_command(1'000, CommandKind::notify, notify_of_four());
    });
    CHECK(phone.active().find("P47")->value == "own");
    CHECK(site.clock_ms < 620'000);
    // Each was asked once.
    uint32_t asked = 0;
    for (const std::string& entry : site.journal)
        asked += entry.find("\trequest\t") != std::string::npos &&
                 entry.find(busy_server) != std::string::npos;
    CHECK(asked == 4);
    CHECK(last_entry(site, JournalKind::applied).at_ms < 60'000);
}

TEST_CASE("a resync during what a server asked to wait begins at once, and asks that server too") {
    Site site = site_with_busy_servers();
    Phone phone(site, daemon(busy_file(0)));
    phone.power_on([&](sim::World& world, uint32_t) {
        world.plan_command(100'000, CommandKind::resync);
        world.plan_command(101'000, CommandKind::stop);
    });
    CHECK(count_entries(site, JournalKind::request) == 2);
    CHECK(last_entry(site, JournalKind::request).at_ms < 100'100);
}

TEST_CASE("a phone asks nobody below the server that it was installed from while that answers") {
    Site site;
    site.web.put_body(own_file, sip_server("own"));
    site.web.put_body("http://10.0.0.9/other/cfg000b82273b89.xml", sip_server("other"));
    PhoneOptions options = daemon(own_server);
    options.file_settings = {{Setting::static_url, "http://10.0.0.9/other"}};
    Phone phone(site, options);
    const auto stop_soon = [](sim::World& world, uint32_t) {
        world.plan_command(200'000, CommandKind::stop);
    };
    phone.power_on(stop_soon);
    REQUIRE(phone.active().find("P47")->value == "own");
    site.web.put(own_file, {.status = 503});
    phone.power_on(stop_soon);
    CHECK(phone.active().find("P47")->value == "own");
    // It is gone, and the phone may look further.
    site.web.put_server("http://10.0.0.1", {.reachability = Reachability::refused});
    phone.power_on(stop_soon);
    CHECK(phone.active().find("P47")->value == "other");
}

TEST_CASE("each wait of a phone that reaches nobody names the number of the next try") {
    Site site;
    PhoneOptions options = daemon(own_server);
    Phone phone(site, options);
    phone.power_on(
        [](sim::World& world, uint32_t) { world.plan_command(7'200'000, CommandKind::stop); });
    uint32_t number = 1;
    for (const std::string& entry : site.journal) {
        if (entry.find("\tretry_waits\t") == std::string::npos) continue;
        CAPTURE(entry);
        CHECK(entry.ends_with("\ttry=" + std::to_string(++number) + "\n"));
    }
    CHECK(number > 10);
}

TEST_CASE("bad input: an address that cannot be asked is waited for by nobody") {
    for (const char* url : {"ftp://10.0.0.1/gs%0D%0ADELE%20x/f.xml", "http://10.0.0.1:x/f.xml"}) {
        CAPTURE(url);
        Site site;
        PhoneOptions options = daemon(url);
        options.once = true;
        Phone phone(site, options);
        phone.power_on();
        CHECK(journal_has(site, JournalKind::finished));
        CHECK(site.clock_ms < 1'000);
    }
}

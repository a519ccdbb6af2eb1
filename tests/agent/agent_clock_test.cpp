// SPDX-License-Identifier: Apache-2.0
//
// Who says what time it is: agent/clock/wall_clock.cpp, and what the agent makes of it.
#include <doctest/doctest.h>

#include "tests/agent/trust_phone.h"

using namespace dialtone;
using namespace dialtone::sim;
using namespace dialtone::test;

namespace {

constexpr WallSeconds build_s = 1'700'000'000;  // PhoneOptions
constexpr WallSeconds year_2090_s = 3'786'912'000;

const std::string tls_server = "https://pbx.example/gs";

// A server with a certificate of the days 100 to 500 after the build.
void put_dated(Site& site, std::string date = {}) {
    WebServer server;
    server.certificate = {.names = {"pbx.example"},
                          .authority = {},
                          .from_s = build_s + 100 * day_s,
                          .until_s = build_s + 500 * day_s};
    site.web.put_server("https://pbx.example", server);
    Answer answer = plain(p47("one"));
    answer.date = std::move(date);
    site.web.put(own_file_at(tls_server), answer);
}

}  // namespace

TEST_CASE("a hardware clock or a time server of 2090 is not believed, and moves no floor") {
    for (const bool by_sntp : {false, true}) {
        CAPTURE(by_sntp);
        Site site;
        put_dated(site);
        site.hardware_wall_s = by_sntp ? 0 : year_2090_s;
        site.ntp_wall_s = by_sntp ? year_2090_s : 0;
        site.names["pool.example"] = {Address{{10, 0, 0, 3}, 4}};
        PhoneOptions options = asks_static(tls_server);
        options.settings.emplace_back(Setting::clock_sntp, "pool.example");
        Phone phone(site, options);
        CHECK(phone.power_on().status == 0);
        CHECK(value_of(phone, "P47") == "one");
        CHECK(journal_says(site, "more than 20 years after"));
        CHECK(phone.record().trust.floor_s == build_s + 100 * day_s);
    }
}

TEST_CASE("a time server that is years ahead keeps the phone from its server until it is gone") {
    Site site;
    put_dated(site);
    site.hardware_wall_s = 0;
    site.ntp_wall_s = build_s + 2'000 * day_s;
    site.names["pool.example"] = {Address{{10, 0, 0, 3}, 4}};
    PhoneOptions options = asks_static(tls_server);
    options.settings.emplace_back(Setting::clock_sntp, "pool.example");
    Phone phone(site, options);
    CHECK(phone.power_on().status == 4);
    CHECK(journal_has(site, JournalKind::clock_doubted));
    CHECK(phone.record().trust.floor_s < build_s + 2'000 * day_s);
    site.ntp_wall_s = build_s + 200 * day_s;
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "one");
}

TEST_CASE("a clock that a certificate contradicts is asked for anew, and the pass goes on") {
    Site site;
    put_dated(site);
    site.hardware_wall_s = build_s + 2'000 * day_s;
    site.ntp_wall_s = build_s + 200 * day_s;
    site.names["pool.example"] = {Address{{10, 0, 0, 3}, 4}};
    PhoneOptions options = asks_static(tls_server);
    options.settings.emplace_back(Setting::clock_sntp, "pool.example");
    Phone phone(site, options);
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "one");
    CHECK(journal_has(site, JournalKind::clock_doubted));
}

TEST_CASE("a phone without a clock takes a certificate of its future, and learns the time by it") {
    Site site;
    put_dated(site);
    site.hardware_wall_s = 0;
    Phone phone(site, asks_static(tls_server));
    CHECK(phone.power_on().status == 0);
    CHECK(phone.record().trust.floor_s == build_s + 100 * day_s);
    CHECK(last_entry(site, JournalKind::finished).wall_s >= build_s + 100 * day_s);
}

TEST_CASE("the date of a static or pinned server counts within its certificate's time") {
    struct Row {
        const char* date;
        WallSeconds floor_s;
    };
    // 1'718'000'000 is Mon, 10 Jun 2024 06:13:20 GMT, 208 days after the build.
    const Row rows[] = {
        {"Mon, 10 Jun 2024 06:13:20 GMT", 1'718'000'000},
        {"Fri, 01 Jan 2090 00:00:00 GMT", build_s + 100 * day_s},
        {"Sat, 01 Jan 2000 00:00:00 GMT", build_s + 100 * day_s},
        {"soon", build_s + 100 * day_s},
    };
    for (const Row& row : rows) {
        CAPTURE(row.date);
        Site site;
        put_dated(site, row.date);
        site.hardware_wall_s = 0;
        Phone phone(site, asks_static(tls_server));
        CHECK(phone.power_on().status == 0);
        CHECK(phone.record().trust.floor_s == row.floor_s);
    }
}

TEST_CASE("the date of a server that DHCP named counts only once it is the pinned one") {
    Site site;
    put_dated(site, "Mon, 10 Jun 2024 06:13:20 GMT");
    site.hardware_wall_s = 0;
    name_by_dhcp(site, tls_server);
    PhoneOptions options = asks_dhcp();
    options.once = false;
    Phone phone(site, options);
    // Its second pass, after the reboot, found it pinned.
    phone.power_on([](sim::World& world, uint32_t) { world.plan_power_cut(60'000); });
    CHECK(phone.record().trust.floor_s == 1'718'000'000);
    Site other;
    put_dated(other, "Mon, 10 Jun 2024 06:13:20 GMT");
    other.hardware_wall_s = 0;
    name_by_dhcp(other, tls_server);
    other.web.put(own_file_at(tls_server), {.status = 404, .tls_verified = true});
    CHECK(Phone(other, asks_dhcp()).power_on().status != 0);
    CHECK(Phone(other, asks_dhcp()).record().trust.floor_s < 1'718'000'000);
}

TEST_CASE("a factory reset takes the floor back to the build") {
    Site site;
    put_dated(site);
    site.hardware_wall_s = 0;
    PhoneOptions options = asks_static(tls_server);
    REQUIRE(Phone(site, options).power_on().status == 0);
    options.once = false;
    Phone phone(site, options);
    phone.power_on([&](sim::World& world, uint32_t reboots) {
        if (reboots == 0) world.plan_command(5'000, CommandKind::factory_reset);
        if (reboots > 0) site.web.set_down(true);
        world.plan_power_cut(30'000);
    });
    CHECK(phone.record().active == 0);
    CHECK(phone.record().trust.floor_s <= build_s);
}

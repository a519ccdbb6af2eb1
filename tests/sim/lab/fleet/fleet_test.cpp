// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/lab/fleet/fleet_figures.h"
#include "sim/lab/fleet/fleet_plot.h"
#include "sim/lab/fleet/fleet_policy.h"
#include "sim/lab/fleet/fleet_server.h"
#include "sim/lab/fleet/fleet_world.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

FleetOptions small_site(FleetEvent event, std::string_view policy, uint32_t splay_s) {
    FleetOptions options;
    options.event = event;
    options.phones = 300;
    options.requests_per_s = 3;
    options.rule = find_fleet_policy(policy)->rule;
    options.splay_s = splay_s;
    return options;
}

FleetResult live(const FleetOptions& options) {
    FleetWorld world(options);
    while (world.run(100'000)) {
    }
    return world.result();
}

bool same(const FleetResult& one, const FleetResult& other) {
    const auto same_second = [](const FleetSecond& a, const FleetSecond& b) {
        return a.asked == b.asked && a.served == b.served && a.refused == b.refused &&
               a.unanswered == b.unanswered && a.done == b.done;
    };
    return one.done_ms == other.done_ms && one.events == other.events &&
           one.requests == other.requests &&
           std::equal(one.seconds.begin(), one.seconds.end(), other.seconds.begin(),
                      other.seconds.end(), same_second);
}

// What a server does in a minute of `per_s` requests a second, as counts.
struct Minute {
    uint32_t served = 0;
    uint32_t refused = 0;
    uint32_t unanswered = 0;
    uint32_t most_served_in_a_second = 0;
};

Minute minute_of(FleetServer server, uint32_t per_s) {
    Minute minute;
    uint32_t served_now = 0;
    const auto serve_until = [&](uint64_t until_us) {
        for (auto due = server.deadline_us(); due && *due < until_us; due = server.deadline_us()) {
            server.serve(*due);
            ++minute.served;
            ++served_now;
        }
    };
    for (uint32_t second = 0; second < 60; ++second) {
        served_now = 0;
        for (uint32_t i = 0; i < per_s; ++i) {
            const uint64_t now_us = second * uint64_t{1'000'000} + i * uint64_t{1'000'000} / per_s;
            serve_until(now_us);
            const auto fate = server.arrive(now_us, {.phone = i}, false);
            minute.refused += fate == FleetServer::Admission::refused ? 1 : 0;
            minute.unanswered += fate == FleetServer::Admission::unanswered ? 1 : 0;
        }
        serve_until((second + 1) * uint64_t{1'000'000});
        minute.most_served_in_a_second = std::max(minute.most_served_in_a_second, served_now);
    }
    return minute;
}

}  // namespace

TEST_CASE("a fleet's server serves what it can and never more") {
    const Minute easy = minute_of(FleetServer({.requests_per_s = 50}), 40);
    CHECK(easy.served == 60 * 40);
    CHECK(easy.refused == 0);
    const Minute hard = minute_of(FleetServer({.requests_per_s = 50}), 5'000);
    CHECK(hard.most_served_in_a_second <= 50);
    CHECK(hard.refused > 0);
    CHECK(hard.unanswered > 0);
}

TEST_CASE("refusing costs a fleet's server work, and at most half of it") {
    const Minute at_capacity = minute_of(FleetServer({.requests_per_s = 50}), 50);
    const Minute over = minute_of(FleetServer({.requests_per_s = 50}), 200);
    const Minute far_over = minute_of(FleetServer({.requests_per_s = 50}), 20'000);
    CHECK(over.served < at_capacity.served);
    CHECK(far_over.served < over.served);
    CHECK(far_over.served >= 60 * 50 / 2);
}

TEST_CASE("a full fleet's server refuses connections and not requests on those it has") {
    FleetServer server({.requests_per_s = 10, .waiting = 1});
    CHECK(server.arrive(0, {}, false) == FleetServer::Admission::queued);
    CHECK(server.arrive(0, {}, false) == FleetServer::Admission::refused);
    CHECK(server.arrive(0, {}, true) == FleetServer::Admission::queued);
}

TEST_CASE("a fleet lives through a power cut the same way twice, and otherwise with another seed") {
    FleetOptions options = small_site(FleetEvent::power_cut, "decorrelated", 100);
    const FleetResult first = live(options);
    CHECK(first.complete);
    CHECK(same(first, live(options)));
    options.seed = 2;
    CHECK_FALSE(same(first, live(options)));
}

TEST_CASE("no fleet makes its server serve more than it can") {
    for (const FleetPolicy& policy : fleet_policies()) {
        FleetOptions options = small_site(FleetEvent::power_cut, policy.name, 0);
        options.longest_s = 300;
        for (const FleetSecond& second : live(options).seconds)
            CHECK(second.served <= options.requests_per_s);
    }
}

TEST_CASE("a splay over twice the time that serving everybody takes has nobody turned away") {
    FleetOptions options = small_site(FleetEvent::power_cut, "decorrelated", 0);
    options.phones = 1'000;
    options.requests_per_s = 10;
    const FleetResult at_once = live(options);
    options.splay_s = 400;
    const FleetResult spread = live(options);
    CHECK(at_once.refused > 0);
    CHECK(spread.complete);
    CHECK(spread.refused + spread.unanswered == 0);
    CHECK(per_phone_hundredths(spread) == 200);
    CHECK(spread.peak * 5 < at_once.peak);
    CHECK(done_by_ms(spread, 100) < done_by_ms(at_once, 100));
}

TEST_CASE("jitter costs a fleet fewer requests than a fixed wait, doubling alone more time") {
    const FleetResult fixed = live(small_site(FleetEvent::power_cut, "fixed", 0));
    const FleetResult doubling = live(small_site(FleetEvent::power_cut, "exponential", 0));
    const FleetResult jitter = live(small_site(FleetEvent::power_cut, "decorrelated", 0));
    CHECK(jitter.complete);
    CHECK(per_phone_hundredths(jitter) * 2 < per_phone_hundredths(fixed));
    CHECK(*done_by_ms(jitter, 99) * 2 < *done_by_ms(doubling, 99));
}

TEST_CASE("new phones fetch their configuration, reboot and ask a second time") {
    FleetOptions options = small_site(FleetEvent::cold_site, "decorrelated", 300);
    options.requests_per_s = 10'000;
    const FleetResult result = live(options);
    CHECK(result.complete);
    CHECK(result.unconfirmed == 0);
    CHECK(per_phone_hundredths(result) == 400);
    CHECK(*done_by_ms(result, 1) > 2 * fleet_start_least_ms);
    CHECK(result.most_agents <= options.phones);
}

TEST_CASE("when the server is back every phone that missed it has its answer in minutes") {
    const FleetResult result = live(small_site(FleetEvent::server_outage, "decorrelated", 300));
    CHECK(result.complete);
    CHECK(result.affected > 50);
    CHECK(result.affected < 300);
    CHECK(*done_by_ms(result, 100) < 900'000);
    const uint32_t away = result.zero_s - result.begin_s - 60;
    CHECK(result.seconds.size() > away);
    CHECK(result.seconds[away].served == 0);
}

TEST_CASE("when an ACS is back every phone that missed it is heard, two messages each") {
    const FleetResult result = live(small_site(FleetEvent::acs_outage, "tr069", 0));
    CHECK(result.complete);
    CHECK(result.affected > 100);
    CHECK(result.affected < 200);
    CHECK(per_phone_hundredths(result) < 220);
    CHECK(result.peak < 10);
    // The longest wait that half an hour of failures leads to (TR-069 3.2.1.1): 1,280 to 2,560 s.
    CHECK(*done_by_ms(result, 99) < 2'560'000);
}

TEST_CASE("phones that report to their ACS at one moment all miss it, and come back for longer") {
    FleetOptions options = small_site(FleetEvent::acs_outage, "tr069", 0);
    options.phones = 100;
    const FleetResult drawn = live(options);
    options.has_one_moment = true;
    const FleetResult together = live(options);
    CHECK(drawn.affected < 70);
    CHECK(together.affected > 95);
    CHECK(*done_by_ms(drawn, 50) < *done_by_ms(together, 50));
}

TEST_CASE("after a long outage of an ACS the next reports end the waits, each or all at once") {
    FleetOptions options = small_site(FleetEvent::acs_outage, "tr069", 0);
    options.phones = 100;
    options.outage_s = 14'400;
    const FleetResult drawn = live(options);
    CHECK(drawn.complete);
    CHECK(drawn.refused + drawn.unanswered == 0);
    CHECK(*done_by_ms(drawn, 100) <= fleet_interval_min * 60'000);
    options.has_one_moment = true;
    const FleetResult together = live(options);
    CHECK(together.peak > 10 * drawn.peak);
    CHECK_FALSE(together.complete);
}

TEST_CASE("a fleet that gets nowhere is given up and says so") {
    FleetOptions options = small_site(FleetEvent::power_cut, "none", 0);
    options.requests_per_phone = 3;
    const FleetRun run{"none", options, live(options)};
    CHECK_FALSE(run.result.complete);
    CHECK(fleet_last_line(run).ends_with("p99=- last=-"));
}

TEST_CASE("a fleet's figures are whole numbers and fixed point") {
    CHECK(fixed_point(12'345, 2) == "123.45");
    CHECK(fixed_point(5, 2) == "0.05");
    CHECK(grouped(1'234'567) == "1,234,567");
    CHECK(grouped(12) == "12");
    CHECK(duration_words(59) == "59 s");
    CHECK(duration_words(300) == "5 min");
    CHECK(duration_words(303) == "5 min 3 s");
    FleetRun run{"decorrelated", {.phones = 4}, {}};
    run.result.seconds = {{.asked = 1}, {.asked = 7}, {.asked = 2}};
    run.result.done_ms = {1'000, 1'500, 2'000, 2'900};
    run.result.affected = 4;
    run.result.requests = 10;
    run.result.peak = 7;
    run.result.end_s = 3;
    CHECK(done_by_ms(run.result, 50) == 1'500);
    CHECK(fleet_last_line(run) ==
          "fleet: phones=4 policy=decorrelated peak=7 mean=3.3 per_phone=2.50 p99=2.9 last=2.9");
}

TEST_CASE("a fleet's picture names every policy and its figures") {
    const FleetOptions options = small_site(FleetEvent::power_cut, "decorrelated", 420);
    const FleetRun run{"decorrelated", options, live(options)};
    std::vector<FleetPlotRow> rows;
    for (const FleetPolicy& policy : fleet_policies())
        rows.push_back({policy.title, policy.words, false, &run, &run});
    const std::string picture = plot_fleet(FleetEvent::power_cut, rows);
    CHECK(picture.starts_with("<svg "));
    CHECK(picture.ends_with("</svg>\n"));
    for (const FleetPolicy& policy : fleet_policies())
        CHECK(picture.find(std::string(policy.title)) != std::string::npos);
    CHECK(picture.find("2.00 requests a phone") != std::string::npos);
    CHECK(picture.find("7 min") != std::string::npos);
    CHECK(picture == plot_fleet(FleetEvent::power_cut, rows));
}

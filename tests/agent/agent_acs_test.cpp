// SPDX-License-Identifier: Apache-2.0
//
// Whole lives of a phone that an ACS manages: when it reports, of what, and what it keeps.
#include <doctest/doctest.h>

#include "agent/limits.h"
#include "tests/agent/acs_phone.h"

using namespace dialtone;
using namespace dialtone::sim;

TEST_CASE("a new phone tells its ACS that it is new, and later that it has started") {
    Managed it;
    it.live();
    CHECK(it.told() == Told{"0 BOOTSTRAP, 1 BOOT"});
    CHECK(it.reports[0].retry_count == "0");
    it.live();
    CHECK(it.told() == Told{"0 BOOTSTRAP, 1 BOOT", "1 BOOT"});
    CHECK(count_entries(it.site, JournalKind::acs_session) == 2);
    CHECK(!journal_has(it.site, JournalKind::acs_failed));
}

TEST_CASE("a phone that is told not to, has no ACS, or lives only once speaks to none") {
    Managed disabled;
    disabled.set(Setting::tr069_enabled, "0");
    disabled.live();
    CHECK(disabled.reports.empty());
    Managed without;
    without.set(Setting::tr069_acs_url, "");
    without.live();
    CHECK(without.reports.empty());
    Managed once;
    once.options.once = true;
    once.live();
    CHECK(once.reports.empty());
}

TEST_CASE("a phone without a link waits for it, and reports then") {
    Managed it;
    it.site.link_up = false;
    it.live(60, [](sim::World& world) { world.plan_link(20'000, true); });
    CHECK(it.told() == Told{"0 BOOTSTRAP, 1 BOOT"});
    CHECK(it.reports[0].at_ms >= 20'000);
}

TEST_CASE("periodic reports come at their interval, from a drawn moment on") {
    Managed it;
    it.set(Setting::tr069_periodic_enable, "1");
    it.set(Setting::tr069_periodic_interval, "600");
    it.live(3'600);
    REQUIRE(it.reports.size() == 7);
    for (uint32_t i = 1; i < 7; ++i)
        CHECK(it.reports[i].events == "2 PERIODIC");
    for (uint32_t i = 2; i < 7; ++i) {
        CHECK(it.reports[i].at_ms - it.reports[i - 1].at_ms >= 599'000);
        CHECK(it.reports[i].at_ms - it.reports[i - 1].at_ms <= 601'000);
    }
    Managed other;
    other.site.entropy = 2;
    other.set(Setting::tr069_periodic_enable, "1");
    other.set(Setting::tr069_periodic_interval, "600");
    other.live(3'600);
    CHECK(other.reports[1].at_ms != it.reports[1].at_ms);
}

TEST_CASE("a restart that the ACS orders comes after the session, and is reported with its key") {
    Managed it;
    it.calls = {acs_call("Reboot", "<CommandKey>key 1</CommandKey>")};
    it.live();
    CHECK(it.lives == 2);
    CHECK(it.told() == Told{"0 BOOTSTRAP, 1 BOOT", "1 BOOT, M Reboot (key 1)"});
    CHECK(last_entry(it.site, JournalKind::reboot).field("reason") == "the ACS orders it");
    it.live();
    CHECK(it.told().back() == "1 BOOT");
}

TEST_CASE("a factory reset that the ACS orders makes the phone new to it") {
    Managed it;
    it.site.web.put_body(file_url,
                         "<gs_provision version=\"1\"><config version=\"1\"><P47>s</P47></config>"
                         "</gs_provision>\n");
    it.set(Setting::static_url, "http://10.0.0.1/gs");
    it.set(Setting::splay, "0");
    it.live(60);
    REQUIRE(Phone(it.site, it.options).active().number != 0);
    it.reports.clear();
    it.calls = {acs_call("FactoryReset")};
    it.live(60);
    CHECK(journal_has(it.site, JournalKind::factory_reset));
    REQUIRE(it.reports.size() >= 2);
    CHECK(it.reports[0].events == "1 BOOT");
    CHECK(it.reports[1].events.starts_with("0 BOOTSTRAP"));
}

TEST_CASE("a reset that needs no restart makes the phone new, and that is told once") {
    Managed it;
    it.options.profile = "fanvil";
    it.calls = {acs_call("FactoryReset")};
    it.live(60);
    CHECK(it.lives == 1);
    CHECK(it.told() == Told{"0 BOOTSTRAP, 1 BOOT", "0 BOOTSTRAP"});
    it.live();
    CHECK(it.told().back() == "1 BOOT");
}

TEST_CASE("another ACS is told that the phone is new to it") {
    Managed it;
    const std::string other = "http://other.example/acs";
    it.serve(other);
    it.live();
    it.set(Setting::tr069_acs_url, other);
    it.live();
    CHECK(it.told() == Told{"0 BOOTSTRAP, 1 BOOT", "0 BOOTSTRAP, 1 BOOT"});
    CHECK(it.reports[1].url == other);
}

TEST_CASE("an ACS that an operator names is spoken to at once, without a start") {
    Managed it;
    it.options.settings.pop_back();
    it.live(90, [](sim::World& world) {
        world.plan_command(60'000, CommandKind::set, "tr069.acs_url=" + acs_url);
    });
    CHECK(it.told() == Told{"0 BOOTSTRAP, 1 BOOT"});
    CHECK(it.reports[0].at_ms >= 60'000);
    CHECK(it.reports[0].at_ms < 61'000);
}

TEST_CASE("a session that fails is tried again by the waits of TR-069, counted in the Inform") {
    Managed it;
    it.refusal = {.status = 503};
    it.live(400, [&](sim::World& world) { world.plan_link(399'000, false); });
    const uint32_t failed = count_entries(it.site, JournalKind::acs_failed);
    CHECK(failed >= 6);
    CHECK(failed <= 7);
    CHECK(it.reports.empty());

    Managed later;
    later.refusal = {.stalls_before_head = true};
    later.refusal.status = 500;
    later.live(200);
    CHECK(count_entries(later.site, JournalKind::acs_failed) >= 2);
}

TEST_CASE("an ACS that is back hears how often it was tried, and everything that has happened") {
    Managed it;
    uint32_t asked = 0;
    it.site.web.serve(acs_url, [&](const StartTransfer& post) {
        return ++asked <= 2 ? Answer{.status = 500, .body = "sorry"} : it.answer(acs_url, post);
    });
    it.live(60);
    CHECK(it.told() == Told{"0 BOOTSTRAP, 1 BOOT"});
    CHECK(it.reports[0].retry_count == "2");
    CHECK(it.reports[0].at_ms >= 15'000);
    CHECK(it.reports[0].at_ms <= 31'000);
}

TEST_CASE("a busy ACS is left alone for as long as it asks, at least") {
    Managed it;
    uint32_t asked = 0;
    it.site.web.serve(acs_url, [&](const StartTransfer& post) {
        return ++asked == 1 ? Answer{.status = 503, .retry_after = "60"} : it.answer(acs_url, post);
    });
    it.live(90);
    REQUIRE(it.reports.size() == 1);
    CHECK(it.reports[0].at_ms >= 60'000);
}

TEST_CASE("a new event does not wait for the next try") {
    Managed it;
    it.refusal = {.status = 503, .retry_after = "3000"};
    it.set(Setting::tr069_periodic_enable, "1");
    it.set(Setting::tr069_periodic_interval, "100");
    it.live(320);
    CHECK(count_entries(it.site, JournalKind::acs_inform) >= 4);
}

TEST_CASE("there is one session at a time, and what happens meanwhile is told in the next") {
    Managed it;
    it.set(Setting::tr069_periodic_enable, "1");
    it.set(Setting::tr069_periodic_interval, "10");
    RequestId open = 0;
    it.site.web.serve(acs_url, [&](const StartTransfer& post) {
        Answer answer = it.answer(acs_url, post);
        answer.latency_ms = 7'000;
        CHECK((open == 0 || open == post.session));
        open = answer.status == 204 ? 0 : post.session;
        return answer;
    });
    it.live(120);
    CHECK(it.reports.size() >= 7);
    CHECK(it.reports.size() <= 9);
    for (uint32_t i = 1; i < it.reports.size(); ++i)
        CHECK(it.reports[i].events == "2 PERIODIC");
}

TEST_CASE("what an ACS has heard is not told again when its session breaks afterwards") {
    Managed it;
    it.calls = {"<no soap"};
    it.live(60);
    CHECK(it.told() == Told{"0 BOOTSTRAP, 1 BOOT"});
    CHECK(journal_has(it.site, JournalKind::acs_failed));
    it.live(60);
    CHECK(it.told().back() == "1 BOOT");
}

TEST_CASE("an ACS that asks for user and password by digest, and gives cookies, is served") {
    Managed it;
    it.site.web.serve(acs_url, [&](const StartTransfer& post) {
        Answer answer = it.answer(acs_url, post);
        answer.user = "phone";
        answer.password = "hush-acs";
        answer.challenge = Challenge::digest;
        answer.cookie = "session=1";
        return answer;
    });
    it.set(Setting::tr069_user, "phone");
    it.set(Setting::tr069_password, "hush-acs");
    it.calls = {acs_call("GetRPCMethods"),
                acs_call("GetParameterNames", "<ParameterPath/><NextLevel>1</NextLevel>")};
    it.live();
    CHECK(it.told() == Told{"0 BOOTSTRAP, 1 BOOT"});
    CHECK(last_entry(it.site, JournalKind::acs_session).field("calls") == "2");
    CHECK(!journal_names(it.site, "hush"));
}

TEST_CASE("an ACS that closes after each answer is served all the same") {
    Managed it;
    it.site.web.serve(acs_url, [&](const StartTransfer& post) {
        Answer answer = it.answer(acs_url, post);
        answer.connection_close = true;
        return answer;
    });
    it.calls = {acs_call("GetRPCMethods")};
    it.live();
    CHECK(last_entry(it.site, JournalKind::acs_session).field("calls") == "1");
    CHECK(it.site.web.connections() == 3);
}

TEST_CASE("a session over one connection needs no more requests than it has messages") {
    Managed it;
    it.calls = {acs_call("GetRPCMethods"), acs_call("GetRPCMethods")};
    it.live();
    CHECK(it.site.web.connections() == 1);
    CHECK(it.site.web.requests_seen() == 4);
}

TEST_CASE("bad input: whatever an ACS says, the phone is provisioned as if there were none") {
    const std::string odd[] = {"",
                               "<html/>",
                               acs_envelope("", ""),
                               inform_response("77"),
                               acs_fault("8003"),
                               acs_call("Reboot", "", "1"),
                               std::string(300, '\0')};
    for (const std::string& text : odd) {
        CAPTURE(text);
        Managed it;
        it.site.web.put_body(acs_url, text);
        it.site.web.serve(acs_url, [&](const StartTransfer&) { return Answer{.body = text}; });
        it.site.web.put_body(
            file_url,
            "<gs_provision version=\"1\"><config version=\"1\"><P47>s</P47></config>"
            "</gs_provision>\n");
        it.set(Setting::static_url, "http://10.0.0.1/gs");
        it.live(60);
        CHECK(Phone(it.site, it.options).active().find("P47") != nullptr);
        CHECK(journal_has(it.site, JournalKind::acs_failed));
        CHECK(it.lives == 2);
    }
}

TEST_CASE("an order to restart outlives a power cut at any step of the disk, with its key") {
    uint32_t lost = 0;
    for (uint32_t steps = 1; steps <= 12; ++steps) {
        CAPTURE(steps);
        Managed it;
        it.live();
        it.reports.clear();
        it.calls = {acs_call("Reboot", "<CommandKey>k</CommandKey>")};
        it.live(30, [&](sim::World& world) { world.plan_power_cut_after_steps(steps); });
        it.live();
        it.live();
        const Told told = it.told();
        const auto count = std::ranges::count_if(told, [](const std::string& one) {
            return one.find("M Reboot (k)") != std::string::npos;
        });
        // Before it is on the disk, the phone has not restarted for it either.
        const bool restarted = journal_names(it.site, "the ACS orders it");
        if (restarted) CHECK(count >= 1);
        CHECK(told.back() == "1 BOOT");
        lost += count == 0 ? 1 : 0;
    }
    CHECK(lost < 12);
}

TEST_CASE("an ACS is told that the phone is new until that is on the disk, and never after") {
    bool told_once = false;
    bool told_twice = false;
    for (uint32_t steps = 1; steps <= 8; ++steps) {
        CAPTURE(steps);
        Managed it;
        it.live(30, [&](sim::World& world) { world.plan_power_cut_after_steps(steps); });
        it.live();
        it.live();
        const Told told = it.told();
        const auto count = std::ranges::count_if(
            told, [](const std::string& one) { return one.starts_with("0 BOOTSTRAP"); });
        CHECK(count >= 1);
        CHECK(count <= 2);
        CHECK(told.back() == "1 BOOT");
        told_once = told_once || count == 1;
        told_twice = told_twice || count == 2;
    }
    CHECK(told_once);
    CHECK(told_twice);
}

// SPDX-License-Identifier: Apache-2.0
//
// A phone whose state outlives no start: Boot::state_lost, and the setting
// state.persistent.
#include <doctest/doctest.h>

#include "agent/limits.h"
#include "sim/world/phone.h"
#include "tests/agent/discovery/pnp_bench.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string server = "http://10.0.0.1/gs";

// Unprovisioned, with a vendor's profile that asks for a reboot after each apply.
struct Forgetful {
    Site site = {};
    PhoneOptions options = {.once = false};

    explicit Forgetful(bool state_lasts = false) {
        site.web.put_body(server + "/cfg000b82273b89.xml",
                          "<gs_provision version=\"1\"><config version=\"1\"><P47>one</P47>"
                          "</config></gs_provision>\n");
        options.settings = {
            {Setting::static_url, server}, {Setting::order, "static"}, {Setting::splay, "0"}};
        site.state_lasts = state_lasts;
    }
};

}  // namespace

TEST_CASE("a phone whose state is lost at each start is provisioned without a reboot") {
    for (const bool state_lasts : {true, false}) {
        Forgetful it(state_lasts);
        Phone phone(it.site, it.options);
        phone.power_on(
            [](sim::World& world, uint32_t) { world.plan_command(600'000, CommandKind::stop); });
        CHECK(phone.active().number == 1);
        CHECK(phone.reboots() == (state_lasts ? 1 : 0));
        CHECK(it.site.hook_lines.size() == 1);
        CHECK(journal_has(it.site, JournalKind::state_volatile) == !state_lasts);
        CHECK(journal_has(it.site, JournalKind::rest));
    }
}

TEST_CASE("such a phone provisions itself anew after each power-on") {
    Forgetful it;
    Phone phone(it.site, it.options);
    for (uint32_t starts = 1; starts <= 3; ++starts) {
        phone.power_on(
            [](sim::World& world, uint32_t) { world.plan_command(600'000, CommandKind::stop); });
        CHECK(phone.active().number == 1);
        CHECK(phone.reboots() == 0);
        CHECK(count_entries(it.site, JournalKind::applied) == starts);
    }
}

TEST_CASE("such a phone takes over what changes while it runs, without a reboot") {
    Forgetful it;
    Phone phone(it.site, it.options);
    phone.power_on([](sim::World& world, uint32_t) {
        world.plan_command(300'000, CommandKind::set, "P47=two");
        world.plan_command(400'000, CommandKind::resync);
        world.plan_command(900'000, CommandKind::stop);
    });
    CHECK(phone.active().number == 2);
    CHECK(!journal_has(it.site, JournalKind::reboot));
}

TEST_CASE(
    "bad input: a server that wants such a phone to reboot by NOTIFY is asked again instead") {
    Forgetful it;
    Phone phone(it.site, it.options);
    uint32_t lives = 0;
    phone.power_on([&lives](sim::World& world, uint32_t) {
        ++lives;
        const std::string text = test::notify_text("check-sync;reboot=true", {}, {});
        for (uint64_t at_s = 400; at_s < 7'200; at_s += 400)
            world.plan_command(at_s * 1'000, CommandKind::notify, text);
        world.plan_command(7'200'000, CommandKind::stop);
    });
    CHECK(lives == 1);
    CHECK(last_entry(it.site, JournalKind::notified).field("reason").find("could not count") !=
          std::string_view::npos);
    CHECK(count_entries(it.site, JournalKind::plan_unchanged) > 10);
}

TEST_CASE("state.persistent knows better than the world whether the state lasts") {
    struct Row {
        std::string_view said;
        bool world_says;
        bool lasts;
    };
    for (const Row& row :
         {Row{"auto", true, true}, Row{"auto", false, false}, Row{"0", true, false},
          Row{"0", false, false}, Row{"1", true, true}, Row{"1", false, true}}) {
        CAPTURE(std::string(row.said));
        CAPTURE(row.world_says);
        Forgetful it(row.world_says);
        it.options.settings.emplace_back(Setting::state_persistent, row.said);
        it.options.once = true;
        Phone phone(it.site, it.options);
        phone.power_on();
        CHECK((phone.reboots() > 0) == row.lasts);
        CHECK(journal_has(it.site, JournalKind::state_volatile) == !row.lasts);
    }
}

TEST_CASE("state.persistent=1 does not make a directory of what is kept in the process's memory") {
    Forgetful it;
    it.site.state_in_memory = true;
    it.options.settings.emplace_back(Setting::state_persistent, "1");
    it.options.once = true;
    Phone phone(it.site, it.options);
    phone.power_on();
    CHECK(phone.reboots() == 0);
    CHECK(journal_has(it.site, JournalKind::state_volatile));
}

TEST_CASE("an operator's state.persistent counts from the next start") {
    Forgetful it(true);
    it.options.once = false;
    Phone phone(it.site, it.options);
    uint32_t lives = 0;
    const auto script = [&lives](sim::World& world, uint32_t) {
        if (++lives == 2) world.plan_command(100'000, CommandKind::set, "state.persistent=0");
        world.plan_command(600'000, CommandKind::stop);
    };
    phone.power_on(script);
    REQUIRE(lives == 2);  // one provisioning reboot
    CHECK(!journal_has(it.site, JournalKind::state_volatile));
    it.site.web.put_body(server + "/cfg000b82273b89.xml",
                         "<gs_provision version=\"1\"><config version=\"1\"><P47>two</P47>"
                         "</config></gs_provision>\n");
    phone.power_on(script);
    CHECK(lives == 3);
    CHECK(last_entry(it.site, JournalKind::state_volatile).field("reason") ==
          "state.persistent is 0");
    CHECK(phone.active().number == 3);
}

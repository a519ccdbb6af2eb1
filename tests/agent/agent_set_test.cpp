// SPDX-License-Identifier: Apache-2.0
//
// What an operator sets while the phone does something else: agent/agent_inbox.cpp, and
// Agent::take_setting().
#include <doctest/doctest.h>

#include <algorithm>

#include "agent/limits.h"
#include "agent/pass/pass.h"
#include "sim/world/phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string server = "http://10.0.0.1/gs";
const std::string own_file = server + "/cfg000b82273b89.xml";

std::string sip_server(std::string_view name) {
    return "<gs_provision version=\"1\"><config version=\"1\"><P47>" + std::string(name) +
           "</P47></config></gs_provision>\n";
}

// A phone with a configuration that has found nothing new after its start and rests, from some
// seconds on. Its daemon stops at `stop_ms`.
struct Resting {
    Site site = {};
    PhoneOptions options = {};
    uint64_t stop_ms = 60'000;
    std::vector<Reply> replies = {};
    Generation active = {};

    explicit Resting(std::string_view order = "static") {
        site.web.put_body(own_file, sip_server("one"));
        options.settings = {{Setting::static_url, server}, {Setting::order, std::string(order)}};
        Phone(site, options).power_on();
        options.once = false;
        options.settings.emplace_back(Setting::splay, "0");
    }

    template <typename Prepare>
    void live(Prepare prepare) {
        site.journal.clear();
        site.hook_lines.clear();
        Phone phone(site, options);
        phone.power_on([&](sim::World& world, uint32_t) {
            prepare(world);
            world.plan_command(stop_ms, CommandKind::stop);
        });
        replies = phone.replies();
        active = phone.active();
    }

    void set(sim::World& world, uint64_t at_ms, std::string argument) {
        world.plan_command(at_ms, CommandKind::set, std::move(argument));
    }
    uint32_t passes() const { return count_entries(site, JournalKind::pass_begins); }
    uint32_t applied() const { return count_entries(site, JournalKind::applied); }
    std::string value(std::string_view key) const {
        const Item* item = active.find(key);
        return item ? item->value : "";
    }
    uint64_t at_ms(JournalKind kind) const { return last_entry(site, kind).at_ms; }
};

}  // namespace

TEST_CASE("a value that no pass uses is set at once and asks nobody") {
    Resting resting("pnp,static");
    resting.live([&](sim::World& world) { resting.set(world, 30'000, "P270=front desk"); });
    CHECK(resting.value("P270") == "front desk");
    REQUIRE(resting.replies.size() == 2);
    CHECK(resting.replies[0].ok);
    CHECK(resting.replies[0].text == "done");
    CHECK(resting.passes() == 1);
    CHECK(resting.at_ms(JournalKind::applied) < 30'100);
    CHECK(resting.site.hook_lines == std::vector<std::string>{"P270=front desk\n"});
}

TEST_CASE("a setting that a pass uses makes the phone ask its sources anew, once the hooks ran") {
    Resting resting;
    resting.site.web.put_body(server + "/new/cfg000b82273b89.xml", sip_server("two"));
    resting.options.settings.erase(resting.options.settings.begin());
    resting.live(
        [&](sim::World& world) { resting.set(world, 30'000, "static.url=" + server + "/new"); });
    CHECK(resting.value("P47") == "two");
    CHECK(resting.value("static.url") == server + "/new");
}

TEST_CASE("every setting is known as one that a pass uses, or as one that it does not") {
    constexpr Setting others[] = {Setting::static_interval,
                                  Setting::pnp_interval,
                                  Setting::dhcp_renew_check,
                                  Setting::trial_timeout,
                                  Setting::splay,
                                  Setting::clock_sntp,
                                  Setting::hooks_dir,
                                  Setting::hooks_file_dir,
                                  Setting::tr069_enabled,
                                  Setting::tr069_acs_url,
                                  Setting::tr069_dhcp,
                                  Setting::tr069_user,
                                  Setting::tr069_password,
                                  Setting::tr069_periodic_enable,
                                  Setting::tr069_periodic_interval,
                                  Setting::tr069_connection_request_port,
                                  Setting::tr069_connection_request_user,
                                  Setting::tr069_connection_request_password,
                                  Setting::tr069_connection_request_algorithm,
                                  Setting::tr069_stun_enable,
                                  Setting::tr069_stun_server,
                                  Setting::tr069_stun_port,
                                  Setting::tr069_stun_user,
                                  Setting::tr069_stun_password,
                                  Setting::tr069_stun_min_s,
                                  Setting::tr069_stun_max_s,
                                  Setting::state_persistent};
    for (const SettingForm& form : all_settings()) {
        CAPTURE(std::string(form.name));
        CHECK(steers_pass(form.setting) == (std::ranges::count(others, form.setting) == 0));
    }
}

TEST_CASE("a value set during a download leaves it under way, and both are kept") {
    Resting resting;
    resting.site.web.put(own_file, {.body = sip_server("two"), .latency_ms = 5'000});
    resting.live([&](sim::World& world) { resting.set(world, 2'000, "P270=front desk"); });
    CHECK(resting.value("P270") == "front desk");
    CHECK(resting.value("P47") == "two");
    CHECK(resting.applied() == 2);
}

TEST_CASE("a setting that a pass uses, set during its download, ends the pass and begins it anew") {
    Resting resting;
    resting.site.web.put(own_file, {.body = sip_server("one"), .latency_ms = 5'000});
    resting.live([&](sim::World& world) { resting.set(world, 2'000, "provision.user=desk"); });
    CHECK(resting.passes() == 2);
    CHECK(resting.replies[0].ok);
    CHECK(resting.applied() == 1);
}

TEST_CASE(
    "a setting that a pass uses, set to what it was during its download, begins it anew, too") {
    Resting resting;
    resting.site.web.put(own_file, {.body = sip_server("one"), .latency_ms = 5'000});
    resting.live([&](sim::World& world) { resting.set(world, 2'000, "pnp.enabled=1"); });
    CHECK(resting.passes() == 2);
    CHECK(resting.applied() == 1);
}

TEST_CASE("several values in one set are one generation and one run of the hooks") {
    Resting resting;
    resting.live(
        [&](sim::World& world) { resting.set(world, 30'000, "P270=desk\nP271=1\nP3=Ann"); });
    CHECK(resting.value("P270") == "desk");
    CHECK(resting.value("P271") == "1");
    CHECK(resting.value("P3") == "Ann");
    CHECK(resting.applied() == 1);
    CHECK(resting.site.hook_lines.size() == 1);
    CHECK(resting.replies.size() == 2);
}

TEST_CASE("each of several sets has its own answer, in their order") {
    Resting resting;
    resting.live([&](sim::World& world) {
        resting.set(world, 30'000, "P270=a");
        resting.set(world, 30'000, "splay=never");
        resting.set(world, 30'000, "P271=b");
        resting.set(world, 30'000, "P270=a");
    });
    REQUIRE(resting.replies.size() == 5);
    CHECK(std::ranges::count(resting.replies, std::string("done"), &Reply::text) == 2);
    CHECK(std::ranges::count(resting.replies, std::string("it is set so already"), &Reply::text) ==
          1);
    CHECK(std::ranges::count(resting.replies, false, &Reply::ok) == 1);
    CHECK(resting.value("P270") == "a");
    CHECK(resting.value("P271") == "b");
    CHECK(resting.passes() == 1);
}

TEST_CASE("of two servers that are set at once the pin is at the second one") {
    Site site;
    PhoneOptions options;
    options.once = false;
    options.settings = {{Setting::order, "static"}, {Setting::splay, "0"}};
    Phone phone(site, options);
    phone.power_on([](sim::World& world, uint32_t) {
        world.plan_command(30'000, CommandKind::set, "static.url=http://10.0.0.7/a/");
        world.plan_command(30'000, CommandKind::set, "static.url=http://10.0.0.8/b/");
        world.plan_command(30'000, CommandKind::set, "P270=desk");
        world.plan_command(60'000, CommandKind::stop);
    });
    CHECK(phone.record().trust.pin.host == "10.0.0.8");
}

TEST_CASE("bad input: more sets at once than may wait are refused, and the others are done") {
    constexpr uint32_t sets = limits::commands_queued + 3;
    constexpr std::string_view refused = "too many commands are waiting; try again";
    Resting resting;
    resting.live([&](sim::World& world) {
        for (uint32_t i = 0; i < sets; ++i)
            resting.set(world, 30'000, "P27" + std::to_string(i) + "=x");
    });
    const auto said = [&](std::string_view text) {
        return std::ranges::count(resting.replies, text, &Reply::text);
    };
    CHECK(said(refused) >= 1);
    CHECK(said("done") + said(refused) == sets);
    CHECK(resting.passes() == 1);
}

TEST_CASE("bad input: two sets while the hooks run leave the pin with the second one's server") {
    Resting resting;
    resting.options.settings.erase(resting.options.settings.begin());  // the server
    resting.live([&](sim::World& world) {
        // The hooks of the first one are under way when the others come.
        resting.set(world, 30'000, "P270=x");
        resting.set(world, 30'001, "static.url=http://10.0.0.7/a/");
        resting.set(world, 30'001, "static.url=http://10.0.0.8/b/");
    });
    CHECK(Phone(resting.site, {}).record().trust.pin.host == "10.0.0.8");
}

TEST_CASE("bad input: a disk that is full refuses a set with its reason, and the phone goes on") {
    Resting resting;
    resting.live([&](sim::World& world) {
        resting.site.disk.fail_from(1, "no space left on device");
        resting.set(world, 30'000, "P270=front desk");
    });
    CHECK(!resting.replies[0].ok);
    CHECK(resting.value("P270").empty());
    CHECK(resting.passes() == 1);
}

TEST_CASE("a period that is set counts from then on, without asking anybody") {
    Resting resting;
    resting.stop_ms = 10'800'000;
    resting.options.settings.emplace_back(Setting::static_mode, "interval");
    resting.live([&](sim::World& world) { resting.set(world, 30'000, "static.interval=60"); });
    CHECK(resting.passes() == 3);
}

TEST_CASE("a value set while a file waits to be applied is not lost, nor is the file") {
    Resting resting;
    resting.site.web.put_body(own_file, sip_server("two"));
    resting.live([&](sim::World& world) {
        for (uint64_t at_ms = 1; at_ms < 400; at_ms += 7)
            resting.set(world, at_ms, "P270=" + std::to_string(at_ms));
    });
    CHECK(resting.value("P47") == "two");
    CHECK(!resting.value("P270").empty());
}

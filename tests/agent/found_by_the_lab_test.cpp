// SPDX-License-Identifier: Apache-2.0
//
// What `dialtone-lab swarm` found wrong in the agent, each as the shortest story that shows it;
// docs/found-by-the-lab.md names the seeds.
#include <doctest/doctest.h>

#include "agent/clock/sntp.h"
#include "sim/world/phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string server = "http://10.0.0.1/gs";
const std::string own_file = server + "/cfg000b82273b89.xml";
const std::string lease_server = "http://10.0.0.7/dhcp";

std::string sip_server(std::string_view name) {
    return "<gs_provision version=\"1\"><config version=\"1\"><P47>" + std::string(name) +
           "</P47></config></gs_provision>\n";
}

PhoneOptions daemon(std::string order) {
    PhoneOptions options;
    options.once = false;
    options.settings = {{Setting::order, std::move(order)}, {Setting::splay, "0"}};
    return options;
}

// With it --once has eleven seconds in which it takes commands.
PhoneOptions asking_nobody() {
    PhoneOptions options;
    options.settings = {{Setting::order, "pnp"}};
    return options;
}

// A disk whose steps take as long as they are told to.
class SlowDisk : public FaultInjector {
  public:
    StorageFault storage_fault(const Storage& step) override {
        return {.delay_ms = step.step == StorageStep::read ? 1 : delay_ms};
    }
    uint32_t delay_ms = 1;
};

// The disk does not answer any more after so many steps.
class StuckDisk : public FaultInjector {
  public:
    StorageFault storage_fault(const Storage& step) override {
        if (step.step == StorageStep::read) return {};
        return {.delay_ms = steps_left == 0 ? 600'000U : (--steps_left, 1U)};
    }
    uint32_t steps_left = 100;
};

}  // namespace

TEST_CASE("a trial whose time is up while its start is written down ends when that is done") {
    Site site;
    SlowDisk disk;
    site.fault_injector = &disk;
    site.web.put_body(own_file, sip_server("one"));
    PhoneOptions options = daemon("static");
    options.settings.emplace_back(Setting::static_url, server);
    options.settings.emplace_back(Setting::trial_timeout, "1");
    Phone phone(site, options);
    phone.power_on([&](sim::World& world, uint32_t reboots) {
        if (reboots == 1) {
            world.plan_command(2'000, CommandKind::resync);
            site.web.put_body(own_file, sip_server("two"));
        }
        if (reboots == 2) {
            disk.delay_ms = 700;
            site.web.set_down(true);
            world.plan_command(60'000, CommandKind::stop);
        }
    });
    CHECK(journal_has(site, JournalKind::trial_begins));
    CHECK(journal_has(site, JournalKind::trial_failed));
}

TEST_CASE("a trial whose time is up while the hooks run ends after them") {
    class SlowHooks : public FaultInjector {
        uint32_t hooks_duration_ms(const RunHooks&) override { return 3'000; }
    };
    Site site;
    SlowHooks hooks;
    site.fault_injector = &hooks;
    site.web.put_body(own_file, sip_server("one"));
    PhoneOptions options = daemon("static");
    options.settings.emplace_back(Setting::static_url, server);
    options.settings.emplace_back(Setting::trial_timeout, "1");
    Phone phone(site, options);
    phone.power_on([&](sim::World& world, uint32_t reboots) {
        if (reboots == 1) {
            world.plan_command(10'000, CommandKind::resync);
            site.web.put_body(own_file, sip_server("two"));
        }
        if (reboots == 2) {
            site.web.set_down(true);
            world.plan_command(60'000, CommandKind::stop);
        }
    });
    CHECK(journal_has(site, JournalKind::trial_failed));
}

// The predecessor is an operator's: no server is its own, and in the end none answers.
TEST_CASE("a trial that fails where an operator's configuration went before comes to an end") {
    Site site;
    site.web.put_body("http://10.0.0.7/dhcp/cfg000b82273b89.xml", sip_server("by dhcp"));
    PhoneOptions options = daemon("dhcp");
    options.settings.emplace_back(Setting::trial_timeout, "20");
    options.settings.emplace_back(Setting::dhcp_inform, "0");
    Phone phone(site, options);
    phone.power_on([&](sim::World& world, uint32_t reboots) {
        if (reboots == 0) {
            world.plan_command(100, CommandKind::set, "P330=1");
            world.plan_lease(5'000, LeaseNews::bound, {{66, lease_server}});
            return;
        }
        site.web.set_down(true);
        world.plan_command(200'000, CommandKind::set, "P331=2");
        world.plan_command(300'000, CommandKind::stop);
    });
    CHECK(journal_has(site, JournalKind::trial_failed));
    CHECK(journal_has(site, JournalKind::return_failed));
    CHECK(phone.record().trial == TrialState::none);
    const Generation active = phone.active();
    CHECK(active.find("P331") != nullptr);
}

TEST_CASE("a phone that applies without a restart comes back from a configuration in its time") {
    Site site;
    const std::string file = "http://10.0.0.1/fanvil/0c383e07e16c.cfg";
    const auto text = [](std::string_view number) {
        return "<<VOIP CONFIG FILE>>Version:2.0002\n<SIP CONFIG MODULE>\nSIP1 Phone Number :" +
               std::string(number) + "\n<<END OF FILE>>\n";
    };
    site.web.put_body(file, text("1"));
    PhoneOptions options = daemon("static");
    options.profile = "fanvil";
    options.mac = "0C383E07E16C";
    options.settings.emplace_back(Setting::static_url, file);
    options.settings.emplace_back(Setting::trial_timeout, "30");
    // The second configuration breaks the phone's network.
    class BreakingNetwork : public FaultInjector {
      public:
        BreakingNetwork(Site& site, std::string file, std::string second)
            : site_(site), file_(std::move(file)), second_(std::move(second)) {}
        uint32_t hooks_duration_ms(const RunHooks& hooks) override {
            site_.web.set_down(hooks.key_lines.find("=2") != std::string::npos);
            return 1;
        }
        void on_scheduled_event(sim::World&, uint32_t) override {
            site_.web.put_body(file_, second_);
        }

      private:
        Site& site_;
        std::string file_;
        std::string second_;
    };
    BreakingNetwork network(site, file, text("2"));
    site.fault_injector = &network;
    Phone phone(site, options);
    phone.power_on([](sim::World& world, uint32_t) {
        world.schedule_event(10'000, 0);
        world.plan_command(12'000, CommandKind::resync);
        world.plan_command(100'000, CommandKind::stop);
    });
    CHECK(phone.reboots() == 0);
    CHECK(journal_has(site, JournalKind::trial_failed));
    CHECK(journal_has(site, JournalKind::rolled_back));
    CHECK(phone.record().active == 1);
}

TEST_CASE("time servers that are asked anew leave no socket behind") {
    RequestIds ids;
    Sntp sntp{ids};
    Rng rng{1};
    uint32_t opened = 0;
    uint32_t closed = 0;
    const Address address{{10, 0, 0, 3}, 4};
    for (uint32_t start = 0; start < 2; ++start) {
        sntp.start({}, "10.0.0.3", 0, rng);
        RequestId asked = 0;
        const auto drain = [&] {
            while (auto effect = sntp.next()) {
                if (const auto* resolve = std::get_if<Resolve>(&*effect)) asked = resolve->id;
                opened += std::holds_alternative<OpenSocket>(*effect) ? 1 : 0;
                closed += std::holds_alternative<CloseSocket>(*effect) ? 1 : 0;
            }
        };
        drain();
        sntp.handle({}, Resolved{asked, std::span(&address, 1), {}});
        drain();
    }
    CHECK(opened == 2);
    CHECK(closed == 1);
}

// The process ends between the write of the record and its sync; the next one finds the record in
// the system's memory and goes on with the reset; then the power goes away.
TEST_CASE("a factory reset that another process began is no half one after a power cut") {
    for (uint32_t cut_after = 0; cut_after < 12; ++cut_after) {
        Site site;
        StuckDisk disk;
        site.fault_injector = &disk;
        site.web.put_body(own_file, sip_server("one"));
        PhoneOptions options;
        options.settings = {{Setting::static_url, server}, {Setting::order, "static"}};
        Phone(site, options).power_on();
        Phone phone(site, asking_nobody());
        disk.steps_left = 4;  // the record is written and not synced; --once is over before
        phone.power_on([](sim::World& world, uint32_t) {
            world.plan_command(1'000, CommandKind::factory_reset);
        });
        REQUIRE(phone.record().active == 0);
        disk.steps_left = 100;
        phone.power_on(
            [&](sim::World& world, uint32_t) { world.plan_power_cut_after_steps(cut_after); });
        INFO(cut_after);
        const bool whole = phone.record().active == 0 || phone.active().number != 0;
        CHECK(whole);
    }
}

TEST_CASE("a command that is under way when the life ends is answered, and so is a stop") {
    Site site;
    SlowDisk disk;
    site.fault_injector = &disk;
    disk.delay_ms = 60'000;
    Phone phone(site, asking_nobody());
    phone.power_on([](sim::World& world, uint32_t) {
        world.plan_command(1'000, CommandKind::factory_reset);
        world.plan_command(2'000, CommandKind::stop);
    });
    REQUIRE(phone.replies().size() == 2);
    CHECK(!phone.replies()[0].ok);
    CHECK(phone.replies()[1].ok);
}

TEST_CASE("commands that wait while the phone is about to restart are answered before it does") {
    Site site;
    SlowDisk disk;
    site.fault_injector = &disk;
    site.web.put_body(own_file, sip_server("one"));
    PhoneOptions options = daemon("static");
    options.settings.emplace_back(Setting::static_url, server);
    Phone phone(site, options);
    std::vector<Reply> replies;
    phone.power_on([&](sim::World& world, uint32_t reboots) {
        if (reboots == 1) replies = phone.replies();
        if (reboots > 0) return world.plan_power_cut(5'000);
        disk.delay_ms = 1'000;  // the first configuration takes seconds to be written
        world.plan_command(1'000, CommandKind::factory_reset);
        world.plan_command(1'001, CommandKind::set, "P47=two");
        world.plan_command(1'002, CommandKind::confirm);
        world.plan_command(1'003, CommandKind::stop);
        world.plan_command(1'004, CommandKind::resync);
    });
    CHECK(replies.size() == 5);
    for (const Reply& reply : replies) {
        CHECK_FALSE(reply.ok);
        CHECK(reply.text == "the phone reboots; try again in a moment");
    }
}

TEST_CASE("a return that the disk refuses at the start leaves the phone on trial, up and asking") {
    Site site;
    site.web.put_body(own_file, sip_server("one"));
    PhoneOptions options = daemon("static");
    options.settings.emplace_back(Setting::static_url, server);
    Phone phone(site, options);
    const auto cut_soon = [](sim::World& world, uint32_t) { world.plan_power_cut(5'000); };
    phone.power_on(cut_soon);
    site.web.put_body(own_file, sip_server("two"));
    phone.power_on([&](sim::World& world, uint32_t reboots) {
        site.web.set_down(reboots == 1);
        world.plan_power_cut(5'000);
    });
    while (phone.record().trial_boots < limits::trial_boots)
        phone.power_on(cut_soon);
    site.web.set_down(false);
    site.web.forget_requests();
    site.disk.fail_from(1, "Input/output error");
    phone.power_on(cut_soon);
    CHECK(!site.web.requests().empty());
    CHECK(phone.record().trial == TrialState::trying);
    site.disk.fail_from(0, {});
    phone.power_on(cut_soon);
    CHECK(phone.active().find("P47")->value == "one");
}

TEST_CASE("what earlier processes did not sync is on the medium before an operator is told so") {
    for (uint32_t steps = 0; steps < 10; ++steps) {
        for (uint32_t more_steps = 0; more_steps < 10; ++more_steps) {
            CAPTURE(steps);
            CAPTURE(more_steps);
            Site site;
            StuckDisk disk;
            site.fault_injector = &disk;
            site.web.put_body(own_file, sip_server("one"));
            PhoneOptions options;
            options.settings = {{Setting::static_url, server}, {Setting::order, "static"}};
            Phone(site, options).power_on();
            Phone phone(site, asking_nobody());
            const auto set = [](sim::World& world, uint32_t) {
                world.plan_command(1'000, CommandKind::set, "P270=desk");
            };
            disk.steps_left = steps;
            phone.power_on(set);
            disk.steps_left = more_steps;
            phone.power_on(set);
            disk.steps_left = 100;
            phone.power_on([&](sim::World& world, uint32_t reboots) {
                set(world, reboots);
                world.plan_power_cut(9'000);
            });
            REQUIRE(phone.replies().size() == 1);
            CHECK(phone.replies()[0].ok);
            REQUIRE(phone.active().find("P270") != nullptr);
            CHECK(phone.active().find("P47")->value == "one");
        }
    }
}

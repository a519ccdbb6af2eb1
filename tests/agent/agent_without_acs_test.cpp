// SPDX-License-Identifier: Apache-2.0
//
// A phone that changes between builds with TR-069 and without it: each comes up with the state that
// the other has written, and what is kept for the ACS is there when it is asked again.
#include <doctest/doctest.h>

#include "tests/agent/acs_phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string interval = "Device.ManagementServer.PeriodicInformInterval";

std::string file_with(std::string_view value) {
    return "<gs_provision version=\"1\"><config version=\"1\"><P47>" + std::string(value) +
           "</P47></config></gs_provision>\n";
}

// Its ACS has told it of everything that is kept: a session and a restart with keys, attributes,
// an object, values.
struct Changing : Managed {
    Changing() {
        options.file_settings = {{Setting::tr069_acs_url, acs_url},
                                 {Setting::tr069_periodic_enable, "0"}};
        std::erase_if(options.settings, [](const auto& one) {
            return one.first == Setting::tr069_acs_url ||
                   one.first == Setting::tr069_periodic_enable;
        });
        set(Setting::splay, "0");
        set(Setting::static_url, "http://10.0.0.1/gs");
        site.web.put_body(file_url, file_with("one"));
        live(60);
        calls = {set_values({{interval, "1800"}}, "key 1"),
                 acs_call("AddObject",
                          "<ObjectName>Device.Services.VoiceService.1.VoiceProfile.</ObjectName>"
                          "<ParameterKey>key 2</ParameterKey>"),
                 acs_call("SetParameterAttributes",
                          "<ParameterList><SetParameterAttributesStruct><Name>" + interval +
                              "</Name><NotificationChange>1</NotificationChange><Notification>2"
                              "</Notification><AccessListChange>0</AccessListChange><AccessList/>"
                              "</SetParameterAttributesStruct></ParameterList>"),
                 acs_call("ScheduleInform",
                          "<DelaySeconds>300</DelaySeconds><CommandKey>s1</CommandKey>"),
                 acs_call("Reboot", "<CommandKey>k1</CommandKey>")};
        // Nobody hears that it has restarted.
        live(30, [this](sim::World& world) {
            world.plan_power_cut(20'000);
            if (calls.empty()) refusal = {.status = 503};
        });
        refusal = {.status = 0};
        reports.clear();
        informs.clear();
        REQUIRE(record().acs.events.size() == 1);
        REQUIRE(record().acs.scheduled.size() == 1);
        REQUIRE(record().acs.counters.size() == 1);
        REQUIRE(!record().acs.watched.empty());
        REQUIRE(record().acs.bootstrapped != Sha256{});
    }

    // A life of a build without TR-069, and the lives that its restarts begin.
    void live_without(uint64_t for_s) {
        site.power_on_ms = site.clock_ms;
        for (uint32_t reboots = 0;; ++reboots) {
            sim::World world(site);
            world.plan_command(for_s * 1000, CommandKind::stop);
            Agent agent(options_without());
            const Boot boot = world.boot(
                reboots == 0 ? ResetCause::power_on : ResetCause::provisioning_reboot, reboots);
            if (dialtone::live(world, agent, boot).kind == Departure::Kind::exit) return;
        }
    }
    AgentOptions options_without() const {
        AgentOptions out;
        out.profile = find_profile(options.profile);
        out.identity = *identity_from_mac(options.mac);
        out.interface = "eth0";
        out.floor_s = options.floor_s;
        for (const auto& [setting, value] : options.settings)
            REQUIRE(out.settings.set(Layer::command_line, setting, value));
        for (const auto& [setting, value] : options.file_settings)
            REQUIRE(out.settings.set(Layer::file, setting, value));
        return out;
    }
    std::string value() {
        const Generation generation = active();
        const Item* item = generation.find("P47");
        return item != nullptr ? item->value : "-";
    }
};

}  // namespace

TEST_CASE("a build without TR-069 comes up with the state of one that has it, and asks no ACS") {
    Changing it;
    it.site.journal.clear();
    it.live_without(60);
    CHECK(it.reports.empty());
    CHECK(it.value() == "one");
    CHECK(!journal_has(it.site, JournalKind::state_recovered));
    CHECK(!journal_has(it.site, JournalKind::state_of_later));
    CHECK(!journal_has(it.site, JournalKind::reboot));
}

TEST_CASE("what is kept for an ACS outlives a build without TR-069, whatever that one writes") {
    Changing it;
    const AcsMemory before = it.record().acs;
    const uint32_t sequence = it.record().sequence;
    it.site.web.put_body(file_url, file_with("two"));
    it.live_without(60);
    CHECK(it.value() == "two");
    CHECK(it.record().sequence > sequence);
    CHECK(it.record().trial == TrialState::none);
    CHECK(it.record().acs == before);
    CHECK(it.set_by_acs("tr069.periodic_interval") == "1800");
    CHECK(it.set_by_acs(parameter_key_name) == "key 2");
    it.live(400);
    CHECK(it.told() == Told{"1 BOOT, M Reboot (k1)", "3 SCHEDULED, M ScheduleInform (s1)"});
    CHECK(it.record().acs.counters == before.counters);
}

TEST_CASE("a trial of an ACS is no trial of a file server's, and ends without TR-069, too") {
    Changing it;
    it.calls = {set_values({{"Device.ManagementServer.URL", "http://nobody.example/acs"}})};
    it.live(30, [](sim::World& world) { world.plan_power_cut(10'000); });
    REQUIRE(it.record().acs_trial.under_way);
    it.live_without(2'000);
    CHECK(it.record().trial == TrialState::none);
    CHECK(it.value() == "one");
}

TEST_CASE(
    "a build with TR-069 comes up with the state of one without it, as a new phone to its ACS") {
    Managed it;
    it.set(Setting::static_url, "http://10.0.0.1/gs");
    it.set(Setting::splay, "0");
    it.site.web.put_body(file_url, file_with("one"));
    AgentOptions options;
    options.profile = find_profile("grandstream");
    options.identity = *identity_from_mac("000B82273B89");
    options.interface = "eth0";
    options.floor_s = it.options.floor_s;
    for (const auto& [setting, value] : it.options.settings)
        REQUIRE(options.settings.set(Layer::command_line, setting, value));
    {
        sim::World world(it.site);
        Agent agent(std::move(options));
        const Boot boot = world.boot(ResetCause::power_on, 0);
        CHECK(dialtone::live(world, agent, boot).kind == Departure::Kind::reboot);
    }
    REQUIRE(it.active().number == 1);
    it.live(60);
    CHECK(it.told() == Told{"0 BOOTSTRAP, 1 BOOT"});
    CHECK(!journal_has(it.site, JournalKind::state_recovered));
    CHECK(it.record().trial == TrialState::none);
}

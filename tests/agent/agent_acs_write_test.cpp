// SPDX-License-Identifier: Apache-2.0
//
// Whole lives of a phone whose ACS changes its configuration: each call is one transaction, and
// those of one session are one trial.
#include <doctest/doctest.h>

#include <algorithm>

#include "agent/limits.h"
#include "tests/agent/acs_phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string interval = "Device.ManagementServer.PeriodicInformInterval";
const std::string enable = "Device.ManagementServer.PeriodicInformEnable";
const std::string url_of_acs = "Device.ManagementServer.URL";
const std::string other_acs = "http://other.example/acs";
const std::string interval_key = "tr069.periodic_interval";
const std::string file_text =
    "<gs_provision version=\"1\"><config version=\"1\"><P47>s</P47></config></gs_provision>\n";

// Its settings are not the command line's, which would win.
struct Changed : Managed {
    Changed() {
        options.file_settings = {{Setting::tr069_acs_url, acs_url},
                                 {Setting::tr069_periodic_enable, "0"}};
        std::erase_if(options.settings, [](const auto& one) {
            return one.first == Setting::tr069_acs_url ||
                   one.first == Setting::tr069_periodic_enable;
        });
        set(Setting::splay, "0");
        set(Setting::trial_timeout, "60");
    }
    // It has a configuration by a file already, and its ACS knows it.
    void install() {
        site.web.put_body(file_url, file_text);
        set(Setting::static_url, "http://10.0.0.1/gs");
        live(60);
        REQUIRE(active().number == 1);
        reports.clear();
        informs.clear();
        said.clear();
        site.journal.clear();
    }
    std::string status(uint32_t answer) const {
        REQUIRE(answer < said.size());
        return std::string(said[answer].arguments().word("Status").value_or("none"));
    }
    uint32_t fault(uint32_t answer) const {
        REQUIRE(answer < said.size());
        const SoapMessage& message = said[answer];
        const auto detail = message.arguments().child("detail");
        return detail ? message.fault->code : 0;
    }
};

std::string value_in(const SoapMessage& message, std::string_view name) {
    const auto list = message.arguments().child("ParameterList");
    if (!list) return "no list";
    for (const SoapView& one : list->children()) {
        if (one.word("Name") == name) return std::string(one.child("Value")->text());
    }
    return "not there";
}

std::string get_value(const std::string& name) {
    return acs_call("GetParameterValues",
                    "<ParameterNames><string>" + name + "</string></ParameterNames>");
}

}  // namespace

TEST_CASE("what an ACS sets is durable when it is answered, and read back in the same session") {
    Changed it;
    it.install();
    it.calls = {set_values({{interval, "1800"}}, "key 1"), get_value(interval)};
    it.live(20);
    REQUIRE(it.said.size() == 2);
    CHECK(it.said[0].method() == "SetParameterValuesResponse");
    CHECK(it.status(0) == "0");
    CHECK(value_in(it.said[1], interval) == "1800");
    CHECK(it.set_by_acs(interval_key) == "1800");
    CHECK(it.set_by_acs(parameter_key_name) == "key 1");
    CHECK(it.record().trial == TrialState::none);
    CHECK(last_entry(it.site, JournalKind::trial_confirmed).field("by") == "its ACS");
    it.live(20);
    CHECK(value_in(it.informs.back(), "Device.ManagementServer.ParameterKey") == "key 1");
}

TEST_CASE("a change by the ACS asks no source again and restarts nothing") {
    Changed it;
    it.install();
    uint32_t asked = 0;
    it.site.web.serve(file_url, [&](const StartTransfer&) {
        ++asked;
        return Answer{.body = file_text};
    });
    it.set(Setting::order, "pnp,static");
    uint32_t lives_before = it.lives;
    it.calls = {set_values({{interval, "1800"}}), set_values({{enable, "true"}})};
    it.live(200);
    CHECK(it.lives == lives_before + 1);
    CHECK(asked == 1);
    CHECK(count_entries(it.site, JournalKind::pass_begins) == 1);
    CHECK(!journal_has(it.site, JournalKind::reboot));
    CHECK(count_entries(it.site, JournalKind::applied) == 2);
}

TEST_CASE("several changes of a session are one trial, whose predecessor is the one before them") {
    Changed it;
    it.install();
    const uint32_t before = it.active().number;
    it.calls = {set_values({{interval, "1800"}}), set_values({{interval, "1900"}}),
                set_values({{interval, "2000"}})};
    // The third one is durable, and its session ends no more.
    it.live(9, [&](sim::World&) {
        it.site.web.serve(acs_url, [&](const StartTransfer& post) {
            if (it.said.size() == 2) return Answer{.stalls_before_head = true};
            return it.answer(acs_url, post);
        });
    });
    CHECK(it.set_by_acs(interval_key) == "2000");
    CHECK(it.record().trial == TrialState::trying);
    CHECK(it.record().acs_trial == AcsTrial{.under_way = true, .several = true});
    CHECK(it.record().other == before);
}

TEST_CASE("after a session that failed the ACS is asked anew, and confirms what it had changed") {
    Changed it;
    it.install();
    it.calls = {set_values({{interval, "1800"}}), "<no soap"};
    it.live(60);
    CHECK(it.told() == Told{"1 BOOT", "X 000B82 TRIAL"});
    CHECK(it.record().trial == TrialState::none);
    CHECK(it.set_by_acs(interval_key) == "1800");
}

TEST_CASE("an ACS that is not heard again in the trial's time loses what it has changed") {
    Changed it;
    it.install();
    it.calls = {set_values({{interval, "1800"}}, "key 2"), "<no soap"};
    bool gone = false;
    it.live(400, [&](sim::World&) {
        it.site.web.serve(acs_url, [&](const StartTransfer& post) {
            gone = gone || it.said.size() == 1;
            return gone && it.site.clock_ms - it.site.power_on_ms < 80'000
                       ? Answer{.status = 503}
                       : it.answer(acs_url, post);
        });
    });
    CHECK(journal_has(it.site, JournalKind::trial_failed));
    CHECK(journal_has(it.site, JournalKind::rolled_back));
    CHECK(!journal_has(it.site, JournalKind::reboot));
    CHECK(it.record().trial == TrialState::none);
    CHECK(it.record().refused.empty());
    CHECK(it.set_by_acs(interval_key) == "-");
    CHECK(it.set_by_acs(parameter_key_name) == "-");
}

TEST_CASE("another URL counts from the next session on, which is the trial of it") {
    Changed it;
    it.install();
    it.serve(other_acs);
    it.calls = {set_values({{url_of_acs, other_acs}}), get_value(interval)};
    it.live(60);
    CHECK(it.told() == Told{"1 BOOT", "0 BOOTSTRAP"});
    REQUIRE(it.said.size() >= 2);
    CHECK(it.said[1].method() == "GetParameterValuesResponse");
    CHECK(it.reports[1].url == other_acs);
    CHECK(it.record().trial == TrialState::none);
}

TEST_CASE("an ACS that cannot be reached gives way to the one before, which hears of it") {
    Changed it;
    it.install();
    it.calls = {set_values({{url_of_acs, "http://nobody.example/acs"}})};
    it.live(300);
    CHECK(it.told() == Told{"1 BOOT", "X 000B82 TRIAL"});
    CHECK(it.reports[1].url == acs_url);
    CHECK(journal_has(it.site, JournalKind::rolled_back));
    CHECK(it.set_by_acs("tr069.acs_url") == "-");
    CHECK(it.record().trial == TrialState::none);
}

TEST_CASE("no source is asked in the trial of an ACS, and all of them are asked after it") {
    Changed it;
    it.install();
    it.calls = {set_values({{url_of_acs, "http://nobody.example/acs"}})};
    uint64_t asked_at = 0;
    it.live(300, [&](sim::World& world) {
        world.plan_command(30'000, CommandKind::resync);
        it.site.web.serve(file_url, [&](const StartTransfer&) {
            asked_at = it.site.clock_ms - it.site.power_on_ms;
            return Answer{.body = file_text};
        });
    });
    CHECK(asked_at > 60'000);
}

TEST_CASE("an ACS changes a phone without a configuration, which needs no trial") {
    Changed it;
    it.calls = {set_values({{interval, "1800"}}), set_values({{interval, "1900"}})};
    it.live(20);
    CHECK(it.set_by_acs(interval_key) == "1900");
    CHECK(it.record().trial == TrialState::none);
    CHECK(!journal_has(it.site, JournalKind::trial_begins));
    CHECK(!journal_has(it.site, JournalKind::trial_confirmed));
}

TEST_CASE("what is set so already is answered at once, and written by nobody") {
    Changed it;
    it.install();
    it.calls = {set_values({{interval, "1800"}}, "k"), set_values({{interval, "1800"}}, "k")};
    it.live(20);
    CHECK(count_entries(it.site, JournalKind::applied) == 1);
    CHECK(it.status(1) == "0");
}

TEST_CASE("a file that says another value by the vendor's key wins over the ACS, which is told") {
    Changed it;
    const auto serve = [&it](const std::string& key) {
        it.site.web.put_body(
            file_url, "<gs_provision version=\"1\"><config version=\"1\"><P47>s</P47>" + key +
                          "</config></gs_provision>\n");
    };
    it.install();
    serve("<P4507>900</P4507>");
    it.live(60);
    it.calls = {set_values({{interval, "1800"}}),
                acs_call("SetParameterAttributes",
                         "<ParameterList><P><Name>" + interval +
                             "</Name><NotificationChange>1</NotificationChange><Notification>2"
                             "</Notification><AccessListChange>0</AccessListChange><AccessList/>"
                             "</P></ParameterList>")};
    it.live(60);
    CHECK(it.set_by_acs(interval_key) == "1800");
    it.reports.clear();
    serve("<P4507>900</P4507><P2>x</P2>");  // another file, and the same word on the interval
    it.live(60);
    CHECK(it.set_by_acs(interval_key) == "1800");
    CHECK(it.set_by_acs("P4507") == "1800");
    serve("<P4507>700</P4507><P2>x</P2>");
    it.live(60);
    CHECK(it.set_by_acs(interval_key) == "-");
    CHECK(it.set_by_acs("P4507") == "-");
    CHECK(std::ranges::any_of(
        it.informs, [](const SoapMessage& inform) { return value_in(inform, interval) == "700"; }));
    CHECK(std::ranges::any_of(it.told(), [](const std::string& events) {
        return events.find("4 VALUE CHANGE") != std::string::npos;
    }));
}

TEST_CASE("bad input: a setting that the command line has fixed is refused, and stays") {
    Changed it;
    it.set(Setting::tr069_periodic_interval, "900");
    it.install();
    it.calls = {set_values({{interval, "1800"}, {enable, "true"}}, "k"),
                set_values({{interval, "900"}}, "k")};
    it.live(20);
    CHECK(it.fault(0) == 9003);
    const auto list = it.said[0].arguments().child("detail")->child("Fault")->children();
    CHECK(std::ranges::count_if(list, [](const SoapView& one) {
              return one.name() == "SetParameterValuesFault" && *one.word("FaultCode") == "9001";
          }) == 1);
    CHECK(it.status(1) == "0");
    CHECK(it.set_by_acs(interval_key) == "-");
}

TEST_CASE("bad input: a list with anything wrong in it changes nothing, and names all of it") {
    Changed it;
    it.install();
    it.calls = {set_values({{interval, "1800"},
                            {"Device.Nothing", "1"},
                            {"Device.DeviceInfo.SoftwareVersion", "2"},
                            {enable, "perhaps"}},
                           "k")};
    it.live(20);
    CHECK(it.fault(0) == 9003);
    const auto fault = it.said[0].arguments().child("detail")->child("Fault");
    std::string codes;
    for (const SoapView& one : fault->children()) {
        if (one.name() == "SetParameterValuesFault")
            codes += std::string(*one.word("FaultCode")) + " ";
    }
    CHECK(codes == "9005 9008 9007 ");
    CHECK(it.active().number == 1);
    CHECK(it.set_by_acs(parameter_key_name) == "-");
}

TEST_CASE("bad input: a name that stands twice, a key that is too long, and no list are refused") {
    Changed it;
    it.install();
    it.calls = {set_values({{interval, "1800"}, {interval, "1900"}}),
                set_values({{interval, "1800"}}, std::string(33, 'k')),
                acs_call("SetParameterValues", "<ParameterKey/>"),
                acs_call("SetParameterValues",
                         "<ParameterList><ParameterValueStruct/></ParameterList><ParameterKey/>")};
    it.live(20);
    for (uint32_t i = 0; i < 4; ++i)
        CHECK(it.fault(i) == 9003);
    CHECK(it.active().number == 1);
}

TEST_CASE("bad input: on a pinned phone an ACS without TLS changes nothing, and is told why") {
    Changed it;
    it.set(Setting::config_key, std::string(64, '0'));
    it.install();
    Record record = it.record();
    record.trust.pin = {.proof = Proof::tls, .host = "10.0.0.1"};
    ++record.sequence;
    for (uint8_t copy = 0; copy < limits::record_copies; ++copy) {
        const auto bytes = encode_record(record);
        it.site.disk.edit(record_copy_name(copy)).assign(bytes.begin(), bytes.end());
    }
    it.calls = {set_values({{interval, "1800"}})};
    it.live(20);
    CHECK(it.fault(0) == 9001);
    CHECK(it.said[0].fault->text.find("trust.pin") != std::string::npos);
    CHECK(it.set_by_acs(interval_key) == "-");
    it.set(Setting::trust_pin, "0");
    it.calls = {set_values({{interval, "1800"}})};
    it.live(20);
    CHECK(it.set_by_acs(interval_key) == "1800");
}

TEST_CASE("bad input: a disk that refuses a change is a fault of the phone, and nothing is half") {
    Changed it;
    it.install();
    it.calls = {set_values({{interval, "1800"}}, "k"), get_value(interval)};
    it.site.disk.fail_from(1, "no room");
    it.live(20);
    it.site.disk.fail_from(0, "");
    CHECK(it.fault(0) == 9002);
    CHECK(value_in(it.said[1], interval) == "3600");
    CHECK(it.set_by_acs(interval_key) == "-");
}

TEST_CASE("a change waits for a trial of files that is under way, and is refused when that lasts") {
    Changed it;
    it.install();
    it.set(Setting::trial_timeout, "100");
    it.site.web.put_body(file_url,
                         "<gs_provision version=\"1\"><config version=\"1\"><P47>t</P47></config>"
                         "</gs_provision>\n");
    // It is applied in the next life, and its server is gone in the one after that, its trial.
    const uint32_t before = it.lives;
    it.live(90, [&](sim::World&) {
        if (it.lives != before + 2) return;
        for (const std::string& url : {file_url, file_url.substr(0, file_url.size() - 4)})
            it.site.web.serve(
                url, [](const StartTransfer&) { return Answer{.stalls_before_head = true}; });
        it.calls = {set_values({{interval, "1800"}})};
    });
    REQUIRE(it.record().trial == TrialState::trying);
    CHECK(it.fault(0) == 9002);
    CHECK(it.set_by_acs(interval_key) == "-");
}

TEST_CASE("a power cut at any step leaves the values of a call all set or none, with their key") {
    bool none = false;
    bool all = false;
    for (uint32_t steps = 1; steps <= 24; ++steps) {
        CAPTURE(steps);
        Changed it;
        it.install();
        it.calls = {set_values({{interval, "1800"}, {enable, "1"}}, "k1"),
                    set_values({{interval, "1900"}}, "k2")};
        it.live(30, [&](sim::World& world) { world.plan_power_cut_after_steps(steps); });
        const std::string value = it.set_by_acs(interval_key);
        const std::string key = it.set_by_acs(parameter_key_name);
        CHECK((value == "-" || value == "1800" || value == "1900"));
        CHECK(key == (value == "-" ? "-" : value == "1800" ? "k1" : "k2"));
        CHECK((it.set_by_acs("tr069.periodic_enable") == "-") == (value == "-"));
        // Whatever was answered is there.
        const auto answered = std::ranges::count_if(it.said, [](const SoapMessage& one) {
            return one.method() == "SetParameterValuesResponse";
        });
        if (answered == 1) CHECK(value != "-");
        if (answered == 2) CHECK(value == "1900");
        none = none || value == "-";
        all = all || value == "1900";
        it.calls.clear();
        it.live(60);
        CHECK(it.record().trial == TrialState::none);
        CHECK(it.set_by_acs(interval_key) == value);
    }
    CHECK(none);
    CHECK(all);
}

TEST_CASE("a restart that is ordered with a change comes after its good end, which confirms it") {
    Changed it;
    it.install();
    it.calls = {set_values({{interval, "1800"}}), acs_call("Reboot", "<CommandKey>k</CommandKey>")};
    it.live(60);
    CHECK(it.told() == Told{"1 BOOT", "1 BOOT, M Reboot (k)"});
    CHECK(it.record().trial == TrialState::none);
    CHECK(it.set_by_acs(interval_key) == "1800");
}

TEST_CASE("a restart in the trial of another URL asks that one, and its answer confirms") {
    Changed it;
    it.install();
    it.serve(other_acs);
    it.calls = {set_values({{url_of_acs, other_acs}}), acs_call("Reboot", "<CommandKey/>")};
    it.live(60);
    REQUIRE(it.reports.size() == 2);
    CHECK(it.reports[1].url == other_acs);
    CHECK(it.reports[1].events == "0 BOOTSTRAP, 1 BOOT");
    CHECK(it.record().trial == TrialState::none);
}

TEST_CASE("a file that names what the ACS has set wins only with another value than its last one") {
    Changed it;
    it.install();
    it.calls = {set_values({{interval, "1800"}})};
    it.live(20);
    CHECK(it.set_by_acs(interval_key) == "1800");
    // The next file does not name it.
    it.site.web.put_body(file_url,
                         "<gs_provision version=\"1\"><config version=\"1\"><P47>t</P47></config>"
                         "</gs_provision>\n");
    it.live(60);
    CHECK(it.set_by_acs(interval_key) == "1800");
    CHECK(it.active().find("P47")->value == "t");
}

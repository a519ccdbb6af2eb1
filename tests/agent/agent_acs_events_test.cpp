// SPDX-License-Identifier: Apache-2.0
//
// Whole lives of a phone that tells its ACS of events and changed values: none is lost, none is
// told twice.
#include <doctest/doctest.h>

#include <algorithm>

#include "agent/limits.h"
#include "tests/agent/acs_phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string interval = "Device.ManagementServer.PeriodicInformInterval";
const std::string address = "Device.LAN.IPAddress";

struct Watching : Managed {
    Watching() {
        options.file_settings = {{Setting::tr069_acs_url, acs_url},
                                 {Setting::tr069_periodic_enable, "0"}};
        set(Setting::splay, "0");
        std::erase_if(options.settings, [](const auto& one) {
            return one.first == Setting::tr069_acs_url ||
                   one.first == Setting::tr069_periodic_enable;
        });
    }
    // Its ACS knows it.
    void introduce() {
        live(20);
        reports.clear();
        informs.clear();
        said.clear();
    }
    uint32_t fault(uint32_t answer) const {
        REQUIRE(answer < said.size());
        return said[answer].fault ? said[answer].fault->code : 0;
    }
};

std::string schedule(std::string_view delay_s, std::string_view key) {
    return acs_call("ScheduleInform", "<DelaySeconds>" + std::string(delay_s) +
                                          "</DelaySeconds><CommandKey>" + std::string(key) +
                                          "</CommandKey>");
}

std::string watch(std::string_view name, std::string_view notification,
                  std::string_view changes = "1") {
    return acs_call("SetParameterAttributes",
                    "<ParameterList><SetParameterAttributesStruct><Name>" + std::string(name) +
                        "</Name><NotificationChange>" + std::string(changes) +
                        "</NotificationChange><Notification>" + std::string(notification) +
                        "</Notification><AccessListChange>0</AccessListChange><AccessList/>"
                        "</SetParameterAttributesStruct></ParameterList>");
}

bool has_value(const SoapMessage& inform, std::string_view name) {
    for (const SoapView& one : inform.arguments().child("ParameterList")->children()) {
        if (one.word("Name") == name) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("a session that the ACS orders comes when it is due, with its key") {
    Watching it;
    it.introduce();
    it.calls = {schedule("100", "k1")};
    it.live(200);
    CHECK(it.told() == Told{"1 BOOT", "3 SCHEDULED, M ScheduleInform (k1)"});
    CHECK(it.reports[1].at_ms >= 100'000);
    CHECK(it.reports[1].at_ms < 110'000);
    CHECK(it.record().acs.scheduled.empty());
}

TEST_CASE("orders are told each, whatever their keys, and those that wait together at once") {
    Watching it;
    it.introduce();
    it.calls = {schedule("50", "k1"), schedule("60", "k2"), schedule("100", "k1")};
    it.live(200, [](sim::World& world) {
        world.plan_link(40'000, false);
        world.plan_link(80'000, true);
    });
    CHECK(it.told() == Told{"1 BOOT", "3 SCHEDULED, M ScheduleInform (k1), M ScheduleInform (k2)",
                            "3 SCHEDULED, M ScheduleInform (k1)"});
}

TEST_CASE("an ordered session outlives a restart, and is not put off by more than was left") {
    Watching it;
    it.introduce();
    it.calls = {schedule("300", "k1")};
    it.live(100, [&](sim::World& world) { world.plan_power_cut(100'000); });
    REQUIRE(it.record().acs.scheduled.size() == 1);
    it.reports.clear();
    it.live(400);
    REQUIRE(it.reports.size() == 2);
    CHECK(it.reports[1].events == "3 SCHEDULED, M ScheduleInform (k1)");
    CHECK(it.reports[1].at_ms <= 310'000);
}

TEST_CASE("an ordered session that fails is told again, with equal key, until it is heard") {
    Watching it;
    it.introduce();
    it.calls = {schedule("30", "k1")};
    it.live(60, [&](sim::World&) {
        it.site.web.serve(acs_url, [&](const StartTransfer& post) {
            return it.said.empty() ? it.answer(acs_url, post) : Answer{.status = 503};
        });
    });
    CHECK(it.told() == Told{"1 BOOT"});
    it.serve(acs_url);
    it.live(60);
    CHECK(it.told().back() == "1 BOOT, 3 SCHEDULED, M ScheduleInform (k1)");
    it.live(60);
    CHECK(it.told().back() == "1 BOOT");
}

TEST_CASE("bad input: an order without a delay, with too long a key, or one too many is refused") {
    Watching it;
    it.introduce();
    it.calls = {schedule("0", "k"), schedule("soon", "k"), schedule("10", std::string(33, 'k'))};
    for (uint32_t i = 0; i <= limits::cwmp_scheduled; ++i)
        it.calls.push_back(schedule("100", "k"));
    it.live(20);
    CHECK(it.fault(0) == 9003);
    CHECK(it.fault(1) == 9003);
    CHECK(it.fault(2) == 9003);
    for (uint32_t i = 0; i < limits::cwmp_scheduled; ++i)
        CHECK(it.fault(3 + i) == 0);
    CHECK(it.fault(3 + limits::cwmp_scheduled) == 9004);
}

TEST_CASE("an active parameter that changes is told at once, a passive one with the next Inform") {
    for (const bool is_active : {true, false}) {
        CAPTURE(is_active);
        Watching one;
        one.introduce();
        one.calls = {watch(interval, is_active ? "2" : "1")};
        one.live(300, [&](sim::World& world) {
            world.plan_command(100'000, CommandKind::set, "tr069.periodic_interval=7000");
        });
        if (is_active) {
            CHECK(one.told() == Told{"1 BOOT", "4 VALUE CHANGE"});
            CHECK(one.reports[1].at_ms < 101'000);
            CHECK(has_value(one.informs[1], interval));
        } else {
            CHECK(one.told() == Told{"1 BOOT"});
        }
        one.live(20);
        CHECK(one.told().back() == (is_active ? "1 BOOT" : "1 BOOT, 4 VALUE CHANGE"));
        CHECK(has_value(one.informs.back(), interval) == !is_active);
        one.live(20);
        CHECK(one.told().back() == "1 BOOT");
    }
}

TEST_CASE("what the ACS itself changes is not told to it") {
    Watching it;
    it.introduce();
    it.calls = {watch(interval, "2"), set_values({{interval, "7000"}})};
    it.live(60);
    CHECK(it.told() == Told{"1 BOOT"});
    it.live(60);
    CHECK(it.told() == Told{"1 BOOT", "1 BOOT"});
}

TEST_CASE("a value that changed over a restart is found, also by the firmware") {
    Watching it;
    it.introduce();
    it.calls = {watch(address, "1")};
    it.live(20);
    it.site.phone_address = {{10, 0, 0, 77}, 4};
    it.live(20);
    CHECK(it.told().back() == "1 BOOT, 4 VALUE CHANGE");
    CHECK(has_value(it.informs.back(), address));
}

TEST_CASE("attributes are read back, outlive a start, and do not roll back with values") {
    Watching it;
    it.introduce();
    const std::string get =
        acs_call("GetParameterAttributes",
                 "<ParameterNames><string>" + interval + "</string></ParameterNames>");
    it.calls = {watch(interval, "1"), watch(interval, "2", "0"), get};
    it.live(20);
    it.calls = {get};
    it.live(20);
    for (const uint32_t answer : {2U, 3U}) {
        const auto list = it.said[answer].arguments().child("ParameterList");
        CHECK(list->children().front().word("Notification") == "1");
    }
}

TEST_CASE("bad input: attributes of nothing, of what is always told, and of no number") {
    Watching it;
    it.introduce();
    const AcsMemory before = it.record().acs;
    it.calls = {watch("Device.Nothing.", "1"), watch("Device.DeviceInfo.SoftwareVersion", "0"),
                watch(interval, "3"),          watch(interval, "-1"),
                watch(interval, "1", "maybe"), acs_call("SetParameterAttributes")};
    it.live(20);
    const uint32_t codes[] = {9005, 9009, 9009, 9003, 9003, 9003};
    for (uint32_t i = 0; i < std::size(codes); ++i)
        CHECK(it.fault(i) == codes[i]);
    CHECK(it.record().acs == before);
}

TEST_CASE("a report that no ACS has heard outlives a start, and is merged with the next") {
    Watching it;
    it.introduce();
    it.options.file_settings.back().second = "1";
    it.options.file_settings.emplace_back(Setting::tr069_periodic_interval, "60");
    it.live(200, [&](sim::World& world) { world.plan_power_cut(199'000); });
    const auto heard = it.reports.size();
    CHECK(heard >= 3);
    CHECK(it.record().acs.events.empty());
    it.refusal = {.status = 503};
    it.live(200, [&](sim::World& world) { world.plan_power_cut(199'000); });
    CHECK(it.record().acs.events == std::vector<AcsEvent>{{.code = AcsEventCode::periodic}});
    it.refusal = {.status = 0};
    it.live(20);
    CHECK(it.told()[heard] == "1 BOOT, 2 PERIODIC");
}

TEST_CASE("reports come by the moment that is set, whenever the phone has started") {
    for (const uint64_t started_ms : {0U, 7'000U, 1'234'567U}) {
        CAPTURE(started_ms);
        Watching it;
        it.site.clock_ms += started_ms;
        it.options.file_settings.back().second = "1";
        it.options.file_settings.emplace_back(Setting::tr069_periodic_interval, "600");
        it.options.file_settings.emplace_back(Setting::tr069_periodic_time, "2026-01-01T00:01:40Z");
        it.live(700);
        REQUIRE(it.reports.size() >= 2);
        CHECK(it.reports[1].events == "2 PERIODIC");
        const auto time = it.informs[1].arguments().word("CurrentTime");
        REQUIRE(time);
        CHECK((time->ends_with("1:40Z") || time->ends_with("1:41Z")));
    }
}

TEST_CASE("the waits after failed sessions are by the table's two settings") {
    Watching it;
    it.options.file_settings.emplace_back(Setting::tr069_retry_minimum, "100");
    it.options.file_settings.emplace_back(Setting::tr069_retry_multiplier, "1000");
    it.refusal = {.status = 503};
    it.live(1'050);
    const uint32_t failed = count_entries(it.site, JournalKind::acs_failed);
    CHECK(failed >= 10);
    CHECK(failed <= 11);
}

TEST_CASE("an order to restart that another restart overtakes is told with its key all the same") {
    for (const uint32_t latency_ms : {0U, 5U, 10U, 20U, 50U}) {
        CAPTURE(latency_ms);
        Watching it;
        it.site.web.put_body(
            "http://10.0.0.1/gs/cfg000b82273b89.xml",
            "<gs_provision version=\"1\"><config version=\"1\"><P47>s</P47></config>"
            "</gs_provision>\n");
        it.set(Setting::static_url, "http://10.0.0.1/gs");
        it.site.web.serve(acs_url, [&](const StartTransfer& post) {
            Answer answer = it.answer(acs_url, post);
            answer.latency_ms = latency_ms;
            return answer;
        });
        it.calls = {acs_call("Reboot", "<CommandKey>k</CommandKey>")};
        it.live(60);
        const bool was_answered = !it.said.empty();
        const auto told = it.told();
        const auto count = std::ranges::count_if(told, [](const std::string& one) {
            return one.find("M Reboot (k)") != std::string::npos;
        });
        CHECK(count == (was_answered ? 1 : 0));
    }
}

TEST_CASE("attributes that are what was written before the last change are answered, too") {
    Watching it;
    it.introduce();
    it.calls = {watch(interval, "2"), set_values({{interval, "7000"}}, "k1"),
                set_values({{interval, "7000"}}, "k2"), watch(interval, "2")};
    it.live(60);
    REQUIRE(it.said.size() == 4);
    CHECK(it.said[3].method() == "SetParameterAttributesResponse");
    CHECK(last_entry(it.site, JournalKind::acs_session).field("calls") == "4");
}

TEST_CASE("a factory reset that is ordered comes before another restart that overtakes it") {
    uint32_t overtaken = 0;
    for (const uint32_t latency_ms : {0U, 5U, 10U, 20U, 50U, 300U}) {
        CAPTURE(latency_ms);
        Watching it;
        it.site.web.put_body(
            "http://10.0.0.1/gs/cfg000b82273b89.xml",
            "<gs_provision version=\"1\"><config version=\"1\"><P47>s</P47></config>"
            "</gs_provision>\n");
        it.set(Setting::static_url, "http://10.0.0.1/gs");
        it.site.web.serve(acs_url, [&](const StartTransfer& post) {
            Answer answer = it.answer(acs_url, post);
            answer.latency_ms = latency_ms;
            return answer;
        });
        it.calls = {acs_call("FactoryReset")};
        it.live(60);
        const bool was_answered = !it.said.empty();
        CHECK(count_entries(it.site, JournalKind::factory_reset) == (was_answered ? 1 : 0));
        // The phone is new to its ACS again, which has heard of it before.
        const auto news = std::ranges::count_if(
            it.told(), [](const std::string& one) { return one.starts_with("0 BOOTSTRAP"); });
        if (was_answered) CHECK(news >= 2);
        overtaken += it.lives > 2 && was_answered ? 1 : 0;
    }
    CHECK(overtaken > 0);
}

// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/watch.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "agent/limits.h"
#include "agent/rng.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

using Paths = std::vector<std::string>;

const std::string service = "Device.Services.VoiceService.1.";
const std::string profile = service + "VoiceProfile.1.";
const std::string name = profile + "Name";
const std::string digit_map = profile + "DigitMap";
const std::string number = profile + "Line.1.DirectoryNumber";

struct Watched : ManagedPhone {
    AcsMemory memory = {};

    Watched() { configure({{"P271", "1"}, {"P47", "pbx.example"}, {"P35", "101"}}); }
    void set(std::string_view path, uint8_t notification) {
        const Model model(facts());
        set_notification(memory.watched, model, path, notification);
        CHECK(std::ranges::is_sorted(memory.watched, {}, &WatchedValue::path));
    }
    uint8_t notification(std::string_view path) const {
        const Model model(facts());
        const auto found = model.parameters_at(path);
        REQUIRE(found.size() == 1);
        return notification_of(model, found.front(), memory);
    }
    // What a session tells, and the ACS hears.
    void tell() { take_told(memory, watched_now(memory, facts())); }
    void write(const std::string& path, std::vector<Entry> entries) {
        const uint64_t paths[] = {watched_path(memory, path)};
        take_written(memory, paths);
        configure(entries, Origin::acs);
        settle_written(memory, facts());
    }
    Paths changed(std::span<const WatchedValue> below = {}) const {
        return changed_values(memory, facts(), below).paths;
    }
};

}  // namespace

TEST_CASE("a whole VoiceService is watched as one, however many parameters it has") {
    Watched it;
    for (uint32_t account = 2; account <= 3; ++account)
        it.configure({{account == 2 ? "P402" : "P502", "pbx.example"}});
    REQUIRE(Model(it.facts()).parameters_at(service).size() > limits::cwmp_watched);
    it.set(service, 1);
    CHECK(it.memory.watched.size() == 1);
    CHECK(has_room(it.memory.watched, Model(it.facts())));
    CHECK(it.notification(number) == 1);
    CHECK(it.notification(service + "Capabilities.MaxLineCount") == 1);
    CHECK(it.notification("Device.ManagementServer.Username") == 0);
    CHECK(it.changed().empty());
    it.set(service, 0);
    CHECK(it.memory.watched.empty());
    CHECK(it.notification(number) == 0);
}

TEST_CASE("what changes of an object that is watched is told alone while the agent lives") {
    Watched it;
    it.set(service, 1);
    const auto told = values_below(it.memory, it.facts());
    it.configure({{"P35", "102"}, {"P270", "one"}});
    CHECK(it.changed(told) == Paths{name, number});
    CHECK(changed_values(it.memory, it.facts(), told).active.empty());
    it.tell();
    CHECK(it.changed(values_below(it.memory, it.facts())).empty());
}

TEST_CASE("after a restart all of an object is told that has another value in it") {
    Watched it;
    it.set(service, 1);
    CHECK(it.changed().empty());
    it.configure({{"P35", "102"}});
    const auto all = Model(it.facts()).parameters_at(service).size();
    CHECK(it.changed().size() == all);
    it.configure({{"P35", "101"}});  // and back
    CHECK(it.changed().empty());
}

TEST_CASE("a row that comes into an object is watched with it") {
    Watched it;
    it.set(service, 2);
    const auto told = values_below(it.memory, it.facts());
    it.configure({{"P402", "pbx.example"}});
    CHECK(it.notification(service + "VoiceProfile.2.Name") == 2);
    const ChangedValues changed = changed_values(it.memory, it.facts(), told);
    CHECK(std::ranges::find(changed.active, service + "VoiceProfile.2.SIP.ProxyServer") !=
          changed.active.end());
    CHECK(std::ranges::find(changed.active, service + "VoiceProfileNumberOfEntries") !=
          changed.active.end());
    CHECK(std::ranges::find(changed.paths, number) == changed.paths.end());
}

TEST_CASE("what the ACS itself sets in an object is not told") {
    Watched it;
    it.set(service, 1);
    it.write(number, {{"P35", "103"}});
    CHECK(it.changed().empty());
    it.configure({{"P270", "one"}});
    CHECK(!it.changed().empty());
}

TEST_CASE("a parameter of an object may be watched in another way, and again as the object is") {
    Watched it;
    it.set(service, 1);
    it.set(number, 2);
    CHECK(it.notification(number) == 2);
    CHECK(it.notification(digit_map) == 1);
    it.configure({{"P35", "102"}});
    CHECK(it.changed() == Paths{number});  // which is no part of the object's digest
    it.tell();
    it.set(digit_map, 0);
    CHECK(it.notification(digit_map) == 0);
    CHECK(it.memory.watched.size() > 2);
    it.set(number, 1);
    it.set(digit_map, 1);
    CHECK(it.notification(number) == 1);
    CHECK(it.changed().empty());
    it.set(service, 1);
    CHECK(std::ranges::count_if(it.memory.watched, [](const WatchedValue& one) {
              return one.notification == 1;
          }) == 1);
}

TEST_CASE("an object in an object is watched by the nearer one") {
    Watched it;
    it.set("", 1);
    it.set(service, 0);
    CHECK(it.notification("Device.ManagementServer.Username") == 1);
    CHECK(it.notification(number) == 0);
    it.set(profile + "Line.", 2);
    CHECK(it.notification(number) == 2);
    CHECK(it.notification(digit_map) == 0);
    it.set("Device.", 0);
    CHECK(it.notification("Device.ManagementServer.Username") == 0);
    CHECK(it.notification(number) == 0);
}

TEST_CASE("what is forced is active whatever is said of the objects around it") {
    Watched it;
    it.set("Device.", 1);
    CHECK(it.notification("Device.DeviceInfo.SoftwareVersion") == 2);
    CHECK(it.notification("Device.ManagementServer.ConnectionRequestURL") == 1);
    it.tell();
    it.phone.identity.version = "9.9";
    CHECK(changed_values(it.memory, it.facts()).active ==
          Paths{"Device.DeviceInfo.SoftwareVersion"});
}

// Against a list of what was said last of each parameter.
TEST_CASE("whatever is watched in whatever order, each parameter is as it was said last") {
    Watched it;
    it.tell();
    const Model model(it.facts());
    Paths paths = {"Device.", "Device.ManagementServer.", "Device.GatewayInfo.", "Device.Time."};
    std::map<std::string, uint8_t> expected;
    for (const ModelParameter& parameter : model.parameters_at("")) {
        const std::string path = model.path_of(parameter);
        expected[path] = notification_of(model, parameter, it.memory);
        if (path.starts_with(service)) paths.push_back(path.substr(0, path.rfind('.') + 1));
        if (!is_forced(parameter)) paths.push_back(path);
    }
    Rng rng{5};
    uint32_t refused = 0;
    for (uint32_t step = 0; step < 400; ++step) {
        const std::string& path = paths[rng.below(static_cast<uint32_t>(paths.size()))];
        const auto notification = static_cast<uint8_t>(rng.below(3));
        std::vector<WatchedValue> next = it.memory.watched;
        set_notification(next, model, path, notification);
        if (!has_room(next, model)) {
            ++refused;
            it.set("Device.", 0);
            for (auto& [one, value] : expected)
                value = one.starts_with("Device.") ? 0 : value;
            for (const ModelParameter& parameter : model.parameters_at(""))
                if (is_forced(parameter)) expected[model.path_of(parameter)] = 2;
            continue;
        }
        it.memory.watched = std::move(next);
        for (const ModelParameter& parameter : model.parameters_at(path))
            if (!is_forced(parameter)) expected[model.path_of(parameter)] = notification;
        for (const ModelParameter& parameter : model.parameters_at("")) {
            const std::string one = model.path_of(parameter);
            CAPTURE(one);
            REQUIRE(notification_of(model, parameter, it.memory) == expected[one]);
        }
        REQUIRE(it.changed().empty());
    }
    CHECK(refused < 100);
}

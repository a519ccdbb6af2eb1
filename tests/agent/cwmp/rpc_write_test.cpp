// SPDX-License-Identifier: Apache-2.0
//
// The methods that change something: what they take, and how they refuse the whole of a call.
#include <doctest/doctest.h>

#include <algorithm>

#include "agent/cwmp/rpc.h"
#include "agent/cwmp/watch.h"
#include "agent/limits.h"
#include "tests/agent/cwmp/acs_messages.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

const std::string interval = "Device.ManagementServer.PeriodicInformInterval";
const std::string enable = "Device.ManagementServer.PeriodicInformEnable";

struct Bench {
    ManagedPhone managed = {};
    AcsMemory memory = {};
    Deferred deferred = {};
    CallAnswer answer = {};
    SoapMessage message = {};

    CallAnswer& call(std::string_view text) {
        auto read = read_soap(text);
        REQUIRE(read);
        message = std::move(*read);
        answer = answer_call(message, CwmpVersion::v1_0, managed.facts(), memory, {}, deferred);
        CHECK(answer.pending.has_value() == answer.envelope.empty());
        return answer;
    }
    const ValuesCall& values(std::string_view text) {
        call(text);
        REQUIRE(answer.pending);
        return std::get<ValuesCall>(*answer.pending);
    }
    // "name code" of each parameter at fault.
    std::vector<std::string> faults() const {
        const auto read = read_soap(answer.envelope);
        REQUIRE(read);
        REQUIRE(read->fault);
        CHECK(read->fault->code == answer.fault);
        std::vector<std::string> out;
        for (const SoapView& one : read->arguments().child("detail")->child("Fault")->children()) {
            if (one.name() != "SetParameterValuesFault") continue;
            CHECK(!one.word("FaultString")->empty());
            out.push_back(std::string(*one.word("ParameterName")) + " " +
                          std::string(*one.word("FaultCode")));
        }
        return out;
    }
};

std::string value(std::string_view name, std::string_view text, std::string_view type = "") {
    std::string out = "<P><Name>" + std::string(name) + "</Name><Value";
    if (!type.empty())
        out += " xmlns:x=\"http://www.w3.org/2001/XMLSchema-instance\" x:type=\"" +
               std::string(type) + "\"";
    return out + ">" + std::string(text) + "</Value></P>";
}

std::string set(std::string_view list, std::string_view key = "k") {
    return acs_call("SetParameterValues", "<ParameterList>" + std::string(list) +
                                              "</ParameterList><ParameterKey>" + std::string(key) +
                                              "</ParameterKey>");
}

}  // namespace

TEST_CASE("a list of values is one change, with its key, and answered when it is durable") {
    Bench bench;
    const ValuesCall& call = bench.values(set(value(interval, "60") + value(enable, "false")));
    REQUIRE(call.change.document.entries.size() == 2);
    CHECK(call.change.document.entries[0].key == "tr069.periodic_enable");
    CHECK(call.change.document.entries[0].value == "0");
    CHECK(call.change.document.entries[1].value == "60");
    CHECK(call.parameter_key == "k");
    CHECK(!call.change.touches_acs_way);
    CHECK(call.paths == std::vector<uint64_t>{path_digest(interval), path_digest(enable)});
    for (const bool is_applied : {true, false}) {
        const auto done =
            answer_stored(bench.message, CwmpVersion::v1_0, {.is_applied = is_applied});
        CHECK(read_soap(done.envelope)->arguments().word("Status") == (is_applied ? "0" : "1"));
    }
    bench.answer = answer_stored(bench.message, CwmpVersion::v1_0, {.fault = 9002, .reason = "no"});
    CHECK(bench.faults().empty());
}

TEST_CASE("the key may stand first, be empty, and be of 32 letters of any language") {
    Bench bench;
    std::string letters;
    for (uint32_t i = 0; i < limits::cwmp_key_letters; ++i)
        letters += "\u00fc";
    CHECK(bench.values(set("", letters)).parameter_key == letters);
    CHECK(bench.values(set("", "")).parameter_key.empty());
    CHECK(
        bench
            .values(acs_call("SetParameterValues", "<ParameterKey>k</ParameterKey><ParameterList>" +
                                                       value(interval, "60") + "</ParameterList>"))
            .parameter_key == "k");
    bench.call(set("", letters + "\u00fc"));
    CHECK(bench.answer.fault == 9003);
}

TEST_CASE("a type that is given has to suit the parameter, by whatever prefix; none is taken") {
    Bench bench;
    bench.values(set(value(interval, "60", "xsd:unsignedInt") + value(enable, "0", "boolean")));
    bench.call(set(value(interval, "60", "xsd:boolean")));
    CHECK(bench.faults() == std::vector<std::string>{interval + " 9006"});
}

TEST_CASE("the way to the ACS is touched by its URL, user and password alone") {
    Bench bench;
    for (const std::string_view name : {"URL", "Username", "Password"}) {
        const std::string path = "Device.ManagementServer." + std::string(name);
        CHECK(bench.values(set(value(path, "http://a.example/"))).change.touches_acs_way);
    }
}

TEST_CASE("bad input: each parameter at fault is named, and the call as a whole is 9003") {
    Bench bench;
    const std::string longest(limits::config_value_bytes + 1, 'v');
    bench.call(set(value(interval, "0") + value("Device.LAN.", "1") + value("", "1") +
                   value("Device.LAN.IPAddress", "10.0.0.1") +
                   value("Device.ManagementServer.URL", "ftp://a.example/") +
                   value("Device.ManagementServer.PeriodicInformTime", "noon")));
    CHECK(bench.answer.fault == 9003);
    CHECK(bench.faults() ==
          std::vector<std::string>{interval + " 9007", "Device.LAN. 9005", " 9005",
                                   "Device.LAN.IPAddress 9008", "Device.ManagementServer.URL 9007",
                                   "Device.ManagementServer.PeriodicInformTime 9007"});
    bench.call(set(value("Device.ManagementServer.Username", longest)));
    CHECK(bench.faults() == std::vector<std::string>{"Device.ManagementServer.Username 9007"});
    bench.call(set(value(interval, "60") + value(enable, "1") + value(interval, "60")));
    CHECK(bench.faults() == std::vector<std::string>{interval + " 9003"});
    bench.call(set(value(std::string(300, 'n'), "1")));
    CHECK(bench.faults().size() == 1);
}

TEST_CASE("bad input: a list over the bound is refused, one of the bound is not") {
    Bench bench;
    std::string list;
    for (uint32_t i = 0; i < limits::cwmp_writes; ++i)
        list += value("Device.Nothing." + std::to_string(i), "1");
    bench.call(set(list));
    CHECK(bench.answer.fault == 9003);
    bench.call(set(list + value(interval, "60")));
    CHECK(bench.answer.fault == 9004);
}

TEST_CASE("bad input: objects that are none are refused, with the arguments before them") {
    Bench bench;
    for (const std::string_view method : {"AddObject", "DeleteObject"}) {
        CHECK(bench.call(acs_call(method)).fault == 9003);
        CHECK(bench.call(acs_call(method, "<ObjectName>Device.LAN.</ObjectName>")).fault == 9003);
        const std::string key = "<ParameterKey/><ObjectName>";
        CHECK(bench.call(acs_call(method, key + "Device.LAN</ObjectName>")).fault == 9005);
        CHECK(bench.call(acs_call(method, key + "Device.Nothing.</ObjectName>")).fault == 9005);
    }
}

TEST_CASE("attributes are set for each parameter below a path, and of no more than are kept") {
    Bench bench;
    const auto attributes = [](std::string_view path, std::string_view number) {
        return acs_call("SetParameterAttributes",
                        "<ParameterList><P><Name>" + std::string(path) +
                            "</Name><NotificationChange>true</NotificationChange><Notification>" +
                            std::string(number) +
                            "</Notification><AccessListChange>0</AccessListChange><AccessList/>"
                            "</P></ParameterList>");
    };
    bench.call(attributes("Device.LAN.", "1"));
    REQUIRE(bench.answer.pending);
    auto& watched = std::get<AttributesCall>(*bench.answer.pending).watched;
    CHECK(watched.size() == 3);
    CHECK(std::ranges::is_sorted(watched, {}, &WatchedValue::path));
    bench.memory.watched = watched;
    const Model model(bench.managed.facts());
    const auto parameters = model.parameters_at("Device.LAN.IPAddress");
    CHECK(notification_of(model, parameters.front(), bench.memory) == 1);
    CHECK(changed_values(bench.memory, bench.managed.facts()).paths.empty());
    bench.managed.phone.address = {{10, 0, 0, 3}, 4};
    CHECK(changed_values(bench.memory, bench.managed.facts()).paths ==
          std::vector<std::string>{"Device.LAN.IPAddress"});
    bench.call(attributes("Device.LAN.", "0"));
    CHECK(std::get<AttributesCall>(*bench.answer.pending).watched.empty());
    // Those of lightweight protocols are known and not had; above them there are none.
    for (const std::string_view number : {"3", "4", "5", "6"})
        CHECK(bench.call(attributes("Device.LAN.", number)).fault == 9009);
    CHECK(bench.call(attributes("Device.LAN.", "7")).fault == 9003);
    // Others than these have no room any more.
    while (bench.memory.watched.size() < limits::cwmp_watched - 2)
        bench.memory.watched.insert(bench.memory.watched.begin(),
                                    WatchedValue{.path = 0, .notification = 1});
    CHECK(bench.call(attributes(interval, "1")).fault == 9004);
}

TEST_CASE("an access list may say what is so, and nothing else") {
    Bench bench;
    const auto access = [](std::string_view who) {
        return acs_call("SetParameterAttributes",
                        "<ParameterList><P><Name>Device.LAN.</Name><NotificationChange>0"
                        "</NotificationChange><Notification>0</Notification><AccessListChange>1"
                        "</AccessListChange><AccessList>" +
                            std::string(who) + "</AccessList></P></ParameterList>");
    };
    CHECK(bench.call(access("<string>Subscriber</string>")).fault == 0);
    CHECK(bench.call(access("")).fault == 9001);
    CHECK(bench.call(access("<string>Other</string>")).fault == 9001);
}

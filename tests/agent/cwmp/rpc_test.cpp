// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/rpc.h"

#include <doctest/doctest.h>

#include <map>

#include "agent/limits.h"
#include "tests/agent/cwmp/acs_messages.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

struct Bench {
    ManagedPhone managed = {};
    AcsMemory memory = {};
    Deferred deferred = {};
    CallAnswer answer = {};

    SoapMessage call(std::string_view method, std::string_view arguments = "") {
        const auto message = read_soap(acs_call(method, arguments, "a&amp;b"));
        REQUIRE(message);
        answer =
            answer_call(*message, CwmpVersion::v1_1, managed.facts({7'500}), memory, {}, deferred);
        if (answer.pending) answer = answer_stored(*message, CwmpVersion::v1_1, {});
        auto read = read_soap(answer.envelope);
        REQUIRE(read);
        CHECK(read->id == "a&b");
        CHECK(read->version == CwmpVersion::v1_1);
        CHECK((read->fault ? read->fault->code : 0) == answer.fault);
        return std::move(*read);
    }
    uint32_t fault(std::string_view method, std::string_view arguments = "") {
        const SoapMessage message = call(method, arguments);
        CHECK(message.fault);
        CHECK(!answer.reason.empty());
        return answer.fault;
    }
};

std::string names(const std::vector<std::string>& paths) {
    std::string out = "<ParameterNames>";
    for (const std::string& path : paths)
        out += "<string>" + path + "</string>";
    return out + "</ParameterNames>";
}

std::string path_and_level(std::string_view path, std::string_view next_level) {
    return "<ParameterPath>" + std::string(path) + "</ParameterPath><NextLevel>" +
           std::string(next_level) + "</NextLevel>";
}

// What stands in `field` of each element of the list, by name.
std::map<std::string, std::string> listed(const SoapMessage& message, std::string_view field) {
    std::map<std::string, std::string> out;
    const auto list = message.arguments().child("ParameterList");
    REQUIRE(list);
    for (const SoapView& one : list->children())
        out.emplace(*one.word("Name"), one.word(field).value_or("-"));
    return out;
}

}  // namespace

TEST_CASE("GetRPCMethods lists what is there, and each of it is known when it is called") {
    Bench bench;
    const SoapMessage message = bench.call("GetRPCMethods");
    CHECK(message.method() == "GetRPCMethodsResponse");
    const auto methods = message.arguments().child("MethodList")->children();
    CHECK(methods.size() == 17);
    for (const SoapView& method : methods) {
        bench.call(method.text());
        CHECK(bench.answer.fault != cpe_fault::method_not_supported);
    }
}

TEST_CASE("GetParameterValues has the exact names, those below an object, and each of them once") {
    Bench bench;
    const SoapMessage message =
        bench.call("GetParameterValues",
                   names({"Device.DeviceInfo.UpTime", "Device.LAN.", "Device.LAN.IPAddress"}));
    CHECK(message.method() == "GetParameterValuesResponse");
    const auto values = listed(message, "Value");
    CHECK(values.size() == 4);
    CHECK(values.at("Device.DeviceInfo.UpTime") == "7");
    CHECK(values.at("Device.LAN.IPAddress") == "10.0.0.2");
    CHECK(values.at("Device.LAN.MACAddress") == "00:0b:82:27:3b:89");
    CHECK(bench.answer.envelope.find("cwmp:ParameterValueStruct[4]") != std::string::npos);
    CHECK(bench.answer.envelope.find("<Value xsi:type=\"xsd:unsignedInt\">7</Value>") !=
          std::string::npos);
}

TEST_CASE("the empty path has every value, and of no names at all there are none") {
    Bench bench;
    const auto all = listed(bench.call("GetParameterValues", names({""})), "Value");
    CHECK(all.size() == Model(bench.managed.facts()).parameters_at("").size());
    CHECK(all.at("Device.DeviceInfo.ManufacturerOUI") == "000B82");
    CHECK(all.at("Device.DeviceInfo.SerialNumber") == "000B82273B89");
    CHECK(all.at("Device.DeviceInfo.SoftwareVersion") == "1.0.2.7");
    CHECK(listed(bench.call("GetParameterValues", names({})), "Value").empty());
}

TEST_CASE("a password reads as an empty value, and the URL is told without what is secret in it") {
    Bench bench;
    bench.managed.set(Setting::tr069_acs_url, "http://u:hush@acs.example/cwmp");
    const auto values =
        listed(bench.call("GetParameterValues", names({"Device.ManagementServer."})), "Value");
    CHECK(values.at("Device.ManagementServer.Password").empty());
    CHECK(values.at("Device.ManagementServer.URL") == "http://acs.example/cwmp");
    CHECK(bench.answer.envelope.find("hush") == std::string::npos);
}

TEST_CASE("bad input: one unknown name refuses the whole call, and is never an empty list") {
    Bench bench;
    CHECK(bench.fault("GetParameterValues", names({"Device.LAN.", "Device.LAN.Nothing"})) == 9005);
    CHECK(bench.fault("GetParameterAttributes", names({"Device.Nothing."})) == 9005);
    CHECK(bench.fault("GetParameterNames", path_and_level("Device.Nothing.", "0")) == 9005);
    CHECK(bench.fault("GetParameterNames", path_and_level("Device.Nothing", "1")) == 9005);
}

TEST_CASE("bad input: a call without its arguments, or with others, is refused") {
    Bench bench;
    CHECK(bench.fault("GetParameterValues") == 9003);
    CHECK(bench.fault("GetParameterAttributes", "<Names/>") == 9003);
    CHECK(bench.fault("GetParameterNames", "<ParameterPath/>") == 9003);
    CHECK(bench.fault("GetParameterNames", "<NextLevel>1</NextLevel>") == 9003);
    CHECK(bench.fault("GetParameterNames", path_and_level("", "maybe")) == 9003);
    CHECK(bench.fault("GetParameterNames", path_and_level("Device.LAN.IPAddress", "1")) == 9003);
}

TEST_CASE("bad input: a call with more names than the bound is refused") {
    Bench bench;
    const std::vector<std::string> many(limits::cwmp_names, "Device.LAN.IPAddress");
    CHECK(listed(bench.call("GetParameterValues", names(many)), "Value").size() == 1);
    auto more = many;
    more.emplace_back("Device.");
    CHECK(bench.fault("GetParameterValues", names(more)) == 9004);
}

TEST_CASE("GetParameterNames tells names and whether they can be set, in the order of the levels") {
    Bench bench;
    const auto all =
        listed(bench.call("GetParameterNames", path_and_level("", "false")), "Writable");
    CHECK(all.size() == Model(bench.managed.facts()).names_at("", false).size());
    CHECK(all.at("Device.") == "0");
    CHECK(all.at("Device.ManagementServer.PeriodicInformInterval") == "1");
    CHECK(all.at("Device.ManagementServer.ParameterKey") == "0");
    const auto root =
        listed(bench.call("GetParameterNames", path_and_level("", "true")), "Writable");
    CHECK(root.size() == 1);
    const auto one = listed(
        bench.call("GetParameterNames", path_and_level("Device.LAN.IPAddress", "0")), "Writable");
    CHECK(one.size() == 1);
}

TEST_CASE("an account's table is told by its name, its rows and whether they can be added to") {
    Bench bench;
    const std::string table = "Device.Services.VoiceService.1.VoiceProfile.";
    auto rows = listed(bench.call("GetParameterNames", path_and_level(table, "1")), "Writable");
    CHECK(rows.empty());
    rows = listed(bench.call("GetParameterNames", path_and_level(table, "0")), "Writable");
    CHECK(rows == std::map<std::string, std::string>{{table, "1"}});
    CHECK(listed(bench.call("GetParameterValues", names({table})), "Value").empty());
    bench.managed.configure({{.key = "P47", .value = "pbx.example:5070"}});
    rows = listed(bench.call("GetParameterNames", path_and_level(table, "1")), "Writable");
    CHECK(rows == std::map<std::string, std::string>{{table + "1.", "1"}});
    const auto values =
        listed(bench.call("GetParameterValues", names({table + "1.SIP."})), "Value");
    CHECK(values.at(table + "1.SIP.ProxyServer") == "pbx.example");
    CHECK(values.at(table + "1.SIP.ProxyServerPort") == "5070");
    CHECK(bench.answer.envelope.find("<Value xsi:type=\"xsd:unsignedInt\">5070</Value>") !=
          std::string::npos);
}

TEST_CASE("the root is the one that the setting names, and no other is known") {
    Bench bench;
    bench.managed.set(Setting::tr069_root, "igd");
    const auto values = listed(
        bench.call("GetParameterValues", names({"InternetGatewayDevice.DeviceInfo."})), "Value");
    CHECK(values.at("InternetGatewayDevice.DeviceInfo.SpecVersion") == "1.0");
    CHECK(bench.fault("GetParameterValues", names({"Device."})) == 9005);
    bench.managed.set(Setting::tr069_root, "device2");
    const auto models =
        listed(bench.call("GetParameterValues", names({"Device.DeviceInfo.SupportedDataModel."})),
               "Value");
    CHECK(models.at("Device.DeviceInfo.SupportedDataModel.2.URN") ==
          "urn:broadband-forum-org:tr-104-1-1-0");
    CHECK(bench.fault("GetParameterValues", names({"Device.DeviceSummary"})) == 9005);
}

TEST_CASE("GetParameterAttributes tells what is notified by itself") {
    Bench bench;
    const SoapMessage message = bench.call("GetParameterAttributes", names({""}));
    const auto notified = listed(message, "Notification");
    CHECK(notified.size() == Model(bench.managed.facts()).parameters_at("").size());
    CHECK(notified.at("Device.DeviceInfo.SoftwareVersion") == "2");
    CHECK(notified.at("Device.ManagementServer.ConnectionRequestURL") == "2");
    CHECK(notified.at("Device.DeviceInfo.UpTime") == "0");
    for (const SoapView& one : message.arguments().child("ParameterList")->children())
        CHECK(one.child("AccessList")->word("string") == "Subscriber");
}

TEST_CASE("Reboot and FactoryReset are answered first, and carried out by others") {
    Bench bench;
    CHECK(bench.call("Reboot", "<CommandKey> k 1 </CommandKey>").method() == "RebootResponse");
    CHECK(bench.deferred.reboot);
    CHECK(bench.deferred.command_key == " k 1 ");
    CHECK(!bench.deferred.factory_reset);
    CHECK(bench.call("FactoryReset").method() == "FactoryResetResponse");
    CHECK(bench.deferred.factory_reset);
}

TEST_CASE("a CommandKey has 32 letters, of any language") {
    Bench bench;
    std::string key;
    for (uint32_t i = 0; i < limits::cwmp_key_letters; ++i)
        key += "\xE2\x82\xAC";
    bench.call("Reboot", "<CommandKey>" + key + "</CommandKey>");
    CHECK(bench.deferred.command_key == key);
}

TEST_CASE("bad input: a CommandKey that is too long orders nothing") {
    Bench bench;
    const std::string key(limits::cwmp_key_letters + 1, 'k');
    CHECK(bench.fault("Reboot", "<CommandKey>" + key + "</CommandKey>") == 9003);
    CHECK(!bench.deferred.reboot);
}

TEST_CASE("bad input: a method that the phone does not know is refused as such") {
    Bench bench;
    for (const std::string_view method :
         {"SetVouchers", "ChangeDUState", "X_000B82_Sing", "getrpcmethods", "Inform"})
        CHECK(bench.fault(method) == 9000);
}

TEST_CASE("bad input: a method of another namespace is not ours, whatever its name") {
    Bench bench;
    const auto message =
        read_soap(acs_envelope("", "<x:Reboot xmlns:x='urn:another'><CommandKey/></x:Reboot>"));
    REQUIRE(message);
    const CallAnswer answer = answer_call(*message, CwmpVersion::v1_0, bench.managed.facts(),
                                          bench.memory, {}, bench.deferred);
    CHECK(answer.fault == 9000);
    CHECK(!bench.deferred.reboot);
}

TEST_CASE("bad input: a call with a header that must be understood and is not is not carried out") {
    Bench bench;
    const auto message =
        read_soap(acs_envelope("<C:Later S:mustUnderstand='1'/>", "<C:FactoryReset/>"));
    REQUIRE(message);
    const CallAnswer answer = answer_call(*message, CwmpVersion::v1_0, bench.managed.facts(),
                                          bench.memory, {}, bench.deferred);
    CHECK(answer.fault != 0);
    CHECK(!bench.deferred.factory_reset);
    CHECK(answer.envelope.find("soap-env:MustUnderstand") != std::string::npos);
}

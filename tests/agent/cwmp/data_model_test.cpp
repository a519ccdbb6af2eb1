// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/data_model.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "agent/cwmp/model_values.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

constexpr std::string_view roots[] = {"igd", "device1", "device2"};

// With two accounts and a phone that says something of them.
struct Phone : ManagedPhone {
    explicit Phone(std::string_view root = "device1") {
        set(Setting::tr069_root, root);
        configure({{.key = "P271", .value = "1"},
                   {.key = "P47", .value = "pbx.example:5070"},
                   {.key = "P35", .value = "101"},
                   {.key = "P34", .value = "hush"},
                   {.key = "P404", .value = "102"},
                   {.key = "P30", .value = "ntp.example"},
                   {.key = "P1361", .value = "hush"}});
        phone.voice.codecs = {{"G.711ALaw", 64'000, "20,30", true}, {"G.722", 64'000, "20", false}};
        phone.voice.buttons = {"1", "2", "3"};
        VoiceLine line{.account = 1, .status = LineStatus::up, .call_state = CallState::in_call};
        line.sessions = {{.duration_s = 12, .far_end = {{10, 0, 0, 9}, 4}}};
        line.statistics.packets_sent = 7;
        phone.voice.lines = {line};
    }
    std::vector<std::string> paths(std::string_view path, bool next_level) const {
        std::vector<std::string> out;
        for (const ModelName& name : Model(facts()).names_at(path, next_level))
            out.push_back(name.path);
        return out;
    }
    std::string value(std::string_view path) const {
        const Model model(facts());
        const auto found = model.parameters_at(path);
        REQUIRE(found.size() == 1);
        return model.value_of(found.front());
    }
    bool writable(std::string_view path) const {
        for (const ModelName& name : Model(facts()).names_at("", false)) {
            if (name.path == path) return name.writable;
        }
        FAIL("there is no such name");
        return false;
    }
};

bool has(const std::vector<std::string>& all, std::string_view one) {
    return std::ranges::find(all, one) != all.end();
}

std::set<std::string> forced(std::string_view root) {
    const Phone phone(root);
    const Model model(phone.facts());
    std::set<std::string> out;
    for (const ModelParameter& one : model.forced_parameters())
        out.insert(model.path_of(one));
    return out;
}

}  // namespace

TEST_CASE("every name of the model can be asked for, and every parameter has a name") {
    for (const std::string_view root : roots) {
        const Phone phone(root);
        const Model model(phone.facts());
        std::set<std::string> seen;
        for (const ModelName& name : model.names_at("", false)) {
            CAPTURE(name.path);
            CHECK(seen.insert(name.path).second);
            CHECK(name.path.size() <= limits::cwmp_path_bytes);
            CHECK(model.has(name.path));
            CHECK(model.names_at(name.path, false).front().path == name.path);
            CHECK(model.names_at(name.path, false).front().writable == name.writable);
            if (!name.path.ends_with('.')) CHECK(model.parameters_at(name.path).size() == 1);
        }
        for (const ModelParameter& one : model.parameters_at("")) {
            CAPTURE(model.path_of(one));
            CHECK(seen.contains(model.path_of(one)));
            CHECK(model.parameters_at(model.path_of(one)) == std::vector{one});
        }
    }
}

TEST_CASE("level by level leads to the same names as all at once") {
    for (const std::string_view root : roots) {
        const Phone phone(root);
        std::vector<std::string> left = phone.paths("", true);
        std::set<std::string> found;
        while (!left.empty()) {
            const std::string path = left.back();
            left.pop_back();
            CHECK(found.insert(path).second);
            if (!path.ends_with('.')) continue;
            for (std::string& child :
                 left.size() < 10'000 ? phone.paths(path, true) : std::vector<std::string>())
                left.push_back(std::move(child));
        }
        const auto all = phone.paths("", false);
        CHECK(found == std::set<std::string>(all.begin(), all.end()));
    }
}

TEST_CASE("objects follow the one above them, and what is above each is in the table") {
    std::set<std::string_view> paths = {""};
    for (const auto part : {management_objects(), voice_objects()}) {
        for (const ModelObject& object : part) {
            CAPTURE(std::string(object.path));
            if (!object.path.empty()) {
                CHECK(paths.insert(object.path).second);
                std::string_view above = object.path.substr(0, object.path.size() - 1);
                above = above.substr(0, above.rfind('.') + 1);
                const bool is_row = object.path.ends_with("{i}.");
                if (is_row) {
                    above = above.substr(0, above.empty() ? 0 : above.size() - 1);
                    above = above.substr(0, above.rfind('.') + 1);
                }
                CHECK(paths.contains(above));
                CHECK(is_row == (object.table != nullptr));
            }
            uint32_t tables = 0;
            for (auto at = object.path.find("{i}"); at != std::string_view::npos;
                 at = object.path.find("{i}", at + 1))
                ++tables;
            CHECK(tables <= Instances().numbers.size());
            std::set<std::string_view> names;
            for (const ModelRow& row : object.rows) {
                CHECK(names.insert(row.name).second);
                const Instances longest = {{1, limits::cwmp_instance_highest, 1, 99}, 4};
                CHECK(own_key(object, longest, 0, row.name).size() <= limits::config_key_bytes);
            }
        }
    }
}

TEST_CASE("a kept value that nobody has set is one that the parameter takes") {
    for (const std::string_view root : roots) {
        const Phone phone(root);
        const Model model(phone.facts());
        for (const ModelParameter& one : model.parameters_at("")) {
            if (one.row->keeping != Keeping::own || one.row->name.empty()) continue;
            CAPTURE(model.path_of(one));
            const auto value = checked_value(*one.row, "", one.row->initial, model);
            CHECK(value);
            // An empty value in the generation stands for the first one.
            if (checked_value(*one.row, "", "", model)) CHECK(one.row->initial.empty());
        }
    }
}

TEST_CASE("each root has its own forced parameters in every Inform, and no others") {
    CHECK(forced("device1") ==
          std::set<std::string>{
              "Device.DeviceSummary", "Device.DeviceInfo.HardwareVersion",
              "Device.DeviceInfo.SoftwareVersion", "Device.ManagementServer.ParameterKey",
              "Device.ManagementServer.ConnectionRequestURL", "Device.LAN.IPAddress"});
    CHECK(forced("device2") ==
          std::set<std::string>{"Device.RootDataModelVersion", "Device.DeviceInfo.HardwareVersion",
                                "Device.DeviceInfo.SoftwareVersion",
                                "Device.DeviceInfo.ProvisioningCode",
                                "Device.ManagementServer.ParameterKey",
                                "Device.ManagementServer.ConnectionRequestURL",
                                "Device.ManagementServer.AliasBasedAddressing"});
    CHECK(forced("igd") ==
          std::set<std::string>{"InternetGatewayDevice.DeviceSummary",
                                "InternetGatewayDevice.DeviceInfo.SpecVersion",
                                "InternetGatewayDevice.DeviceInfo.HardwareVersion",
                                "InternetGatewayDevice.DeviceInfo.SoftwareVersion",
                                "InternetGatewayDevice.DeviceInfo.ProvisioningCode",
                                "InternetGatewayDevice.ManagementServer.ParameterKey",
                                "InternetGatewayDevice.ManagementServer.ConnectionRequestURL",
                                "InternetGatewayDevice.ManagementServer.AliasBasedAddressing"});
}

TEST_CASE("what is notified unless an ACS says otherwise, and what an ACS cannot change") {
    const Phone phone("device2");
    const Model model(phone.facts());
    std::set<std::string> forced_ones;
    std::set<std::string> others;
    for (const ModelParameter& one : model.notified_parameters())
        (one.row->rule == NotificationRule::forced ? forced_ones : others)
            .insert(model.path_of(one));
    CHECK(forced_ones == std::set<std::string>{"Device.DeviceInfo.SoftwareVersion",
                                               "Device.DeviceInfo.ProvisioningCode"});
    CHECK(others == std::set<std::string>{"Device.ManagementServer.ConnectionRequestURL",
                                          "Device.GatewayInfo.ManufacturerOUI",
                                          "Device.GatewayInfo.ProductClass",
                                          "Device.GatewayInfo.SerialNumber"});
    for (const ModelParameter& one : model.parameters_at("")) {
        const bool is_told = one.row->notification != Notification::off;
        CHECK((!is_told || one.object->table == nullptr));
    }
}

TEST_CASE("the empty path and the root mean all there is") {
    const Phone phone;
    const Model model(phone.facts());
    CHECK(model.parameters_at("") == model.parameters_at("Device."));
    CHECK(phone.paths("", false) == phone.paths("Device.", false));
    CHECK(phone.paths("", false).front() == "Device.");
}

TEST_CASE("the next level has the children of an object and not the object itself") {
    const Phone phone;
    CHECK(phone.paths("", true) == std::vector<std::string>{"Device."});
    CHECK(phone.paths("Device.", true) ==
          std::vector<std::string>{"Device.DeviceSummary", "Device.DeviceInfo.",
                                   "Device.ManagementServer.", "Device.GatewayInfo.",
                                   "Device.Time.", "Device.LAN.", "Device.X_000B82_Config.",
                                   "Device.Services."});
    const auto lan = phone.paths("Device.LAN.", true);
    CHECK(lan.size() == 3);
    CHECK(has(lan, "Device.LAN.IPAddress"));
    CHECK(phone.paths("Device.LAN.", false).size() == 4);
    CHECK(phone.paths("Device.LAN.", false).front() == "Device.LAN.");
    const std::string profiles = "Device.Services.VoiceService.1.VoiceProfile.";
    CHECK(phone.paths(profiles, true) ==
          std::vector<std::string>{profiles + "1.", profiles + "2."});
    CHECK(has(phone.paths(profiles + "1.", true), profiles + "1.Line."));
    CHECK(has(phone.paths("Device.Services.", true), "Device.Services.VoiceService."));
}

TEST_CASE("an empty table is named, can be asked for, and has nothing in it") {
    const ManagedPhone bare;
    const Model model(bare.facts());
    const std::string table = "Device.Services.VoiceService.1.VoiceProfile.";
    CHECK(model.has(table));
    CHECK(model.parameters_at(table).empty());
    CHECK(model.names_at(table, false).size() == 1);
    CHECK(model.names_at(table, true).empty());
    CHECK(model.names_at(table, false).front().writable);
}

TEST_CASE("a table can be written where rows can be added, and its rows where they can go") {
    const Phone phone;
    const std::string service = "Device.Services.VoiceService.";
    CHECK(!phone.writable(service));
    CHECK(!phone.writable(service + "1."));
    CHECK(!phone.writable(service + "1.Capabilities.Codecs."));
    CHECK(phone.writable(service + "1.VoiceProfile."));
    CHECK(phone.writable(service + "1.VoiceProfile.1."));
    CHECK(phone.writable(service + "1.VoiceProfile.1.Line."));
    CHECK(phone.writable(service + "1.VoiceProfile.1.Line.1."));
    CHECK(!phone.writable(service + "1.VoiceProfile.1.SIP."));
    CHECK(!phone.writable(service + "1.VoiceProfile.1.Line.1.Codec.List.1."));
    CHECK(phone.writable("Device.X_000B82_Config.P30"));
}

TEST_CASE("an account of the configuration is a VoiceProfile with a line") {
    const Phone phone;
    const std::string profile = "Device.Services.VoiceService.1.VoiceProfile.1.";
    CHECK(phone.value("Device.Services.VoiceService.1.VoiceProfileNumberOfEntries") == "2");
    CHECK(phone.value("Device.Services.VoiceService.1.Capabilities.MaxProfileCount") == "3");
    CHECK(phone.value(profile + "Enable") == "Enabled");
    CHECK(phone.value(profile + "SIP.ProxyServer") == "pbx.example");
    CHECK(phone.value(profile + "SIP.ProxyServerPort") == "5070");
    CHECK(phone.value(profile + "SIP.RegistrarServerPort") == "5060");
    CHECK(phone.value(profile + "NumberOfLines") == "1");
    CHECK(phone.value(profile + "Line.1.Enable") == "Enabled");
    CHECK(phone.value(profile + "Line.1.DirectoryNumber") == "101");
    CHECK(phone.value(profile + "Line.1.SIP.AuthPassword").empty());
    const std::string second = "Device.Services.VoiceService.1.VoiceProfile.2.";
    CHECK(phone.value(second + "Enable") == "Disabled");
    CHECK(phone.value(second + "Line.1.DirectoryNumber") == "102");
}

TEST_CASE("what the phone says of a line is told, and of one that it says nothing of it is idle") {
    const Phone phone;
    const std::string line = "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.";
    CHECK(phone.value(line + "Status") == "Up");
    CHECK(phone.value(line + "CallState") == "InCall");
    CHECK(phone.value(line + "Stats.PacketsSent") == "7");
    CHECK(phone.value(line + "Session.1.SessionDuration") == "12");
    CHECK(phone.value(line + "Session.1.FarEndIPAddress") == "10.0.0.9");
    CHECK(phone.value(line + "Codec.List.2.Codec") == "G.722");
    CHECK(phone.value("Device.Services.VoiceService.1.Capabilities.Codecs.1.PacketizationPeriod") ==
          "20,30");
    const std::string other = "Device.Services.VoiceService.1.VoiceProfile.2.Line.1.";
    CHECK(phone.value(other + "Status") == "Disabled");
    CHECK(phone.value(other + "CallState") == "Idle");
    CHECK(phone.value(other + "Stats.PacketsSent") == "0");
    CHECK(phone.paths(other + "Session.", true).empty());
}

TEST_CASE("keys of the vendor that are no account's are told under an object of their own") {
    const Phone phone;
    CHECK(phone.paths("Device.X_000B82_Config.", true) ==
          std::vector<std::string>{"Device.X_000B82_Config.P1361", "Device.X_000B82_Config.P30"});
    CHECK(phone.value("Device.X_000B82_Config.P30") == "ntp.example");
    CHECK(phone.value("Device.X_000B82_Config.P1361").empty());
}

TEST_CASE("a vendor's key with blanks, points and slashes is a name without any") {
    ManagedPhone phone("fanvil");
    phone.configure({{.key = "SIP CONFIG MODULE/SIP  Port", .value = "5060"},
                     {.key = "A MODULE/a_b", .value = "x"}});
    const Model model(phone.facts());
    const auto names = model.names_at("Device.X_000B82_Config.", true);
    REQUIRE(names.size() == 2);
    CHECK(names[0].path == "Device.X_000B82_Config.A_20MODULE_2Fa_5Fb");
    CHECK(names[1].path == "Device.X_000B82_Config.SIP_20CONFIG_20MODULE_2FSIP_20_20Port");
}

TEST_CASE("a Fanvil account is read from its line list, and from a file made by hand") {
    ManagedPhone phone("fanvil");
    phone.configure(
        {{.key = "SIP CONFIG MODULE/SIP Line List/SIP1 Register Addr", .value = "pbx.example"},
         {.key = "SIP CONFIG MODULE/SIP Line List/SIP1 Enable Reg", .value = "1"},
         {.key = "SIP CONFIG MODULE/SIP7 Phone Number", .value = "107"}});
    const Model model(phone.facts());
    const auto value = [&model](std::string_view path) {
        return model.value_of(model.parameters_at(path).at(0));
    };
    const std::string profiles = "Device.Services.VoiceService.1.VoiceProfile.";
    CHECK(value(profiles + "1.SIP.ProxyServer") == "pbx.example");
    CHECK(value(profiles + "1.SIP.ProxyServerPort") == "5060");
    CHECK(value(profiles + "1.Line.1.Enable") == "Enabled");
    CHECK(value(profiles + "7.Line.1.DirectoryNumber") == "107");
    CHECK(model.names_at("Device.X_000B82_Config.", true).empty());
}

TEST_CASE("bad input: a path that is no name of the model leads nowhere") {
    const Phone phone;
    const Model model(phone.facts());
    for (const std::string_view path :
         {"Device",
          "Device.LAN",
          "Device.LAN.IP",
          "Device.LAN.IPAddress.",
          "LAN.IPAddress",
          ".",
          "Device..",
          "device.LAN.",
          "InternetGatewayDevice.",
          "Device.LAN.IPAddress\n",
          "Device.Services.VoiceService.2.",
          "Device.Services.VoiceService.01.",
          "Device.Services.VoiceService.{i}.",
          "Device.Services.VoiceService..",
          "Device.Services.VoiceService.1.VoiceProfile.3.",
          "Device.Services.VoiceService.1.VoiceProfile.3.Line.",
          "Device.Services.VoiceService.1.VoiceProfile.1.Line.2.",
          "Device.Services.VoiceService.1.VoiceProfile.4294967297.",
          "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.Codec.List.3.",
          "Device.X_000B82_Config.P47",
          "Device.X_{oui}_Config.",
          "Device.Ethernet."}) {
        CAPTURE(std::string(path));
        CHECK(!model.has(path));
        CHECK(model.parameters_at(path).empty());
        CHECK(model.names_at(path, false).empty());
        CHECK(model.names_at(path, true).empty());
    }
}

TEST_CASE("a time is told as XML Schema wants it") {
    CHECK(date_time_text(0) == "1970-01-01T00:00:00Z");
    CHECK(date_time_text(951'827'696) == "2000-02-29T12:34:56Z");
    CHECK(date_time_text(4'102'444'799) == "2099-12-31T23:59:59Z");
}

// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/data_model.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace dialtone;

namespace {

std::vector<std::string> paths(std::string_view path, bool next_level) {
    std::vector<std::string> out;
    for (const ModelName& name : names_at(path, next_level))
        out.push_back(name.path);
    return out;
}

bool has(const std::vector<std::string>& all, std::string_view one) {
    return std::ranges::find(all, one) != all.end();
}

}  // namespace

TEST_CASE("every name of the model is one that a path can ask for, and leads to rows") {
    std::set<std::string> seen;
    for (const ModelName& name : names_at("", false)) {
        CAPTURE(name.path);
        CHECK(seen.insert(name.path).second);
        CHECK(name.path.size() <= 256);  // ParameterValueStruct of the schema
        CHECK(!rows_at(name.path).empty());
        CHECK(!names_at(name.path, false).empty());
    }
    for (const ModelRow& row : model_rows())
        CHECK(seen.contains(full_path(row)));
}

TEST_CASE("the parameters of an object follow one another") {
    std::set<std::string> left;
    std::string object;
    for (const ModelRow& row : model_rows()) {
        const std::string path = full_path(row);
        const std::string own = path.substr(0, path.rfind('.') + 1);
        if (own == object) continue;
        CHECK(!left.contains(own));
        left.insert(std::exchange(object, own));
    }
}

TEST_CASE("the forced parameters of Device:1 go with every Inform, and no others") {
    std::set<std::string> forced;
    for (const ModelRow& row : model_rows()) {
        if (row.in_inform) forced.insert(full_path(row));
    }
    CHECK(forced == std::set<std::string>{
                        "Device.DeviceSummary", "Device.DeviceInfo.HardwareVersion",
                        "Device.DeviceInfo.SoftwareVersion", "Device.ManagementServer.ParameterKey",
                        "Device.ManagementServer.ConnectionRequestURL", "Device.LAN.IPAddress"});
}

TEST_CASE("the empty path and the root mean all there is") {
    CHECK(rows_at("").size() == model_rows().size());
    CHECK(rows_at("Device.").size() == model_rows().size());
    CHECK(paths("", false) == paths("Device.", false));
    CHECK(paths("", false).front() == "Device.");
}

TEST_CASE("the next level has the children of an object and not the object itself") {
    CHECK(paths("", true) == std::vector<std::string>{"Device."});
    CHECK(paths("Device.", true) ==
          std::vector<std::string>{"Device.DeviceSummary", "Device.DeviceInfo.",
                                   "Device.ManagementServer.", "Device.LAN."});
    const auto lan = paths("Device.LAN.", true);
    CHECK(lan.size() == 3);
    CHECK(has(lan, "Device.LAN.IPAddress"));
    CHECK(paths("Device.LAN.", false).size() == 4);
    CHECK(paths("Device.LAN.", false).front() == "Device.LAN.");
}

TEST_CASE("bad input: a path that is no name of the model leads nowhere") {
    for (const std::string_view path :
         {"Device", "Device.LAN", "Device.LAN.IP", "Device.LAN.IPAddress.", "LAN.IPAddress", ".",
          "Device..", "device.LAN.", "InternetGatewayDevice.", "Device.LAN.IPAddress\n"}) {
        CAPTURE(std::string(path));
        CHECK(rows_at(path).empty());
        CHECK(names_at(path, false).empty());
        CHECK(names_at(path, true).empty());
    }
}

TEST_CASE("a time is told as XML Schema wants it") {
    CHECK(date_time_text(0) == "1970-01-01T00:00:00Z");
    CHECK(date_time_text(951'827'696) == "2000-02-29T12:34:56Z");
    CHECK(date_time_text(4'102'444'799) == "2099-12-31T23:59:59Z");
}

// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/model_listing.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "agent/cwmp/watch.h"
#include "agent/limits.h"
#include "agent/reply_lines.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

ModelListing listing(const ManagedPhone& managed, std::string_view path, uint32_t first = 0) {
    return list_model(managed.facts(), {}, path, first);
}

// The one line below `path`.
std::string line(const ManagedPhone& managed, std::string_view path) {
    const ModelListing found = listing(managed, path);
    REQUIRE(found.found);
    REQUIRE(found.lines.size() == 1);
    return found.lines[0];
}

std::string refusal(std::string_view path) {
    const ModelListing found = listing({}, path);
    CHECK(!found.found);
    CHECK(found.lines.empty());
    return found.text;
}

bool has(const std::string& text, std::string_view piece) {
    CAPTURE(text);
    return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("a parameter is told with access, notification and value") {
    ManagedPhone managed;
    CHECK(line(managed, "Device.DeviceInfo.Manufacturer") ==
          "RO 0 Device.DeviceInfo.Manufacturer Grandstream");
    CHECK(line(managed, "Device.ManagementServer.PeriodicInformInterval") ==
          "RW 0 Device.ManagementServer.PeriodicInformInterval 3600");
    CHECK(line(managed, "Device.DeviceInfo.SoftwareVersion") ==
          "RO 2 Device.DeviceInfo.SoftwareVersion 1.0.2.7");
}

TEST_CASE("an object is found with and without its dot, and stands before what is in it") {
    ManagedPhone managed;
    const ModelListing with = listing(managed, "Device.DeviceInfo.");
    CHECK(with.lines[0] == "RO - Device.DeviceInfo.");
    CHECK(with.lines == listing(managed, "Device.DeviceInfo").lines);
    CHECK(with.text == std::to_string(with.lines.size()));
    CHECK(listing(managed, "Device.Services.VoiceService.1.VoiceProfile").lines ==
          std::vector<std::string>{"RW - Device.Services.VoiceService.1.VoiceProfile."});
}

TEST_CASE("the whole tree comes part by part, each line once") {
    ManagedPhone managed;
    managed.configure({{.key = "P47", .value = "one.example"}, {.key = "P402", .value = "two"}});
    std::set<std::string> seen;
    uint32_t count = 0;
    for (uint32_t first = 0;; first += limits::reply_lines) {
        const ModelListing part = listing(managed, "", first);
        CHECK(part.found);
        CHECK(part.lines.size() <= limits::reply_lines);
        CHECK(bounded_lines(part.lines) == part.lines);
        if (part.lines.empty()) break;
        seen.insert(part.lines.begin(), part.lines.end());
        count += static_cast<uint32_t>(part.lines.size());
        CHECK(part.text == listing(managed, "").text);
    }
    CHECK(listing(managed, "").text == std::to_string(count));
    CHECK(seen.size() == count);
    CHECK(count > limits::reply_lines);
    CHECK(listing(managed, "", UINT32_MAX).lines.empty());
}

TEST_CASE("no secret is told: passwords are masked, and so is what a URL hides") {
    ManagedPhone managed;
    managed.set(Setting::tr069_acs_url, "http://phone:hush@acs.example/cwmp?token=hush");
    managed.configure({{.key = "P47", .value = "one.example"},
                       {.key = "P34", .value = "hush"},
                       {.key = "P2", .value = "hush"},
                       {.key = "P237", .value = "phone:hush@files.example/gs"}});
    CHECK(line(managed, "Device.ManagementServer.Password") ==
          "RW 0 Device.ManagementServer.Password ***");
    CHECK(line(managed, "Device.ManagementServer.ConnectionRequestPassword") ==
          "RW 0 Device.ManagementServer.ConnectionRequestPassword ");
    CHECK(line(managed, "Device.ManagementServer.URL") ==
          "RW 0 Device.ManagementServer.URL http://acs.example/cwmp?***");
    CHECK(line(managed, "Device.X_000B82_Config.P2") == "RW 0 Device.X_000B82_Config.P2 ***");
    for (uint32_t first = 0;; first += limits::reply_lines) {
        const ModelListing part = listing(managed, "", first);
        if (part.lines.empty()) break;
        for (const std::string& one : part.lines)
            CHECK(!has(one, "hush"));
    }
}

TEST_CASE("what the ACS has set for a notification is told") {
    ManagedPhone managed;
    const std::string path = "Device.ManagementServer.PeriodicInformInterval";
    AcsMemory memory;
    memory.watched = {{.path = path_digest(path), .notification = 2}};
    CHECK(list_model(managed.facts(), memory, path, 0).lines[0] == "RW 2 " + path + " 3600");
}

TEST_CASE("a name that there is not is answered with those that are near") {
    CHECK(has(refusal("Device.DeviceInfo.Manufakturer"),
              "nothing called Device.DeviceInfo.Manufakturer, did you mean "
              "Device.DeviceInfo.Manufacturer?"));
    CHECK(has(refusal("Device.ManagmentServer.URL"), "did you mean Device.ManagementServer?"));
    CHECK(has(refusal("device.deviceinfo"), "did you mean Device?"));
    CHECK(has(refusal("SoftwareVersion"), ", but Device.DeviceInfo.SoftwareVersion"));
    CHECK(has(refusal("DeviceInfo"), ", but Device.DeviceInfo."));
    CHECK(has(refusal("Device.DeviceInfo.Frequency"), "; there are Device.DeviceInfo."));
    CHECK(has(refusal("Elsewhere.Thing"), "; paths begin with Device."));
    CHECK(has(refusal("Device.Services.VoiceService.1.VoiceProfile.7."),
              "nothing called Device.Services.VoiceService.1.VoiceProfile.7."));
}

TEST_CASE("bad input: paths that are none are refused in a line") {
    for (const char* path : {".", "..", "...Device", "Device..", "Device. ", " ", "\\n"})
        CHECK(has(refusal(path), "nothing called"));
    CHECK(refusal(std::string(limits::cwmp_path_bytes + 1, 'D')) == "the path is too long");
}

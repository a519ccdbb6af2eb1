// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "agent/vendor/profiles.h"

namespace dialtone {
namespace {

const KeySetting* row_of(std::string_view key) {
    for (const KeySetting& row : grandstream_profile.key_settings) {
        if (row.key == key) return &row;
    }
    return nullptr;
}

std::string_view word_for(std::string_view key, std::string_view value) {
    for (const WordOfValue& one : row_of(key)->words) {
        if (one.value == value) return one.word;
    }
    return {};
}

Identity a_phone() {
    Identity identity = identity_from_mac("C074AD2BD859").value();
    identity.model = "GXP1628";
    identity.version = "1.0.4.138";
    return identity;
}

TEST_CASE("a Grandstream phone asks for its files in the order of the guides") {
    std::vector<std::string> names;
    for (const PlanFile& file : grandstream_profile.files)
        names.push_back(fill_template(file.name, a_phone()));
    CHECK(names == std::vector<std::string>{"cfgc074ad2bd859", "cfgc074ad2bd859.xml",
                                            "cfggxp1628.xml", "cfg.xml"});
}

TEST_CASE("a Grandstream phone always asks for the binary file, and then for the first XML file") {
    const auto files = grandstream_profile.files;
    CHECK(files[0].ask == AskWhen::always);
    for (const PlanFile& file : files.subspan(1))
        CHECK(file.ask == AskWhen::until_first);
}

TEST_CASE("a Grandstream phone names itself as the phones do") {
    CHECK(fill_template(grandstream_profile.user_agent, a_phone()) ==
          "Grandstream Model HW GXP1628 SW 1.0.4.138 DevId c074ad2bd859");
}

TEST_CASE("P212 chooses the protocol") {
    CHECK(word_for("P212", "0") == "tftp");
    CHECK(word_for("P212", "1") == "http");
    CHECK(word_for("P212", "2") == "https");
    CHECK(word_for("P212", "3") == "ftp");
    CHECK(word_for("P212", "4") == "ftps");
    CHECK(word_for("P212", "5").empty());
}

TEST_CASE("P194 chooses between power-on only and a timed check") {
    CHECK(word_for("P194", "0") == "reboot");
    CHECK(word_for("P194", "1") == "interval");
    CHECK(word_for("P194", "2").empty());
}

TEST_CASE("server, credentials and password of a Grandstream file become settings") {
    CHECK(row_of("P237")->setting == Setting::static_server);
    CHECK(row_of("P193")->setting == Setting::static_interval);
    CHECK(row_of("P234")->setting == Setting::config_prefix);
    CHECK(row_of("P235")->setting == Setting::config_postfix);
    CHECK(row_of("P1359")->setting == Setting::config_password);
    CHECK(row_of("P1360")->setting == Setting::provision_user);
    CHECK(row_of("P1361")->setting == Setting::provision_password);
    CHECK(row_of("P8463")->setting == Setting::tls_verify);
    CHECK(row_of("P20713")->setting == Setting::http_basic_always);
}

TEST_CASE("a Grandstream phone reboots for a new configuration and wants its XML encrypted") {
    CHECK(grandstream_profile.after_apply == AfterApply::reboot);
    CHECK(grandstream_profile.formats[0].plain_with_key_refused);
    REQUIRE(grandstream_profile.keys.size() == 2);
    CHECK(grandstream_profile.keys[0] == Setting::config_password);
    CHECK(grandstream_profile.keys[1] == Setting::config_password_old);
}

}  // namespace
}  // namespace dialtone

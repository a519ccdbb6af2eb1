// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "agent/config/file_encryption.h"
#include "agent/limits.h"
#include "agent/vendor/profiles.h"

namespace dialtone {
namespace {

constexpr std::string_view module = "AUTOUPDATE CONFIG MODULE/";

const KeySetting* row_of(std::string_view name, std::string_view of = module) {
    for (const KeySetting& row : fanvil_profile.key_settings) {
        if (row.key == std::string(of) + std::string(name)) return &row;
    }
    return nullptr;
}

Identity a_phone(std::string_view model = "X4") {
    Identity identity = identity_from_mac("0C383E07E16C").value();
    identity.model = model;
    identity.version = "2.10.2.6887";
    return identity;
}

std::string common_name(std::string_view model) {
    return file_name(fanvil_profile.files[0], a_phone(model));
}

TEST_CASE("a Fanvil phone asks for the file of all phones, and then for its own") {
    REQUIRE(fanvil_profile.files.size() == 2);
    CHECK(file_name(fanvil_profile.files[0], a_phone()) == "f0X4hw1.100.cfg");
    CHECK(file_name(fanvil_profile.files[1], a_phone()) == "0c383e07e16c.cfg");
    for (const PlanFile& file : fanvil_profile.files)
        CHECK(file.ask == AskWhen::always);
    CHECK(fanvil_profile.files[0].beside_named_file);
    CHECK(!fanvil_profile.files[1].beside_named_file);
}

TEST_CASE("each file of a Fanvil phone has its own key") {
    const Profile& profile = fanvil_profile;
    CHECK(keys_of(profile, "common")[0] == Setting::config_key_common);
    CHECK(keys_of(profile, "common")[1] == Setting::config_key);
    for (const std::string_view role : {"device", "url"}) {
        CHECK(keys_of(profile, role)[0] == Setting::config_key);
        CHECK(keys_of(profile, role)[1] == Setting::config_key_common);
    }
}

TEST_CASE("the common file of each Fanvil model is the one of the guide, case kept") {
    for (const std::string model :
         {"X1", "X2", "X3S", "X4", "H2S", "H3", "H5", "i16V", "i30", "i23S", "i31S", "i12", "i18S",
          "PA2", "i13W", "i32V", "i33V", "iW30", "EIM-01"})
        CHECK(common_name(model) == "f0" + model + "hw1.100.cfg");
    CHECK(common_name("i20S") == "f0i20SVhw1.100.cfg");
    CHECK(common_name("X5S") == "F0V0X5S00000.cfg");
    CHECK(common_name("X6") == "F0V00X600000.cfg");
    CHECK(common_name("X7") == "F0V00X700000.cfg");
    CHECK(common_name("X7C") == "F0V0X7C00000.cfg");
    CHECK(common_name("X210") == "F0VX21000000.cfg");
    CHECK(common_name("F600") == "f0F06000000.cfg");
    CHECK(common_name("C600") == "f0C06000000.cfg");
    CHECK(common_name("C400") == "f0C04000000.cfg");
}

TEST_CASE("no Fanvil model stands twice in the table of common files") {
    std::set<std::string_view> models;
    for (const ModelFile& row : fanvil_profile.files[0].by_model)
        CHECK(models.insert(row.model).second);
}

TEST_CASE("a Fanvil phone names itself as the phones do") {
    CHECK(fill_template(fanvil_profile.user_agent, a_phone()) ==
          "Fanvil X4 2.10.2.6887 0c383e07e16c");
}

TEST_CASE("Flash Protocol and Flash Mode choose what their published values say") {
    const KeySetting& protocol = *row_of("Flash Protocol");
    CHECK(setting_value(protocol, "2") == "tftp");
    CHECK(setting_value(protocol, "4") == "http");
    CHECK(setting_value(protocol, "5") == "https");
    CHECK(setting_value(protocol, "1").empty());
    CHECK(setting_value(protocol, "3").empty());
    const KeySetting& mode = *row_of("Flash Mode");
    CHECK(setting_value(mode, "0") == "off");
    CHECK(setting_value(mode, "1") == "reboot");
    CHECK(setting_value(mode, "2") == "interval");
}

TEST_CASE("Flash Interval counts hours") {
    CHECK(setting_value(*row_of("Flash Interval"), "24") == "1440");
}

TEST_CASE("server, credentials and keys of a Fanvil file become settings") {
    CHECK(row_of("Flash Server IP")->setting == Setting::static_server);
    CHECK(row_of("Flash File Name")->setting == Setting::static_file);
    CHECK(row_of("Default Username")->setting == Setting::provision_user);
    CHECK(row_of("Default Password")->setting == Setting::provision_password);
    CHECK(row_of("Device Cfg File Key")->setting == Setting::config_key);
    CHECK(row_of("Common Cfg File Key")->setting == Setting::config_key_common);
    CHECK(row_of("PNP Enable")->setting == Setting::pnp_enabled);
    CHECK(row_of("Sip Pnp List/PNP Enable")->setting == Setting::pnp_enabled);
    CHECK(row_of("Net Option/DHCP Option")->setting == Setting::dhcp_options);
}

TEST_CASE("a number in another unit than the setting's is converted, what is no number is not") {
    const KeySetting hours = {"M/Hours", Setting::static_interval, {}, 60};
    CHECK(setting_value(hours, "1") == "60");
    CHECK(setting_value(hours, "168") == "10080");
    CHECK(setting_value(hours, "4294967295") == "257698037700");
    for (const std::string_view value : {"", "0.01", "-1", "1h", "4294967296"})
        CHECK(setting_value(hours, value).empty());
    CHECK(setting_value({"M/Text", Setting::static_file}, "0.01") == "0.01");
}

TEST_CASE("a setting's value is converted back to the key's, where the key has it") {
    const KeySetting hours = {"M/Hours", Setting::static_interval, {}, 60};
    CHECK(key_value(hours, "120") == "2");
    CHECK(key_value(hours, "90").empty());
    CHECK(key_value(hours, "").empty());
    CHECK(key_value(*row_of("Flash Mode"), "interval") == "2");
    CHECK(key_value(*row_of("Flash Protocol"), "ftp").empty());
    CHECK(key_value({"M/Text", Setting::static_file}, "a b") == "a b");
    // Each value that a key has comes back as one that means the same.
    for (const KeySetting& row : fanvil_profile.key_settings) {
        for (const WordOfValue& word : row.words)
            CHECK(setting_value(row, key_value(row, word.word)) == word.word);
    }
}

TEST_CASE("what an export has where there is no address is no value") {
    const KeySetting* const url = row_of("ACS URL", "TR069 CONFIG MODULE/");
    REQUIRE(url != nullptr);
    CHECK(setting_value(*url, "0.0.0.0").empty());
    CHECK(setting_value(*url, "http://acs.example/") == "http://acs.example/");
    CHECK(setting_value(*url, "").empty());
}

TEST_CASE("a Fanvil phone needs no reboot for a new configuration and wants it encrypted") {
    CHECK(fanvil_profile.after_apply == AfterApply::second_pass);
    CHECK(fanvil_profile.formats[0].plain_with_key_refused);
    CHECK(fanvil_profile.encryption == &unpublished_aes_encryption);
}

TEST_CASE("a module path is a module, perhaps a list, and a key") {
    for (const std::string_view key :
         {"M/K", "SIP CONFIG MODULE/SIP Line List/SIP1 Phone Number", "M MODULE/P1 N/A Line",
          "M/SIP1 Use user=phone", "M//", "M/\xC3\xBC"})
        CHECK(key_has_shape(key, KeyShape::module_path));
    for (const std::string_view key :
         {"", "/", "M", "M/", "/K", " M/K", "M/K ", "M/K\n", "M/\tK", "static.url", "P47"})
        CHECK(!key_has_shape(key, KeyShape::module_path));
    const std::string longest = "M/" + std::string(limits::config_key_bytes - 2, 'k');
    CHECK(key_has_shape(longest, KeyShape::module_path));
    CHECK(!key_has_shape(longest + "k", KeyShape::module_path));
}

}  // namespace
}  // namespace dialtone

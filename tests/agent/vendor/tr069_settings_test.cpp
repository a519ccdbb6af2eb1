// SPDX-License-Identifier: Apache-2.0
//
// The settings of TR-069 that the vendors' texts name, one by one: each is a setting of the agent,
// a parameter of the ACS where the data model has one, and a key of the vendor's files where its
// name is published.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "agent/cwmp/data_model.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

struct Row {
    std::string_view named;      // in the vendor's text
    std::string_view setting;    // of the agent
    std::string_view parameter;  // below ManagementServer; empty: the data model has none
    std::string_view key;        // empty: no public text has one
};

constexpr Row grandstream_rows[] = {
    {"ACS URL", "tr069.acs_url", "URL", "P4503"},
    {"ACS Username", "tr069.user", "Username", "P4504"},
    {"ACS Password", "tr069.password", "Password", "P4505"},
    {"Periodic Inform Enable", "tr069.periodic_enable", "PeriodicInformEnable", "P4506"},
    {"Periodic Inform Interval", "tr069.periodic_interval", "PeriodicInformInterval", "P4507"},
    {"Connection Request Username", "tr069.connection_request_user", "ConnectionRequestUsername",
     "P4511"},
    {"Connection Request Password", "tr069.connection_request_password",
     "ConnectionRequestPassword", "P4512"},
};

constexpr Row fanvil_rows[] = {
    {"Enable TR069", "tr069.enabled", "", "TR069 CONFIG MODULE/Enable TR069"},
    {"ACS Server URL", "tr069.acs_url", "URL", "TR069 CONFIG MODULE/ACS URL"},
    {"ACS User", "tr069.user", "Username", "TR069 CONFIG MODULE/ACS UserName"},
    {"ACS Password", "tr069.password", "Password", "TR069 CONFIG MODULE/ACS Password"},
    {"TLS Version", "tls.minimum", "", ""},
    {"INFORM Sending Period", "tr069.periodic_interval", "PeriodicInformInterval",
     "TR069 CONFIG MODULE/Periodix Interval"},
};

void check(const Profile& profile, const Row& row) {
    CAPTURE(row.named);
    const SettingForm* const form = find_setting(row.setting);
    REQUIRE(form != nullptr);
    if (!row.parameter.empty()) {
        const ManagedPhone phone(profile.name);
        const auto place =
            Model(phone.facts()).find("Device.ManagementServer." + std::string(row.parameter));
        REQUIRE(place);
        REQUIRE(place->parameter);
        CHECK(place->parameter->row->keeping == Keeping::setting);
        CHECK(place->parameter->row->setting == form->setting);
    }
    if (row.key.empty()) return;
    const auto known = std::ranges::find(profile.key_settings, row.key, &KeySetting::key);
    REQUIRE(known != profile.key_settings.end());
    CHECK(known->setting == form->setting);
    CHECK(is_secret_key(profile, row.key) == (form->type == SettingType::secret));
}

}  // namespace

TEST_CASE("each setting of TR-069 that Grandstream's text names is there") {
    for (const Row& row : grandstream_rows)
        check(*find_profile("grandstream"), row);
}

TEST_CASE("each setting of TR-069 that Fanvil's text names is there") {
    for (const Row& row : fanvil_rows)
        check(*find_profile("fanvil"), row);
}

TEST_CASE("the inform period takes all that Fanvil's page does, and is what it is there at first") {
    const SettingForm& period = setting_form(Setting::tr069_periodic_interval);
    CHECK(period.initial == "3600");
    CHECK(check_setting(period, "1"));
    CHECK(check_setting(period, "9999"));
    CHECK(!check_setting(period, "0"));
}

TEST_CASE("a file of Fanvil's names an ACS, and whether it is spoken to") {
    ManagedPhone phone("fanvil");
    const std::string module = "TR069 CONFIG MODULE/";
    phone.configure({{module + "Enable TR069", "0"},
                     {module + "ACS URL", "http://other.example/acs"},
                     {module + "ACS UserName", "desk"},
                     {module + "CPE UserName", "knock"},
                     {module + "Periodix Interval", "60"}});
    const Settings& settings = phone.phone.settings;
    CHECK(!settings.flag(Setting::tr069_enabled));
    CHECK(settings.get(Setting::tr069_acs_url) == "http://other.example/acs");
    CHECK(settings.get(Setting::tr069_user) == "desk");
    CHECK(settings.get(Setting::tr069_connection_request_user) == "knock");
    CHECK(settings.number(Setting::tr069_periodic_interval) == 60);
}

// SPDX-License-Identifier: Apache-2.0
//
// What holds for every profile, whichever vendor's it is.
#include "agent/vendor/profiles.h"

#include <doctest/doctest.h>

#include <set>

namespace dialtone {
namespace {

TEST_CASE("profiles are sorted by name and found by it") {
    std::string_view before;
    for (const Profile* profile : all_profiles()) {
        CAPTURE(profile->name);
        CHECK(before < profile->name);
        CHECK(find_profile(profile->name) == profile);
        before = profile->name;
    }
    CHECK(find_profile("") == nullptr);
    CHECK(find_profile("nobody") == nullptr);
    CHECK(find_profile("Grandstream") == nullptr);
}

TEST_CASE("every profile says who it is and what it asks for") {
    for (const Profile* profile : all_profiles()) {
        CAPTURE(profile->name);
        CHECK(!profile->vendor.empty());
        CHECK(!profile->default_model.empty());
        CHECK(!profile->default_version.empty());
        CHECK(!profile->user_agent.empty());
        CHECK(!profile->files.empty());
        CHECK(!profile->formats.empty());
    }
}

TEST_CASE("the roles of a profile's files are not empty and differ") {
    for (const Profile* profile : all_profiles()) {
        std::set<std::string_view> roles;
        for (const PlanFile& file : profile->files)
            roles.insert(file.role);
        CHECK(roles.size() == profile->files.size());
        CHECK(roles.count("") == 0);
    }
}

TEST_CASE("the defaults of a profile are values their settings take") {
    for (const Profile* profile : all_profiles()) {
        for (const SettingDefault& one : profile->defaults)
            CHECK(check_setting(setting_form(one.setting), one.value));
    }
}

TEST_CASE("every word a configuration value means is one its setting takes") {
    for (const Profile* profile : all_profiles()) {
        for (const KeySetting& row : profile->key_settings) {
            for (const WordOfValue& one : row.words) {
                CAPTURE(row.key);
                CAPTURE(one.value);
                CHECK(check_setting(setting_form(row.setting), one.word));
            }
        }
    }
}

TEST_CASE("the keys a profile names have the shape of its keys") {
    for (const Profile* profile : all_profiles()) {
        for (const KeySetting& row : profile->key_settings) {
            CAPTURE(row.key);
            CHECK(key_has_shape(row.key, profile->key_shape));
        }
        for (std::string_view key : profile->secret_keys) {
            CAPTURE(key);
            CHECK(key_has_shape(key, profile->key_shape));
        }
    }
}

TEST_CASE("a key that carries a secret setting is a secret key") {
    for (const Profile* profile : all_profiles()) {
        const std::set<std::string_view> secrets(profile->secret_keys.begin(),
                                                 profile->secret_keys.end());
        for (const KeySetting& row : profile->key_settings) {
            if (setting_form(row.setting).type != SettingType::secret) continue;
            CAPTURE(row.key);
            CHECK(secrets.count(row.key) == 1);
        }
    }
}

}  // namespace
}  // namespace dialtone

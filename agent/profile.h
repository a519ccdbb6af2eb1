// SPDX-License-Identifier: Apache-2.0
//
// What differs between vendors, as data. A profile is one constexpr value in vendor/; no code
// asks which vendor it is running for.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "agent/document.h"
#include "agent/settings.h"

namespace dialtone {

// The phone's own identity; fills the braces of a profile's templates.
struct Identity {
    uint8_t mac[6] = {};
    std::string model = {};
    std::string version = {};
};

// Fills {mac} (lower case, no separators), {MAC} (upper case), {mac:} (lower case with colons),
// {model}, {model_lower} and {version}. Anything else in braces stays as it is.
std::string fill_template(std::string_view text, const Identity& identity);

// "000B82273B89", "00:0b:82:..", "00-0b-.." to six octets. Errors: bad_usage.
Result<Identity> identity_from_mac(std::string_view mac);
std::string mac_text(const Identity& identity);  // 12 lower-case hex digits

// When a file of the plan is asked for, given what became of those before it.
enum class AskWhen : uint8_t {
    always,
    until_first,  // only while no file marked until_first has been found
};

struct PlanFile {
    std::string_view role;  // names the digest; stable across releases
    std::string_view name;  // a template, without prefix and postfix
    AskWhen ask = AskWhen::always;
};

// A configuration key that is also a setting of the agent, "what configurations carry".
struct WordOfValue {
    std::string_view value;
    std::string_view word;
};

struct KeySetting {
    std::string_view key;
    Setting setting;
    std::span<const WordOfValue> words = {};  // empty: the value is taken as it stands
};

// The spelling of the vendor's configuration keys; `dialtone set` accepts no others.
enum class KeyShape : uint8_t {
    p_number,  // P and digits
};

bool key_has_shape(std::string_view key, KeyShape shape);

enum class AfterApply : uint8_t { reboot, second_pass };

struct Profile {
    std::string_view name;  // as given to --profile
    std::string_view vendor;
    std::string_view default_model;
    std::string_view default_version;
    std::string_view user_agent;  // template
    std::span<const PlanFile> files;
    std::span<const FileFormat> formats;  // what it takes for a configuration
    std::span<const KeySetting> key_settings;
    std::span<const SettingDefault> defaults;
    std::span<const std::string_view> secret_keys;  // masked by `dialtone show config --mask`
    KeyShape key_shape;
    AfterApply after_apply;
    bool plain_xml_with_key_refused;  // a plain XML file while config.password is set
};

// Every profile of this build, sorted by name, and the one called `name` or nullptr.
std::span<const Profile* const> all_profiles();
const Profile* find_profile(std::string_view name);

}  // namespace dialtone

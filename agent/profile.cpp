// SPDX-License-Identifier: Apache-2.0
#include "agent/profile.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/placeholder.h"
#include "agent/text.h"

namespace dialtone {
namespace {

std::string hex_of_mac(const Identity& identity, std::string_view digits, bool colons) {
    std::string text;
    for (uint8_t octet : identity.mac) {
        if (colons && !text.empty()) text += ':';
        text += digits[octet >> 4];
        text += digits[octet & 15];
    }
    return text;
}

constexpr std::string_view lower_digits = "0123456789abcdef";
constexpr std::string_view upper_digits = "0123456789ABCDEF";

constexpr Placeholder<Identity> placeholders[] = {
    {"{mac}", [](const Identity& of) { return hex_of_mac(of, lower_digits, false); }},
    {"{MAC}", [](const Identity& of) { return hex_of_mac(of, upper_digits, false); }},
    {"{mac:}", [](const Identity& of) { return hex_of_mac(of, lower_digits, true); }},
    {"{model}", [](const Identity& of) { return of.model; }},
    {"{model_lower}", [](const Identity& of) { return lowered(of.model); }},
    {"{version}", [](const Identity& of) { return of.version; }},
};

std::optional<uint32_t> read_number(std::string_view text) {
    uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

bool is_module_path(std::string_view key) {
    const auto slash = key.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == key.size()) return false;
    if (key.front() == ' ' || key.back() == ' ') return false;
    return std::none_of(key.begin(), key.end(), is_control);
}

bool is_name(std::string_view key) {
    const auto fits = [](char letter) {
        return is_letter(letter) || is_digit(letter) || letter == '.' || letter == '_' ||
               letter == '-' || letter == ' ';
    };
    return !key.empty() && key.front() != ' ' && key.back() != ' ' &&
           std::ranges::all_of(key, fits);
}

}  // namespace

std::string fill_template(std::string_view text, const Identity& identity) {
    return fill_placeholders<Identity>(text, placeholders, identity);
}

std::string file_name(const PlanFile& file, const Identity& identity) {
    for (const ModelFile& row : file.by_model) {
        if (row.model == identity.model) return fill_template(row.name, identity);
    }
    return fill_template(file.name, identity);
}

std::string setting_value(const KeySetting& row, std::string_view value) {
    if (!value.empty() && value == row.none) return {};
    for (const WordOfValue& one : row.words) {
        if (one.value == value) return std::string(one.word);
    }
    if (!row.words.empty()) return {};
    if (row.unit == 1) return std::string(value);
    const auto number = read_number(value);
    return number ? std::to_string(uint64_t{*number} * row.unit) : std::string();
}

std::string key_value(const KeySetting& row, std::string_view setting) {
    for (const WordOfValue& one : row.words) {
        if (one.word == setting) return std::string(one.value);
    }
    if (!row.words.empty()) return {};
    if (row.unit == 1) return std::string(setting);
    const auto number = read_number(setting);
    return number && *number % row.unit == 0 ? std::to_string(*number / row.unit) : std::string();
}

Result<Identity> identity_from_mac(std::string_view mac) {
    const auto refuse = [] {
        return fail(ErrorCode::bad_usage,
                    "a MAC address is 12 hexadecimal digits, in pairs separated by : or - or by "
                    "nothing");
    };
    constexpr uint32_t digit_count = 12;
    constexpr uint32_t octet_count = 6;
    const bool separated = mac.size() == digit_count + octet_count - 1;
    if (!separated && mac.size() != digit_count) return refuse();

    Identity identity;
    const char separator = separated ? mac[2] : '\0';
    if (separated && separator != ':' && separator != '-') return refuse();
    for (uint32_t i = 0; i < octet_count; ++i) {
        const uint32_t at = i * (separated ? 3 : 2);
        if (separated && i > 0 && mac[at - 1] != separator) return refuse();
        const auto high = hex_digit(mac[at]);
        const auto low = hex_digit(mac[at + 1]);
        if (!high || !low) return refuse();
        identity.mac[i] = static_cast<uint8_t>(*high << 4 | *low);
    }
    return identity;
}

std::string mac_text(const Identity& identity) {
    return hex_of_mac(identity, lower_digits, false);
}

std::string oui_text(const Identity& identity) {
    constexpr uint32_t oui_digits = 6;
    return hex_of_mac(identity, upper_digits, false).substr(0, oui_digits);
}

bool is_secret_key(const Profile& profile, std::string_view key) {
    const auto& names = profile.secret_keys;
    if (std::find(names.begin(), names.end(), key) != names.end()) return true;
    for (const std::string_view ending : profile.secret_key_endings) {
        if (key.ends_with(ending)) return true;
    }
    for (const KeySetting& row : profile.key_settings) {
        if (row.key == key && setting_form(row.setting).type == SettingType::secret) return true;
    }
    return false;
}

bool key_has_shape(std::string_view key, KeyShape shape) {
    if (key.size() > limits::config_key_bytes) return false;
    switch (shape) {
        case KeyShape::p_number:
            return key.size() > 1 && key[0] == 'P' &&
                   std::all_of(key.begin() + 1, key.end(), is_digit);
        case KeyShape::name:
            return is_name(key);
        case KeyShape::module_path:
            return is_module_path(key);
    }
    __builtin_unreachable();
}

bool is_file_key(const Profile& profile, std::string_view key) {
    if (key_has_shape(key, profile.key_shape)) return true;
    if (!profile.has_items || find_setting(key) != nullptr) return false;
    const auto slash = key.find('/');
    const bool has_part = slash != std::string_view::npos;
    return key_has_shape(key.substr(0, slash), KeyShape::name) &&
           (!has_part || key_has_shape(key.substr(slash + 1), KeyShape::name));
}

bool is_plan_role(const Profile& profile, std::string_view role) {
    return role == one_file_role || role == option_120_role ||
           std::ranges::find(profile.files, role, &PlanFile::role) != profile.files.end();
}

bool is_common_role(const Profile& profile, std::string_view role) {
    const auto file = std::ranges::find(profile.files, role, &PlanFile::role);
    return file != profile.files.end() && lowered(file->name).find("{mac") == std::string::npos;
}

std::span<const Setting> keys_of(const Profile& profile, std::string_view role) {
    for (const PlanFile& file : profile.files) {
        if (file.role == role && !file.keys.empty()) return file.keys;
    }
    return profile.keys;
}

}  // namespace dialtone

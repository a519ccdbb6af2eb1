// SPDX-License-Identifier: Apache-2.0
//
// The agent's own settings: one table of names, types, bounds and defaults (setting_forms.h), and
// the layers they come from.
//
// Precedence, highest first: command line, operator, what configurations carry, settings file,
// profile, built-in default.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/result.h"

namespace dialtone {

enum class Setting : uint8_t {
    order,
    static_url,
    static_protocol,
    static_server,
    static_path,
    static_file,
    static_mode,
    static_interval,
    provision_user,
    provision_password,
    provision_servers,
    config_password,
    config_password_old,
    config_key,
    config_key_common,
    config_prefix,
    config_postfix,
    pnp_enabled,
    pnp_server,
    pnp_port,
    pnp_transport,
    pnp_interval,
    pnp_listen,
    dhcp_enabled,
    dhcp_options,
    dhcp_vendor_class,
    dhcp_inform,
    dhcp_sip_server,
    dhcp_renew_check,
    network_mode,
    sip_port,
    http_basic_always,
    tls_verify,
    tls_ca,
    tls_cert,
    tls_key,
    tls_minimum,
    trust_pin,
    config_public_key,
    config_public_key_2,
    config_require_signature,
    trial_timeout,
    splay,
    clock_sntp,
    hooks_dir,
    hooks_file_dir,
    state_persistent,
    tr069_enabled,
    tr069_acs_url,
    tr069_dhcp,
    tr069_user,
    tr069_password,
    tr069_periodic_enable,
    tr069_periodic_interval,
    tr069_periodic_time,
    tr069_retry_minimum,
    tr069_retry_multiplier,
    tr069_connection_request_port,
    tr069_connection_request_user,
    tr069_connection_request_password,
    tr069_connection_request_algorithm,
    tr069_stun_enable,
    tr069_stun_server,
    tr069_stun_port,
    tr069_stun_user,
    tr069_stun_password,
    tr069_stun_min_s,
    tr069_stun_max_s,
    tr069_root,
    tr069_autonomous,
    tr069_request_download,
};

inline constexpr uint32_t setting_count =
    static_cast<uint32_t>(Setting::tr069_request_download) + 1;

enum class SettingType : uint8_t {
    text,
    flag,        // 0 or 1
    number,      // decimal, between low and high
    word,        // one of `words`, separated by |
    list,        // comma-separated, each one of `words`, or between low and high if there are none
    path,        // a file or directory of the phone
    public_key,  // of signatures, see signature.h
    secret,      // text that is never shown, logged or journalled
};

// The sections of docs/settings.md, in their order.
enum class SettingSection : uint8_t {
    chain,
    static_server,
    pnp,
    dhcp,
    tr069,
    credentials,
    configuration_files,
    http,
    tls,
    trust,
    trial,
    state,
    sip,
    network,
    clock,
    hooks,
    count_
};

struct SettingForm {
    Setting setting = {};
    SettingSection section = {};
    std::string_view name = {};
    SettingType type = {};
    std::string_view initial = {};  // the built-in default
    uint32_t low = 0;
    uint32_t high = 0;
    std::string_view words = {};
};

const SettingForm& setting_form(Setting setting);
std::string_view section_title(SettingSection section);
std::span<const SettingForm> all_settings();
const SettingForm* find_setting(std::string_view name);
// The known name nearest to a misspelt one, empty when none is near.
std::string_view nearest_setting(std::string_view name);

// Errors: bad_usage, in words that name the setting and what it takes.
Status check_setting(const SettingForm& form, std::string_view value);

struct SettingDefault {
    Setting setting;
    std::string_view value;
};

// Highest precedence first.
enum class Layer : uint8_t { command_line, operator_, configuration, file, profile, initial };
inline constexpr uint32_t layer_count = 6;
std::string_view layer_name(Layer layer);
// Whether the layer was given to this phone by whoever owns or makes it, and not by a server.
constexpr bool is_owned(Layer layer) {
    return layer != Layer::configuration;
}

class Settings {
  public:
    Settings() = default;

    // Takes over a checked value. `value` may be empty: an empty value in a layer counts as set.
    // Errors: as check_setting.
    Status set(Layer layer, Setting setting, std::string_view value);
    void clear(Layer layer);

    // The value of the highest layer that has one.
    std::string_view get(Setting setting) const;
    Layer layer_of(Setting setting) const;
    // The value one layer has, if it has one.
    std::optional<std::string_view> get_in(Layer layer, Setting setting) const;

    bool flag(Setting setting) const { return get(setting) == "1"; }
    uint32_t number(Setting setting) const;

  private:
    struct Value {
        Setting setting;
        std::string text;
    };
    std::array<std::vector<Value>, layer_count> layers_ = {};
};

struct SettingLine {
    Setting setting;
    std::string value;
    uint32_t line;
};

// A settings file: KEY=VALUE lines, blank lines and lines that begin with # are passed over,
// blanks around key and value are trimmed. All or nothing.
// Errors: bad_usage with the line and, for an unknown name, the nearest known one.
Result<std::vector<SettingLine>> parse_settings_file(std::string_view text);

}  // namespace dialtone

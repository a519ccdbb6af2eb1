// SPDX-License-Identifier: Apache-2.0
#include "agent/settings.h"

#include <algorithm>
#include <charconv>

#include "agent/limits.h"
#include "agent/nearest_name.h"
#include "agent/signature.h"
#include "agent/text.h"

namespace dialtone {
namespace {

using Section = SettingSection;

// In the order of the enum. The texts are the last column of docs/settings.md.
constexpr SettingForm forms[] = {
    {Setting::order, Section::chain, "order", SettingType::list, "pnp,dhcp,static,tr069", 0, 0,
     "pnp|dhcp|static|tr069|mdns|fdps",
     "The sources that are asked for a server, in this order; a source that leads nowhere never "
     "ends the chain."},
    {Setting::static_url, Section::static_server, "static.url", SettingType::text, "", 0, 0, "",
     "The URL of a folder with the phone's files, or of one file; wins over static.server."},
    {Setting::static_protocol, Section::static_server, "static.protocol", SettingType::word, "http",
     0, 0, "tftp|ftp|ftps|http|https", "The protocol for every server that is named without one."},
    {Setting::static_server, Section::static_server, "static.server", SettingType::text, "", 0, 0,
     "",
     "The server as HOST, HOST:PORT or either with a path; a scheme in front wins over "
     "static.protocol."},
    {Setting::static_path, Section::static_server, "static.path", SettingType::text, "", 0, 0, "",
     "The folder on static.server."},
    {Setting::static_file, Section::static_server, "static.file", SettingType::text, "", 0, 0, "",
     "The one file to ask static.server for, instead of the phone's own list."},
    {Setting::static_mode, Section::static_server, "static.mode", SettingType::word, "reboot", 0, 0,
     "off|reboot|interval",
     "When the static server is asked: never, after each start, or also every static.interval."},
    {Setting::static_interval, Section::static_server, "static.interval", SettingType::number,
     "10080", 60, 5'256'000, "", "Minutes between two checks while static.mode is interval."},
    {Setting::provision_user, Section::credentials, "provision.user", SettingType::text, "", 0, 0,
     "", "The user for a server that asks for one, where the URL names none."},
    {Setting::provision_password, Section::credentials, "provision.password", SettingType::secret,
     "", 0, 0, "", "The password that belongs to provision.user."},
    {Setting::provision_servers, Section::credentials, "provision.servers", SettingType::text, "",
     0, 0, "",
     "Hosts, separated by commas, that are given provision.user and provision.password in whole, "
     "whoever names them; others that SIP plug and play or DHCP name get a digest answer at "
     "most."},
    {Setting::config_password, Section::configuration_files, "config.password", SettingType::secret,
     "", 0, 0, "", "The password that decrypts configuration files."},
    {Setting::config_password_old, Section::configuration_files, "config.password_old",
     SettingType::secret, "", 0, 0, "",
     "The password before the current one, tried second while a site changes over."},
    {Setting::config_key, Section::configuration_files, "config.key", SettingType::secret, "", 0, 0,
     "", "The key, in hexadecimal digits, that decrypts the file made for this phone."},
    {Setting::config_key_common, Section::configuration_files, "config.key_common",
     SettingType::secret, "", 0, 0, "",
     "The key, in hexadecimal digits, that decrypts files made for many phones."},
    {Setting::config_prefix, Section::configuration_files, "config.prefix", SettingType::text, "",
     0, 0, "", "Text put before the name of each configuration file."},
    {Setting::config_postfix, Section::configuration_files, "config.postfix", SettingType::text, "",
     0, 0, "", "Text put after the name of each configuration file."},
    {Setting::pnp_enabled, Section::pnp, "pnp.enabled", SettingType::flag, "1", 0, 0, "",
     "Whether the phone asks for its server by SIP plug and play."},
    {Setting::pnp_server, Section::pnp, "pnp.server", SettingType::text, "224.0.1.75", 0, 0, "",
     "The address or name that SIP plug and play asks."},
    {Setting::pnp_port, Section::pnp, "pnp.port", SettingType::number, "5060", 1, 65'535, "",
     "The port of pnp.server."},
    {Setting::pnp_transport, Section::pnp, "pnp.transport", SettingType::word, "udp", 0, 0,
     "udp|tcp", "The transport of SIP plug and play."},
    {Setting::pnp_interval, Section::pnp, "pnp.interval", SettingType::number, "0", 0, 99, "",
     "Hours until SIP plug and play asks again; 0 asks only after a start."},
    {Setting::pnp_listen, Section::pnp, "pnp.listen", SettingType::number, "1440", 0, 10'080, "",
     "Minutes in which a phone without a configuration takes a late answer from a server that "
     "has accepted its request."},
    {Setting::dhcp_enabled, Section::dhcp, "dhcp.enabled", SettingType::flag, "1", 0, 0, "",
     "Whether the phone takes its server from DHCP options."},
    {Setting::dhcp_options, Section::dhcp, "dhcp.options", SettingType::list, "66,43", 1, 254, "",
     "The DHCP options that may name a server, best first."},
    {Setting::dhcp_vendor_class, Section::dhcp, "dhcp.vendor_class", SettingType::text, "", 0, 0,
     "",
     "The vendor class (option 60) of the agent's own DHCP question; braces as in {model} are "
     "filled; empty sends none."},
    {Setting::dhcp_inform, Section::dhcp, "dhcp.inform", SettingType::flag, "1", 0, 0, "",
     "Whether the agent asks DHCP servers itself when the lease does not show the options."},
    {Setting::dhcp_sip_server, Section::dhcp, "dhcp.sip_server", SettingType::flag, "0", 0, 0, "",
     "Whether DHCP option 120 replaces the SIP server that the configuration names."},
    {Setting::dhcp_renew_check, Section::dhcp, "dhcp.renew_check", SettingType::flag, "1", 0, 0, "",
     "Whether the sources are asked again when the DHCP lease is renewed."},
    {Setting::network_mode, Section::network, "network.mode", SettingType::word, "dhcp", 0, 0,
     "dhcp|static",
     "How the phone gets its address; with static, DHCP is not waited for and not asked."},
    {Setting::sip_port, Section::sip, "sip.port", SettingType::number, "5060", 1, 65'535, "",
     "The local port on which SIP plug and play listens."},
    {Setting::http_basic_always, Section::http, "http.basic_always", SettingType::flag, "0", 0, 0,
     "",
     "Whether user and password go out with the first request, before the server asks for them."},
    {Setting::tls_verify, Section::tls, "tls.verify", SettingType::flag, "1", 0, 0, "",
     "Whether a server's certificate and name must be right."},
    {Setting::tls_ca, Section::tls, "tls.ca", SettingType::path, "", 0, 0, "",
     "The file with the certificate authorities that are trusted; empty means the system's."},
    {Setting::tls_cert, Section::tls, "tls.cert", SettingType::path, "", 0, 0, "",
     "The file with the certificate the phone shows to servers that ask for one."},
    {Setting::tls_key, Section::tls, "tls.key", SettingType::path, "", 0, 0, "",
     "The file with the private key that belongs to tls.cert."},
    {Setting::trust_pin, Section::trust, "trust.pin", SettingType::word, "1", 0, 0, "0|1|strict",
     "Whether a phone that was configured over verified TLS or by an encrypted file refuses "
     "changes that come without such a proof; with 1 its own server may still move it to one "
     "without TLS, with strict it may not."},
    {Setting::config_public_key, Section::trust, "config.public_key", SettingType::public_key, "",
     0, 0, "",
     "The public key that signatures of configuration files have to fit: after each FILE the phone "
     "asks for FILE.sig. No configuration can set it."},
    {Setting::config_public_key_2, Section::trust, "config.public_key_2", SettingType::public_key,
     "", 0, 0, "", "A second such key, which counts as much, while a site changes over."},
    {Setting::config_require_signature, Section::trust, "config.require_signature",
     SettingType::flag, "0", 0, 0, "",
     "Whether a file without a signature that counts is refused, however it came."},
    {Setting::trial_timeout, Section::trial, "trial.timeout", SettingType::number, "900", 1, 86'400,
     "", "Seconds a new configuration has to reach its server before the one before it returns."},
    {Setting::splay, Section::chain, "splay", SettingType::number, "600", 0, 86'400, "",
     "Seconds over which phones that have a configuration spread their first request after a "
     "start."},
    {Setting::clock_sntp, Section::clock, "clock.sntp", SettingType::text, "", 0, 0, "",
     "Time servers, separated by commas, asked once after each start; empty asks none."},
    {Setting::hooks_dir, Section::hooks, "hooks.dir", SettingType::path, "/etc/dialtone/hooks.d", 0,
     0, "", "The directory of the programs that tell the phone's other software what changed."},
    {Setting::tr069_enabled, Section::tr069, "tr069.enabled", SettingType::flag, "1", 0, 0, "",
     "Whether the phone talks to an auto-configuration server (ACS) once it knows one."},
    {Setting::tr069_acs_url, Section::tr069, "tr069.acs_url", SettingType::text, "", 0, 0, "",
     "The URL of the ACS."},
    {Setting::tr069_user, Section::tr069, "tr069.user", SettingType::text, "", 0, 0, "",
     "The user the phone names to the ACS."},
    {Setting::tr069_password, Section::tr069, "tr069.password", SettingType::secret, "", 0, 0, "",
     "The password that belongs to tr069.user."},
};

consteval bool forms_are_in_order() {
    if (std::size(forms) != setting_count) return false;
    for (uint32_t i = 0; i < setting_count; ++i) {
        if (forms[i].setting != static_cast<Setting>(i)) return false;
        if (forms[i].name.empty() || !forms[i].text.ends_with('.')) return false;
    }
    return true;
}
static_assert(forms_are_in_order(), "one form for each Setting, in the order of the enum");

// A refused value inside an error message: short, on one line, harmless on a terminal.
std::string shown_value(std::string_view value) {
    constexpr uint32_t letters_shown = 40;
    std::string text = "\"";
    for (char c : value.substr(0, letters_shown))
        text += is_control(c) ? '?' : c;
    text += value.size() > letters_shown ? "...\"" : "\"";
    return text;
}

std::string spelt_out(std::string_view words) {
    std::string text(words);
    for (auto bar = text.find('|'); bar != std::string::npos; bar = text.find('|', bar))
        text.replace(bar, 1, ", ");
    return text;
}

bool is_word_of(std::string_view word, std::string_view words) {
    while (!words.empty()) {
        if (take_piece(words, '|') == word) return true;
    }
    return false;
}

bool is_number_between(std::string_view text, uint32_t low, uint32_t high) {
    uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number >= low &&
           number <= high;
}

std::string range_of(const SettingForm& form) {
    return std::to_string(form.low) + " to " + std::to_string(form.high);
}

bool is_list_item(const SettingForm& form, std::string_view item) {
    return form.words.empty() ? is_number_between(item, form.low, form.high)
                              : is_word_of(item, form.words);
}

// Nothing when `value` is a list without repetitions of what the form allows, else the reason.
std::string list_fault(const SettingForm& form, std::string_view value) {
    const std::string takes =
        form.words.empty() ? "numbers from " + range_of(form) : spelt_out(form.words);
    if (value.empty() || value.ends_with(',')) return "takes a comma-separated list of " + takes;
    std::vector<std::string_view> seen;
    while (!value.empty()) {
        const std::string_view item = take_piece(value, ',');
        if (!is_list_item(form, item))
            return "takes a comma-separated list of " + takes + ", not " + shown_value(item);
        if (std::find(seen.begin(), seen.end(), item) != seen.end())
            return "names " + shown_value(item) + " twice";
        seen.push_back(item);
    }
    return {};
}

// Nothing when `value` is of the form's type, else the reason, to follow the setting's name.
std::string type_fault(const SettingForm& form, std::string_view value) {
    switch (form.type) {
        case SettingType::text:
        case SettingType::path:
        case SettingType::secret:
            return {};
        case SettingType::flag:
            if (value == "0" || value == "1") return {};
            return "takes 0 or 1, not " + shown_value(value);
        case SettingType::number:
            if (is_number_between(value, form.low, form.high)) return {};
            return "takes a number from " + range_of(form) + ", not " + shown_value(value);
        case SettingType::word:
            if (is_word_of(value, form.words)) return {};
            return "takes one of " + spelt_out(form.words) + ", not " + shown_value(value);
        case SettingType::list:
            return list_fault(form, value);
        case SettingType::public_key:
            return std::string(value.empty() ? value : public_key_fault(value));
    }
    __builtin_unreachable();
}

constexpr std::string_view blanks = " \t\r";  // a line may end with CR LF

Result<SettingLine> parse_settings_line(std::string_view text, uint32_t line) {
    const Position where = Position::at_line(line);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos)
        return fail(ErrorCode::bad_usage, "a line is KEY=VALUE, and this one has no =", where);
    const std::string_view name = trimmed(text.substr(0, equals), blanks);
    const std::string_view value = trimmed(text.substr(equals + 1), blanks);

    const SettingForm* form = find_setting(name);
    if (form == nullptr) {
        std::string detail = "there is no setting " + shown_value(name);
        if (const auto nearest = nearest_setting(name); !nearest.empty())
            detail += ", did you mean " + std::string(nearest) + "?";
        return fail(ErrorCode::bad_usage, std::move(detail), where);
    }
    if (Status fine = check_setting(*form, value); !fine)
        return fail(fine.error().code, std::move(fine.error().detail), where);
    return SettingLine{form->setting, std::string(value), line};
}

}  // namespace

const SettingForm& setting_form(Setting setting) {
    return forms[static_cast<uint32_t>(setting)];
}

std::string_view section_title(SettingSection section) {
    constexpr std::string_view titles[] = {"The chain",
                                           "Static server",
                                           "SIP plug and play",
                                           "DHCP",
                                           "TR-069",
                                           "Credentials for servers",
                                           "Configuration files",
                                           "HTTP",
                                           "TLS",
                                           "Trust",
                                           "Trial of a new configuration",
                                           "SIP",
                                           "Network",
                                           "Clock",
                                           "Hooks"};
    static_assert(std::size(titles) == static_cast<uint32_t>(SettingSection::count_));
    return titles[static_cast<uint32_t>(section)];
}

std::span<const SettingForm> all_settings() {
    return forms;
}

const SettingForm* find_setting(std::string_view name) {
    // Keys of configurations are asked for too, all of them, and begin otherwise.
    if (name.empty() || name.front() < 'a' || name.front() > 'z') return nullptr;
    const auto found = std::find_if(std::begin(forms), std::end(forms),
                                    [&](const SettingForm& form) { return form.name == name; });
    return found == std::end(forms) ? nullptr : found;
}

std::string_view nearest_setting(std::string_view name) {
    std::string_view names[setting_count];
    for (uint32_t i = 0; i < setting_count; ++i)
        names[i] = forms[i].name;
    return nearest_name(name, names);
}

Status check_setting(const SettingForm& form, std::string_view value) {
    const auto refuse = [&](std::string_view reason) {
        return fail(ErrorCode::bad_usage, std::string(form.name) + " " + std::string(reason));
    };
    if (value.size() > limits::setting_value_bytes)
        return refuse("is longer than " + std::to_string(limits::setting_value_bytes) + " bytes");
    if (std::any_of(value.begin(), value.end(), is_control))
        return refuse("holds a control character");
    if (const std::string fault = type_fault(form, value); !fault.empty()) return refuse(fault);
    return {};
}

std::string_view layer_name(Layer layer) {
    switch (layer) {
        case Layer::command_line:
            return "command line";
        case Layer::operator_:
            return "operator";
        case Layer::configuration:
            return "configuration";
        case Layer::file:
            return "settings file";
        case Layer::profile:
            return "profile";
        case Layer::initial:
            return "built-in default";
    }
    __builtin_unreachable();
}

Status Settings::set(Layer layer, Setting setting, std::string_view value) {
    if (Status fine = check_setting(setting_form(setting), value); !fine) return fine;
    std::vector<Value>& values = layers_[static_cast<uint32_t>(layer)];
    const auto known = std::find_if(values.begin(), values.end(),
                                    [&](const Value& one) { return one.setting == setting; });
    if (known != values.end()) {
        known->text = value;
    } else {
        values.push_back({setting, std::string(value)});
    }
    return {};
}

void Settings::clear(Layer layer) {
    layers_[static_cast<uint32_t>(layer)].clear();
}

std::optional<std::string_view> Settings::get_in(Layer layer, Setting setting) const {
    for (const Value& value : layers_[static_cast<uint32_t>(layer)]) {
        if (value.setting == setting) return value.text;
    }
    if (layer == Layer::initial) return setting_form(setting).initial;
    return {};
}

Layer Settings::layer_of(Setting setting) const {
    for (uint32_t i = 0; i < layer_count; ++i) {
        if (get_in(static_cast<Layer>(i), setting)) return static_cast<Layer>(i);
    }
    return Layer::initial;
}

std::string_view Settings::get(Setting setting) const {
    return get_in(layer_of(setting), setting).value_or(std::string_view());
}

uint32_t Settings::number(Setting setting) const {
    const std::string_view text = get(setting);
    uint32_t number = 0;  // stays 0 for what is no number, which check_setting has ruled out
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

Result<std::vector<SettingLine>> parse_settings_file(std::string_view text) {
    if (text.size() > limits::settings_file_bytes)
        return fail(ErrorCode::too_big, "a settings file has at most " +
                                            std::to_string(limits::settings_file_bytes) + " bytes");
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";  // some editors begin with it
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    std::vector<SettingLine> lines;
    for (uint32_t number = 1; !text.empty(); ++number) {
        const std::string_view line = trimmed(take_piece(text, '\n'), blanks);
        if (line.empty() || line.starts_with('#')) continue;
        lines.push_back(TRY(parse_settings_line(line, number)));
    }
    return lines;
}

}  // namespace dialtone

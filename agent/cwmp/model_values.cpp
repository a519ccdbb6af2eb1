// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/model_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "agent/config/utf8.h"
#include "agent/cwmp/rpc.h"
#include "agent/cwmp/soap.h"
#include "agent/text.h"
#include "agent/transfer/url.h"

namespace dialtone {
namespace {

constexpr std::string_view enabled = "Enabled";
constexpr std::string_view disabled = "Disabled";

// --- keys ----------------------------------------------------------------------------------------

std::string_view below_profile(const ModelObject& object) {
    return object.path.substr(voice_profile_path.size());
}

// The vendor's key of known meaning for a parameter of an account.
const AccountKey* vendor_row(const ModelParameter& parameter, const ModelFacts& facts) {
    const AccountKeys& accounts = facts.phone.profile->accounts;
    if (parameter.account == 0 || parameter.account > accounts.accounts) return nullptr;
    return find_account_key(accounts, below_profile(*parameter.object), parameter.row->name);
}

// The spelling that is there, and else the vendor's own.
std::string vendor_key(const AccountKey& row, uint32_t account, const Generation& active) {
    std::string key = account_key(row, account);
    if (row.other_pattern.empty() || active.find(key) != nullptr) return key;
    std::string other = other_account_key(row, account);
    return active.find(other) != nullptr ? other : key;
}

// --- several parameters in one value -------------------------------------------------------------

std::string list_piece(std::string_view list, uint32_t part) {
    for (uint32_t i = 0; i < part; ++i)
        take_piece(list, ',');
    return std::string(trimmed(take_piece(list, ',')));
}

// Without empty pieces at its end.
std::string with_piece(std::string_view list, uint32_t part, std::string_view piece) {
    std::vector<std::string> pieces;
    while (!list.empty() && pieces.size() < limits::cwmp_list_words)
        pieces.emplace_back(trimmed(take_piece(list, ',')));
    if (pieces.size() <= part) pieces.resize(part + 1);
    pieces[part] = piece;
    while (!pieces.empty() && pieces.back().empty())
        pieces.pop_back();
    std::string out;
    for (const std::string& one : pieces)
        (out += out.empty() && &one == pieces.data() ? "" : ",") += one;
    return out;
}

// Both make the account active, and only both.
struct Enables {
    std::string profile_key = {};
    std::string line_key = {};
    std::string active_key = {};  // empty: the vendor has none that is known
    std::string profile = {};
    std::string line = {};
};

bool is_profile(const ModelParameter& parameter) {
    return parameter.object->path == voice_profile_path;
}

std::string account_path(uint32_t account) {
    return "Services.VoiceService.1.VoiceProfile." + std::to_string(account) + '.';
}

// What else has made the account active or not counts more than what an ACS said.
Enables read_enables(uint32_t account, const KeyValues& values) {
    const auto or_disabled = [](std::string_view text) {
        return std::string(text.empty() ? disabled : text);
    };
    Enables out;
    out.profile_key = account_path(account) + "Enable";
    out.line_key = account_path(account) + "Line.1.Enable";
    out.profile = or_disabled(values.get(out.profile_key));
    out.line = or_disabled(values.get(out.line_key));
    const AccountKeys& keys = values.facts().phone.profile->accounts;
    const AccountKey* const row = find_account_key(keys, "Line.{i}.", "Enable");
    if (row == nullptr || account > keys.accounts) return out;
    out.active_key = vendor_key(*row, account, values.facts().active);
    if (values.get(out.active_key) == "1") {
        out.profile = out.line = enabled;
    } else if (out.profile == enabled && out.line == enabled) {
        out.line = disabled;
    }
    return out;
}

void write_enables(const ModelParameter& parameter, std::string_view value, KeyValues& values) {
    Enables now = read_enables(parameter.account, values);
    (is_profile(parameter) ? now.profile : now.line) = value;
    const bool is_active = now.profile == enabled && now.line == enabled;
    values.put(std::move(now.profile_key), std::move(now.profile));
    values.put(std::move(now.line_key), std::move(now.line));
    if (now.active_key.empty()) return;
    if (is_active != (values.get(now.active_key) == "1"))
        values.put(std::move(now.active_key), is_active ? "1" : "0");
}

// --- settings and the vendor's keys for them -----------------------------------------------------

// The keys for a setting say what it is, where the configuration has them.
void put_keys_of(Setting setting, std::string_view value, KeyValues& values) {
    for (const KeySetting& row : values.facts().phone.profile->key_settings) {
        if (row.setting != setting) continue;
        const std::string_view now = values.get(row.key);
        if (now.empty() || setting_value(row, now) == value) continue;
        std::string text = key_value(row, value);
        if (!text.empty()) values.put(std::string(row.key), std::move(text));
    }
}

void put_setting(Setting setting, std::string value, KeyValues& values) {
    put_keys_of(setting, value, values);
    values.put(setting, std::move(value));
}

// A key that an ACS writes counts more than what it has said by the setting's name, or another key.
void put_settings_of(std::string_view key, std::string_view value, KeyValues& values) {
    const ModelFacts& facts = values.facts();
    for (const KeySetting& row : facts.phone.profile->key_settings) {
        if (row.key != key) continue;
        std::string wanted = setting_value(row, value);
        if (wanted.empty() || !check_setting(setting_form(row.setting), wanted)) continue;
        put_keys_of(row.setting, wanted, values);
        const std::string_view name = setting_form(row.setting).name;
        if (facts.active.find(name, Origin::acs) != nullptr || values.changed().contains(name))
            values.put(row.setting, std::move(wanted));
    }
}

void count_command(const std::string& key, KeyValues& values) {
    uint32_t count = 0;
    const std::string_view text = values.get(key);
    std::from_chars(text.data(), text.data() + text.size(), count);
    values.put(key, std::to_string(count + 1));
}

// --- values --------------------------------------------------------------------------------------

std::optional<int64_t> read_number(std::string_view text) {
    int64_t number = 0;
    text = trimmed(text, " \t\r\n");
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// Letters of `form` stand for themselves, # for a digit.
bool has_form(std::string_view text, std::string_view form) {
    return std::ranges::equal(text, form, [](char letter, char wanted) {
        return wanted == '#' ? is_digit(letter) : letter == wanted;
    });
}

// xsd:dateTime with a year of four digits.
bool is_date_time(std::string_view text) {
    constexpr std::string_view form = "####-##-##T##:##:##";
    if (!has_form(text.substr(0, form.size()), form)) return false;
    const auto two_digits = [text](uint32_t at) { return *read_number(text.substr(at, 2)); };
    if (two_digits(5) < 1 || two_digits(5) > 12 || two_digits(8) < 1 || two_digits(8) > 31 ||
        two_digits(11) > 24 || two_digits(14) > 59 || two_digits(17) > 60)
        return false;
    text.remove_prefix(form.size());
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        if (text.empty() || !is_digit(text.front())) return false;
        while (!text.empty() && is_digit(text.front()))
            text.remove_prefix(1);
    }
    return text.empty() || text == "Z" || has_form(text, "+##:##") || has_form(text, "-##:##");
}

// A bar at the end of the words stands for the empty value.
bool is_one_of(std::string_view value, std::string_view words) {
    if (value.empty()) return words.ends_with('|');
    while (!words.empty()) {
        if (take_piece(words, '|') == value) return true;
    }
    return false;
}

bool is_host(std::string_view text) {
    if (text.find_first_of(":[]") != std::string_view::npos) {
        const auto address = parse_address(text);
        return address && address->octet_count == 16;
    }
    return std::ranges::all_of(text, [](char letter) {
        return is_letter(letter) || is_digit(letter) || letter == '.' || letter == '-' ||
               letter == '_' || static_cast<uint8_t>(letter) >= 0x80U;
    });
}

bool is_in_range(const ValueRange& range, std::string_view value) {
    switch (range.kind) {
        case RangeKind::none:
            return true;
        case RangeKind::letters:
            return letters_of(value) <= range.high;
        case RangeKind::number: {
            const auto number = read_number(value);
            return number && range.low <= *number && *number <= range.high;
        }
        case RangeKind::words:
            return is_one_of(value, range.words);
        case RangeKind::host:
            return letters_of(value) <= range.high && is_host(value);
    }
    return false;
}

// The one spelling of a value of that type; nothing: it is none.
std::optional<std::string> of_type(ValueType type, std::string_view text) {
    switch (type) {
        case ValueType::string:
            return std::string(text);
        case ValueType::boolean: {
            const auto value = read_boolean(trimmed(text, " \t\r\n"));
            if (!value) return std::nullopt;
            return *value ? "1" : "0";
        }
        case ValueType::integer:
        case ValueType::unsigned_int: {
            const auto number = read_number(text);
            const bool fits =
                number && (type == ValueType::integer ? std::in_range<int32_t>(*number)
                                                      : std::in_range<uint32_t>(*number));
            if (!fits) return std::nullopt;
            return std::to_string(*number);
        }
        case ValueType::date_time:
            text = trimmed(text, " \t\r\n");
            if (!is_date_time(text)) return std::nullopt;
            return std::string(text);
    }
    return std::nullopt;
}

// Whether a value that its writer calls `name` can be meant for a parameter of that type. A string
// may be anything, and a writer that names no type says nothing.
bool fits_type(ValueType type, std::string_view name) {
    constexpr std::string_view numbers[] = {"int",          "unsignedInt",  "long",
                                            "unsignedLong", "integer",      "unsignedShort",
                                            "short",        "unsignedByte", "nonNegativeInteger",
                                            "decimal",      "byte",         "positiveInteger"};
    if (name.empty() || name == "string" || name == "anySimpleType") return true;
    switch (type) {
        case ValueType::string:
            return name == "token" || name == "normalizedString" || name == "anyURI";
        case ValueType::boolean:
            return name == "boolean";
        case ValueType::integer:
        case ValueType::unsigned_int:
            return std::ranges::find(numbers, name) != std::end(numbers);
        case ValueType::date_time:
            return name == "dateTime";
    }
    return false;
}

// A text that a key of the configuration can take, and an envelope tell.
bool is_plain_text(std::string_view text) {
    return text.size() <= limits::config_value_bytes && valid_utf8_bytes(text) == text.size() &&
           std::ranges::none_of(text, is_control);
}

// The URL of an ACS; user and password are parameters of their own.
bool is_acs_url(std::string_view text) {
    const auto url = parse_url(text, Scheme::http);
    const bool by_http = text.starts_with("http://") || text.starts_with("https://");
    return by_http && url && !url->has_userinfo;
}

// A value that a setting spells in another way.
struct Spelling {
    Setting setting;
    std::string_view of_model;
    std::string_view of_setting;
};
// TR-106: as long as it can be.
constexpr Spelling spellings[] = {{Setting::tr069_stun_max_s, "-1", "0"}};

std::string_view as_setting(Setting setting, std::string_view value) {
    for (const Spelling& one : spellings) {
        if (one.setting == setting && one.of_model == value) return one.of_setting;
    }
    return value;
}

std::string_view as_model(Setting setting, std::string_view value) {
    for (const Spelling& one : spellings) {
        if (one.setting == setting && one.of_setting == value) return one.of_model;
    }
    return value;
}

bool suits_setting(const ModelRow& row, std::string_view value) {
    if (row.keeping != Keeping::setting && row.keeping != Keeping::list_part) return true;
    if (row.setting == Setting::tr069_acs_url && !is_acs_url(value)) return false;
    return check_setting(setting_form(row.setting), as_setting(row.setting, value)).has_value();
}

// The transports and protocols that the phone has, which are words of another parameter.
bool is_of_phone(const ModelRow& row, std::string_view value, const Model& model) {
    if (!row.name.ends_with("Transport") || row.range.kind != RangeKind::words) return true;
    std::string_view list = model.facts().phone.voice.sip_transports;
    while (!list.empty()) {
        if (trimmed(take_piece(list, ',')) == value) return true;
    }
    return false;
}

}  // namespace

// --- the values of keys --------------------------------------------------------------------------

std::string_view KeyValues::get(std::string_view key) const {
    if (const auto found = changed_.find(key); found != changed_.end()) return found->second;
    const Item* const item = facts_.active.find(key);
    return item == nullptr ? std::string_view() : std::string_view(item->value);
}

std::string_view KeyValues::get(Setting setting) const {
    const auto found = changed_.find(setting_form(setting).name);
    return found != changed_.end() ? std::string_view(found->second)
                                   : facts_.phone.settings.get(setting);
}

void KeyValues::put(std::string key, std::string value) {
    changed_.insert_or_assign(std::move(key), std::move(value));
}

void KeyValues::put(Setting setting, std::string value) {
    put(std::string(setting_form(setting).name), std::move(value));
}

std::string own_key(const ModelObject& object, const Instances& at, uint32_t account,
                    std::string_view name) {
    std::string out;
    uint32_t instance = 0;
    std::string_view path = object.path;
    while (!path.empty()) {
        const std::string_view segment = take_piece(path, '.');
        if (segment != "{i}") {
            (out += segment) += '.';
            continue;
        }
        uint32_t number = at.numbers[instance++];
        if (account != 0 && instance == 2) number = account;
        if (account != 0 && instance == 3 && out.ends_with(".Line.")) number = 1;
        (out += std::to_string(number)) += '.';
    }
    return out += name;
}

std::string key_of(const ModelParameter& parameter, const ModelFacts& facts) {
    const ModelRow& row = *parameter.row;
    if (!parameter.vendor_key.empty()) return std::string(parameter.vendor_key);
    if (row.keeping == Keeping::setting || row.keeping == Keeping::list_part)
        return std::string(setting_form(row.setting).name);
    const AccountKey* const vendor = vendor_row(parameter, facts);
    if (vendor != nullptr) return vendor_key(*vendor, parameter.account, facts.active);
    return own_key(*parameter.object, parameter.at, parameter.account, row.name);
}

std::string kept_value(const ModelParameter& parameter, const KeyValues& values) {
    const ModelRow& row = *parameter.row;
    if (row.keeping == Keeping::setting)
        return std::string(as_model(row.setting, values.get(row.setting)));
    if (row.keeping == Keeping::list_part) return list_piece(values.get(row.setting), row.part);
    if (row.keeping == Keeping::command) return "0";
    if (row.keeping == Keeping::enable) {
        Enables enables = read_enables(parameter.account, values);
        return is_profile(parameter) ? std::move(enables.profile) : std::move(enables.line);
    }
    const std::string_view text = values.get(key_of(parameter, values.facts()));
    if (!parameter.vendor_key.empty()) return std::string(text);
    const AccountKey* const vendor = vendor_row(parameter, values.facts());
    if (vendor != nullptr && vendor->form == AccountForm::host) return sip_server_host(text);
    if (vendor != nullptr && vendor->form == AccountForm::port)
        return std::to_string(sip_server_port(text));
    if (text.empty()) return std::string(row.initial);
    const auto value = of_type(row.type, text);
    const bool is_strange =
        !value || (row.range.kind == RangeKind::words && !is_in_range(row.range, *value));
    return is_strange ? std::string(row.initial) : *value;
}

void keep_value(const ModelParameter& parameter, std::string_view value, KeyValues& values) {
    const ModelRow& row = *parameter.row;
    switch (row.keeping) {
        case Keeping::none:
            return;
        case Keeping::setting:
            return put_setting(row.setting, std::string(as_setting(row.setting, value)), values);
        case Keeping::list_part:
            return put_setting(row.setting, with_piece(values.get(row.setting), row.part, value),
                               values);
        case Keeping::enable:
            return write_enables(parameter, value, values);
        case Keeping::command:
            if (value == "1") count_command(key_of(parameter, values.facts()), values);
            return;
        case Keeping::own:
            break;
    }
    std::string key = key_of(parameter, values.facts());
    if (!parameter.vendor_key.empty()) put_settings_of(key, value, values);
    const AccountKey* const vendor = vendor_row(parameter, values.facts());
    const std::string before(values.get(key));
    std::string now(value);
    if (vendor != nullptr && vendor->form == AccountForm::host)
        now = sip_server_text(value, sip_server_port(before));
    if (vendor != nullptr && vendor->form == AccountForm::port)
        now = sip_server_text(sip_server_host(before), static_cast<uint32_t>(*read_number(value)));
    values.put(std::move(key), std::move(now));
}

std::expected<std::string, ValueFault> checked_value(const ModelRow& row, std::string_view type,
                                                     std::string_view text, const Model& model) {
    if (!fits_type(row.type, type))
        return std::unexpected(ValueFault{
            cpe_fault::invalid_parameter_type,
            "it is of the type " + std::string(value_type_name(row.type)) + ", and not another"});
    const auto value = of_type(row.type, text);
    if (!value)
        return std::unexpected(
            ValueFault{cpe_fault::invalid_parameter_value,
                       "the value is no " + std::string(value_type_name(row.type))});
    if (!is_plain_text(*value) || !is_in_range(row.range, *value) || !suits_setting(row, *value) ||
        !is_of_phone(row, *value, model))
        return std::unexpected(ValueFault{cpe_fault::invalid_parameter_value,
                                          "the value is none that the parameter takes"});
    return *value;
}

// --- accounts ------------------------------------------------------------------------------------

namespace {

struct State {
    uint32_t number = 0;
    bool deleted = false;
};

State read_state(std::string_view text) {
    State out;
    out.deleted = text.starts_with('-');
    if (out.deleted) text.remove_prefix(1);
    const auto number = read_number(text);
    if (number && *number > 0 && *number <= limits::cwmp_instance_highest)
        out.number = static_cast<uint32_t>(*number);
    return out;
}

// 0: not there.
uint32_t instance_of(const State& state, bool is_set_up, uint32_t first, uint32_t stride) {
    if (state.number != 0 && !state.deleted) return state.number;
    if (!is_set_up) return 0;
    return state.number == 0 ? first : state.number + stride;
}

// Whether somebody has set a key of the account that tells it, of its line or of all of it.
bool is_set_up(uint32_t account, bool of_line, const KeyValues& values) {
    const AccountKeys& keys = values.facts().phone.profile->accounts;
    for (const AccountKey& row : keys.keys) {
        if (!row.tells_account && row.form != AccountForm::active) continue;
        if (of_line && !row.parameter.starts_with("Line.")) continue;
        const std::string_view value = values.get(vendor_key(row, account, values.facts().active));
        if (row.form == AccountForm::active ? value == "1" : !value.empty()) return true;
    }
    return false;
}

}  // namespace

std::string profile_state_key(uint32_t account) {
    return account_path(account) + "Instance";
}

std::string line_state_key(uint32_t account) {
    return account_path(account) + "Line.Instance";
}

VoiceAccount voice_account(uint32_t account, const KeyValues& values) {
    VoiceAccount out{.number = account};
    const State profile = read_state(values.get(profile_state_key(account)));
    out.profile = instance_of(profile, is_set_up(account, false, values), account, profile_stride);
    if (out.profile == 0) return out;
    const State line = read_state(values.get(line_state_key(account)));
    out.line = instance_of(line, is_set_up(account, true, values), 1, 1);
    return out;
}

void hold_profile_enable(uint32_t account, KeyValues& values) {
    Enables now = read_enables(account, values);
    values.put(std::move(now.profile_key), std::move(now.profile));
}

uint32_t last_profile(uint32_t account, const KeyValues& values) {
    const uint32_t now = voice_account(account, values).profile;
    return std::max(now, read_state(values.get(profile_state_key(account))).number);
}

uint32_t last_line(uint32_t account, const KeyValues& values) {
    const uint32_t now = voice_account(account, values).line;
    return std::max(now, read_state(values.get(line_state_key(account))).number);
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/model_write.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "agent/cwmp/model_values.h"
#include "agent/cwmp/rpc.h"
#include "agent/harmless_text.h"

namespace dialtone {
namespace {

// --- what a change is of -------------------------------------------------------------------------

bool is_acs_way(Setting setting) {
    constexpr Setting way[] = {Setting::tr069_enabled,  Setting::tr069_acs_url, Setting::tr069_user,
                               Setting::tr069_password, Setting::network_mode,  Setting::tls_verify,
                               Setting::tls_ca,         Setting::tls_cert,      Setting::tls_key,
                               Setting::tls_minimum};
    return std::ranges::find(way, setting) != std::end(way);
}

bool is_acs_way(std::string_view key, const Profile& profile) {
    if (const SettingForm* form = find_setting(key); form != nullptr)
        return is_acs_way(form->setting);
    return std::ranges::any_of(profile.key_settings, [key](const KeySetting& row) {
        return row.key == key && is_acs_way(row.setting);
    });
}

// --- what cannot be changed ----------------------------------------------------------------------

// Who has fixed the setting at another value; empty: nobody.
std::string fixed_setting(Setting setting, std::string_view value, const ModelFacts& facts) {
    const Settings& settings = facts.phone.settings;
    const Layer layer = settings.layer_of(setting);
    if (layer >= Layer::configuration || settings.get(setting) == value) return {};
    return "the " + std::string(layer_name(layer)) + " has set " +
           std::string(setting_form(setting).name);
}

// Why writing `value` under `key` would have no effect: the command line and an operator count more
// than an ACS, by whatever name they have set it. Empty: it has one.
std::string why_fixed(std::string_view key, std::string_view value, const ModelFacts& facts) {
    if (const SettingForm* form = find_setting(key); form != nullptr)
        return fixed_setting(form->setting, value, facts);
    const Item* const item = facts.active.find(key);
    if (item != nullptr && item->origin == Origin::operator_ && item->value != value)
        return "an operator has set " + harmless(key);
    for (const KeySetting& row : facts.phone.profile->key_settings) {
        if (row.key != key) continue;
        const std::string wanted = setting_value(row, value);
        if (wanted.empty()) continue;
        if (std::string reason = fixed_setting(row.setting, wanted, facts); !reason.empty())
            return reason;
    }
    return {};
}

// The first reason among all that is written; empty: none.
std::string why_fixed(const KeyValues& values) {
    for (const auto& [key, value] : values.changed()) {
        if (std::string reason = why_fixed(key, value, values.facts()); !reason.empty())
            return reason + ", and counts more than an ACS";
    }
    return {};
}

bool is_there(std::string_view key, std::string_view value, const ModelFacts& facts) {
    if (KeyValues(facts).get(key) == value) return true;
    // A setting that is its default, or a file's, has no key in the generation.
    const SettingForm* const form = find_setting(key);
    return form != nullptr && facts.phone.settings.get(form->setting) == value;
}

// What is fixed stays what it is.
ModelChange change_from(const KeyValues& values) {
    ModelChange out;
    const ModelFacts& facts = values.facts();
    for (const auto& [key, value] : values.changed()) {
        if (is_there(key, value, facts) || !why_fixed(key, value, facts).empty()) continue;
        out.touches_acs_way = out.touches_acs_way || is_acs_way(key, *facts.phone.profile);
        out.document.entries.push_back({.key = key, .value = value});
    }
    return out;
}

// --- checking ------------------------------------------------------------------------------------

struct Checked {
    ModelParameter parameter = {};
    std::string value = {};
};

std::expected<Checked, WriteFault> checked(const ParameterWrite& write, const Model& model) {
    const auto fault = [&write](uint32_t code, std::string reason) {
        return std::unexpected(WriteFault{write.path, code, std::move(reason)});
    };
    const auto place = model.find(write.path);
    if (!place || !place->parameter)
        return fault(cpe_fault::invalid_parameter_name, "there is no such parameter");
    const ModelParameter& parameter = *place->parameter;
    if (!Model::is_writable(parameter))
        return fault(cpe_fault::not_writable, "the parameter cannot be set");
    auto value = checked_value(*parameter.row, write.type, write.value, model);
    if (!value) return fault(value.error().code, std::move(value.error().reason));
    return Checked{parameter, std::move(*value)};
}

void write(const Checked& one, KeyValues& values) {
    if (kept_value(one.parameter, values) != one.value)
        keep_value(one.parameter, one.value, values);
}

// Of each parameter that would have changed what is fixed.
std::vector<WriteFault> faults_of_fixed(std::span<const Checked> all, const Model& model) {
    std::vector<WriteFault> faults;
    KeyValues values(model.facts());
    for (const Checked& one : all) {
        KeyValues next = values;
        write(one, next);
        std::string reason = why_fixed(next);
        if (reason.empty()) {
            values.take(std::move(next));
        } else {
            faults.push_back(
                {model.path_of(one.parameter), cpe_fault::request_denied, std::move(reason)});
        }
    }
    return faults;
}

std::optional<WriteFault> fault_of_list(std::span<const ParameterWrite> writes) {
    if (writes.size() > limits::cwmp_names)
        return WriteFault{{}, cpe_fault::resources_exceeded, "too many values in one call"};
    std::set<std::string_view> paths;
    for (const ParameterWrite& write : writes) {
        if (!paths.insert(write.path).second)
            return WriteFault{
                {}, cpe_fault::invalid_arguments, "a parameter stands in the list twice"};
    }
    return std::nullopt;
}

// --- rows of tables ------------------------------------------------------------------------------

std::unexpected<WriteFault> refused(std::string_view path, uint32_t code, std::string reason) {
    return std::unexpected(WriteFault{std::string(path), code, std::move(reason)});
}

// Everything that is kept of an account, or of its line alone, is as nobody had set it.
void clear_account(uint32_t account, bool line_alone, KeyValues& values) {
    const ModelFacts& facts = values.facts();
    const std::string_view path = line_alone ? voice_line_path : voice_profile_path;
    const AccountKeys& accounts = facts.phone.profile->accounts;
    if (line_alone) hold_profile_enable(account, values);
    for (const AccountKey& row : accounts.keys) {
        if (line_alone && !row.parameter.starts_with("Line.")) continue;
        for (std::string key : {account_key(row, account), other_account_key(row, account)}) {
            if (key.empty() || values.get(key).empty()) continue;
            values.put(std::move(key), row.form == AccountForm::active ? "0" : "");
        }
    }
    // What the model keeps itself lies under one beginning.
    std::string beginning = own_key(*std::ranges::find(voice_objects(), path, &ModelObject::path),
                                    {{1, account, 1}, 3}, account, "");
    for (const Item& item : facts.active.items) {
        if (item.key.starts_with(beginning) && !values.get(item.key).empty())
            values.put(item.key, "");
    }
}

std::optional<uint32_t> new_profile(uint32_t account, uint32_t next_instance,
                                    const KeyValues& values) {
    const uint32_t last = last_profile(account, values);
    const uint64_t least = std::max<uint64_t>(next_instance, uint64_t{last} + 1);
    uint64_t instance = account;
    if (least > instance)
        instance += (least - instance + profile_stride - 1) / profile_stride * profile_stride;
    if (instance > limits::cwmp_instance_highest) return std::nullopt;
    return static_cast<uint32_t>(instance);
}

std::expected<AddedObject, WriteFault> add_profile(std::string_view path, uint32_t next_instance,
                                                   const Model& model) {
    KeyValues values(model.facts());
    for (uint32_t account = 1; account <= model.facts().phone.profile->accounts.accounts;
         ++account) {
        const auto accounts = model.accounts();
        const auto taken = std::ranges::find(accounts, account, &VoiceAccount::number);
        if (taken != accounts.end()) continue;
        const auto instance = new_profile(account, next_instance, values);
        if (!instance) break;
        const uint32_t line = last_line(account, values);
        clear_account(account, false, values);
        values.put(profile_state_key(account), std::to_string(*instance));
        // A line of an earlier profile is gone, and its number used.
        if (line != 0) values.put(line_state_key(account), '-' + std::to_string(line));
        return AddedObject{change_from(values), *instance};
    }
    return refused(path, cpe_fault::resources_exceeded, "the phone has no account left");
}

std::expected<AddedObject, WriteFault> add_line(std::string_view path, uint32_t next_instance,
                                                const VoiceAccount& account, const Model& model) {
    if (account.line != 0)
        return refused(path, cpe_fault::resources_exceeded, "an account has one line");
    KeyValues values(model.facts());
    const uint64_t instance =
        std::max<uint64_t>(next_instance, uint64_t{last_line(account.number, values)} + 1);
    if (instance > limits::cwmp_instance_highest)
        return refused(path, cpe_fault::resources_exceeded, "the numbers of lines are used up");
    clear_account(account.number, true, values);
    values.put(line_state_key(account.number), std::to_string(instance));
    return AddedObject{change_from(values), static_cast<uint32_t>(instance)};
}

// A row that is there because its account is set up stays when an ACS empties what told so.
void hold_rows(const Model& model, KeyValues& values) {
    for (const VoiceAccount& before : model.accounts()) {
        const VoiceAccount now = voice_account(before.number, values);
        if (now.profile != before.profile)
            values.put(profile_state_key(before.number), std::to_string(before.profile));
        if (now.line != before.line && before.line != 0)
            values.put(line_state_key(before.number), std::to_string(before.line));
    }
}

}  // namespace

std::expected<ModelChange, std::vector<WriteFault>> change_of(
    std::span<const ParameterWrite> writes, const ModelFacts& facts) {
    if (auto fault = fault_of_list(writes)) return std::unexpected(std::vector{std::move(*fault)});
    const Model model(facts);
    std::vector<Checked> all;
    std::vector<WriteFault> faults;
    for (const ParameterWrite& write : writes) {
        auto one = checked(write, model);
        if (one) {
            all.push_back(std::move(*one));
        } else {
            faults.push_back(std::move(one.error()));
        }
    }
    if (!faults.empty()) return std::unexpected(std::move(faults));
    KeyValues values(facts);
    for (const Checked& one : all)
        write(one, values);
    if (!why_fixed(values).empty()) return std::unexpected(faults_of_fixed(all, model));
    hold_rows(model, values);
    return change_from(values);
}

std::expected<AddedObject, WriteFault> add_object(std::string_view path, uint32_t next_instance,
                                                  const ModelFacts& facts) {
    const Model model(facts);
    const auto place = path.ends_with('.') ? model.find(path) : std::nullopt;
    if (!place || !place->is_table)
        return refused(path, cpe_fault::invalid_parameter_name, "there is no such table");
    switch (place->object->table->rows) {
        case TableRows::accounts:
            return add_profile(path, next_instance, model);
        case TableRows::lines:
            return add_line(path, next_instance, *model.account_of_profile(place->at.numbers[1]),
                            model);
        case TableRows::fixed:
            break;
    }
    return refused(path, cpe_fault::request_denied, "the table's rows are the phone's");
}

std::expected<ModelChange, WriteFault> delete_object(std::string_view path,
                                                     const ModelFacts& facts) {
    const Model model(facts);
    const auto place = path.ends_with('.') ? model.find(path) : std::nullopt;
    const bool is_row =
        place && !place->is_table && place->object != nullptr && place->object->table != nullptr;
    if (!is_row)
        return refused(path, cpe_fault::invalid_parameter_name, "there is no such row of a table");
    const TableRows rows = place->object->table->rows;
    if (rows == TableRows::fixed)
        return refused(path, cpe_fault::request_denied, "the table's rows are the phone's");
    const VoiceAccount& account = *model.account_of_profile(place->at.numbers[1]);
    KeyValues values(facts);
    const uint32_t line = last_line(account.number, values);
    clear_account(account.number, rows == TableRows::lines, values);
    if (std::string reason = why_fixed(values); !reason.empty())
        return refused(path, cpe_fault::request_denied, std::move(reason));
    hold_rows(model, values);
    if (line != 0) values.put(line_state_key(account.number), '-' + std::to_string(line));
    if (rows == TableRows::accounts)
        values.put(profile_state_key(account.number), '-' + std::to_string(account.profile));
    return change_from(values);
}

}  // namespace dialtone

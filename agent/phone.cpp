// SPDX-License-Identifier: Apache-2.0
#include "agent/phone.h"

#include <cassert>

namespace dialtone {
namespace {

// What a setting cannot take was remarked upon when its file was read.
void take(Settings& settings, Layer layer, Setting setting, std::string_view value) {
    if (!check_setting(setting_form(setting), value)) return;
    const auto fits = settings.set(layer, setting, value);
    assert(fits);
}

void take_operator_settings(Settings& settings, const Generation& generation) {
    for (const Item& item : generation.items) {
        if (item.origin != Origin::operator_) continue;
        if (const SettingForm* form = find_setting(item.key))
            take(settings, Layer::operator_, form->setting, item.value);
    }
}

// Those that stand for parameters of its data model; they count more than a file's keys.
void take_acs_settings(Settings& settings, const Generation& generation) {
    for (const Item& item : generation.items) {
        if (item.origin != Origin::acs) continue;
        const SettingForm* const form = find_setting(item.key);
        if (form == nullptr) continue;
        if (form->section == SettingSection::tr069 || form->section == SettingSection::clock)
            take(settings, Layer::configuration, form->setting, item.value);
    }
}

void take_key(Settings& settings, const Generation& generation, const KeySetting& row) {
    if (!generation.find(row.key)) return;
    for (const Origin origin : {Origin::file, Origin::acs, Origin::operator_}) {
        const Item* item = generation.find(row.key, origin);
        if (!item || item->value.empty()) continue;
        const std::string value = setting_value(row, item->value);
        if (value.empty()) continue;
        const bool by_operator = origin == Origin::operator_;
        take(settings, by_operator ? Layer::operator_ : Layer::configuration, row.setting, value);
    }
}

}  // namespace

Settings PhoneFacts::settings_with(const Generation& generation) const {
    Settings out = given_settings;
    take_operator_settings(out, generation);
    for (const KeySetting& row : profile->key_settings)
        take_key(out, generation, row);
    take_acs_settings(out, generation);
    return out;
}

}  // namespace dialtone

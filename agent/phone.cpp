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

void take_named_settings(Settings& settings, const Generation& generation, Origin origin,
                         Layer layer) {
    for (const Item& item : generation.items) {
        if (item.origin != origin) continue;
        if (const SettingForm* form = find_setting(item.key))
            take(settings, layer, form->setting, item.value);
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
    take_named_settings(out, generation, Origin::operator_, Layer::operator_);
    for (const KeySetting& row : profile->key_settings)
        take_key(out, generation, row);
    take_named_settings(out, generation, Origin::acs, Layer::configuration);
    return out;
}

}  // namespace dialtone

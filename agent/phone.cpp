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

void take_keys(Settings& settings, const Generation& generation, const Profile& profile,
               Origin origin) {
    const Layer layer = origin == Origin::operator_ ? Layer::operator_ : Layer::configuration;
    for (const KeySetting& row : profile.key_settings) {
        const Item* item = generation.find(row.key, origin);
        if (item == nullptr) continue;
        const std::string value = setting_value(row, item->value);
        if (!value.empty()) take(settings, layer, row.setting, value);
    }
}

}  // namespace

Settings PhoneFacts::settings_with(const Generation& generation) const {
    Settings out = given_settings;
    take_named_settings(out, generation, Origin::operator_, Layer::operator_);
    // What an ACS has set counts more than a file, by whatever name each of them has said it.
    for (const Origin origin : {Origin::file, Origin::acs, Origin::operator_})
        take_keys(out, generation, *profile, origin);
    take_named_settings(out, generation, Origin::acs, Layer::configuration);
    return out;
}

}  // namespace dialtone

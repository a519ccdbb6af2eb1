// SPDX-License-Identifier: Apache-2.0
#include "agent/rival_keys.h"

#include <algorithm>

namespace dialtone {
namespace {

// The setting and all keys for it, but `name` itself.
void add_names_of(Setting setting, const Profile& profile, std::string_view name,
                  std::vector<std::string>& out) {
    const auto add = [&](std::string_view one) {
        if (one != name && std::ranges::find(out, one) == out.end()) out.emplace_back(one);
    };
    add(setting_form(setting).name);
    for (const KeySetting& row : profile.key_settings) {
        if (row.setting == setting) add(row.key);
    }
}

bool says_other(const Generation& next, const Generation& before, std::string_view key) {
    const Item* now = next.find(key, Origin::file);
    const Item* last = before.find(key, Origin::file);
    return now != nullptr && (last == nullptr || last->value != now->value);
}

}  // namespace

std::vector<std::string> rival_names(const Profile& profile, std::string_view name) {
    std::vector<std::string> out = {std::string(name)};
    if (const SettingForm* form = find_setting(name); form != nullptr)
        add_names_of(form->setting, profile, name, out);
    for (const KeySetting& row : profile.key_settings) {
        if (row.key == name) add_names_of(row.setting, profile, name, out);
    }
    if (std::string other = other_spelling(profile.accounts, name); !other.empty())
        out.push_back(std::move(other));
    return out;
}

void let_files_win(Generation& next, const Generation& before, const Profile& profile) {
    std::vector<std::string> overruled;  // found before anything moves
    for (const Item& item : next.items) {
        if (item.origin != Origin::acs) continue;
        const bool is_overruled = std::ranges::any_of(
            rival_names(profile, item.key),
            [&](const std::string& one) { return says_other(next, before, one); });
        if (is_overruled) overruled.push_back(item.key);
    }
    std::erase_if(next.items, [&](const Item& item) {
        return item.origin == Origin::acs && std::ranges::binary_search(overruled, item.key);
    });
}

}  // namespace dialtone

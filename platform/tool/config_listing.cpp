// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/config_listing.h"

#include <algorithm>

#include "agent/harmless_text.h"
#include "agent/profile.h"
#include "agent/settings.h"
#include "agent/text.h"
#include "agent/transfer/masked_value.h"
#include "platform/tool/json_writer.h"

namespace dialtone {
namespace {

bool is_url_key(std::string_view key) {
    return std::ranges::any_of(all_profiles(),
                               [key](const Profile* profile) { return is_url_key(*profile, key); });
}

}  // namespace

bool is_secret_key(std::string_view key) {
    const SettingForm* form = find_setting(key);
    if (form != nullptr && form->type == SettingType::secret) return true;
    // What an ACS has set and no key of the vendor's stands for lies under the parameter's path.
    if (key.ends_with(".AuthPassword") || key.ends_with(".ConnectionRequestPassword") ||
        key.ends_with(".STUNPassword"))
        return true;
    for (const Profile* profile : all_profiles()) {
        if (is_secret_key(*profile, key)) return true;
    }
    return false;
}

std::string masked_value(std::string_view key, std::string_view value) {
    if (is_secret_key(key)) return std::string(secret_mask);
    return without_url_secrets(value, is_url_key(key));
}

Generation masked_generation(const Generation& generation) {
    Generation masked = generation;
    for (Item& item : masked.items)
        item.value = masked_value(item.key, item.value);
    return masked;
}

std::string config_text(const Generation& generation) {
    const std::string lines = key_value_lines(generation);
    std::string text;
    for (std::string_view rest = lines; !rest.empty();)
        text += harmless(take_piece(rest, '\n')) + '\n';
    return text;
}

std::string config_json(const Generation& generation) {
    JsonWriter json;
    json.begin_object();
    json.key("generation").number(generation.number);
    json.key("values").begin_object();
    const auto& items = generation.items;
    for (size_t i = 0; i < items.size(); ++i) {
        // Sorted by key, then origin: the last one of a key counts.
        if (i + 1 < items.size() && items[i + 1].key == items[i].key) continue;
        json.key(items[i].key).begin_object();
        json.member("value", items[i].value);
        json.member("origin", origin_name(items[i].origin));
        json.end_object();
    }
    json.end_object();
    json.end_object();
    return json.str() + "\n";
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/masked_value.h"

#include <algorithm>
#include <iterator>

#include "agent/settings.h"
#include "agent/transfer/url.h"

namespace dialtone {
namespace {

bool is_url_setting(Setting setting) {
    static constexpr Setting settings[] = {Setting::static_url, Setting::static_server,
                                           Setting::static_path, Setting::tr069_acs_url};
    return std::find(std::begin(settings), std::end(settings), setting) != std::end(settings);
}

}  // namespace

bool is_url_key(const Profile& profile, std::string_view key) {
    const SettingForm* form = find_setting(key);
    if (form != nullptr) return is_url_setting(form->setting);
    return std::ranges::any_of(profile.key_settings, [key](const KeySetting& row) {
        return row.key == key && is_url_setting(row.setting);
    });
}

std::string without_url_secrets(std::string_view value, bool is_url) {
    const bool may_hold_secret = value.find_first_of("@?") != std::string_view::npos;
    if (may_hold_secret && (is_url || value.find("://") != std::string_view::npos))
        return whole_masked_url(value, Scheme::http);
    return std::string(value);
}

}  // namespace dialtone

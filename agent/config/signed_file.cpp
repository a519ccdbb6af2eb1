// SPDX-License-Identifier: Apache-2.0
#include "agent/config/signed_file.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "agent/signature.h"

namespace dialtone {
namespace {

constexpr Setting key_settings[] = {Setting::config_public_key, Setting::config_public_key_2};

uint64_t installed_serial(const Generation& active, std::string_view key) {
    uint64_t serial = 0;  // stays 0 for what is no number, which no parser lets pass
    if (const Item* item = active.find(key, Origin::file))
        std::from_chars(item->value.data(), item->value.data() + item->value.size(), serial);
    return serial;
}

}  // namespace

bool signatures_are_wanted(const Settings& settings) {
    return std::ranges::any_of(key_settings,
                               [&](Setting one) { return !settings.get(one).empty(); });
}

Result<std::string_view> signer_name(std::span<const uint8_t> file,
                                     std::span<const uint8_t> signature, const Settings& settings) {
    const std::string_view keys[] = {settings.get(key_settings[0]), settings.get(key_settings[1])};
    if (const auto number = signer_of(file, signature, keys))
        return setting_form(key_settings[*number]).name;
    return fail(ErrorCode::not_trusted,
                "its signature is wrong: another key made it than config.public_key, or somebody "
                "has altered the file or the signature");
}

bool may_count_as_signed(const Document& document, const Profile& profile, std::string_view role) {
    return document.names_phone || is_common_role(profile, role);
}

Status check_serial(const Document& document, const Generation& active) {
    const uint64_t installed = installed_serial(active, serial_key(document));
    if (document.serial >= installed) return {};
    return fail(ErrorCode::not_trusted,
                (document.serial == 0 ? "it is signed and has no serial"
                                      : "its serial is " + std::to_string(document.serial)) +
                    ", and what is installed has " + std::to_string(installed) +
                    ": it may be an older file that somebody has kept");
}

std::string_view serial_key(const Document& document) {
    return document.names_phone ? "serial" : "serial.common";
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "platform/common/secret_arguments.h"

#include <string.h>

#include <cstdint>
#include <string_view>

#include "agent/settings.h"

namespace dialtone {
namespace {

void blank(char* text, size_t size_bytes) {
    ::memset(text, '*', size_bytes);
}

bool names_file(std::string_view value) {
    return value.starts_with('@') && !value.starts_with("@@");
}

// Userinfo ends at the last '@', query begins at the first '?'. That may blank more than a strict
// reading of the URL would, which harms nobody: the value was copied before.
void blank_url_secrets(char* value) {
    const std::string_view text(value);
    const auto query = text.find('?');
    if (query != std::string_view::npos) blank(value + query + 1, text.size() - query - 1);
    const auto scheme = text.find("://");
    const auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
    const auto end = text.rfind('@');
    if (end != std::string_view::npos && end > begin) blank(value + begin, end - begin);
}

void blank_key_value(char* argument) {
    static constexpr std::string_view set_prefix = "--set=";
    char* pair = argument;
    if (std::string_view(argument).starts_with(set_prefix)) pair += set_prefix.size();
    const std::string_view text(pair);
    const auto equals = text.find('=');
    if (text.starts_with("--") || equals == std::string_view::npos) return;
    char* value = pair + equals + 1;
    if (names_file(value)) return;
    const SettingForm* form = find_setting(text.substr(0, equals));
    if (form == nullptr || form->type == SettingType::secret) {
        blank(value, ::strlen(value));
    } else {
        blank_url_secrets(value);
    }
}

// True when the argument after this one is a secret.
bool blank_secret_option(char* argument) {
    for (std::string_view name : {"--password", "--key"}) {
        const std::string_view text(argument);
        if (text == name) return true;
        if (!text.starts_with(name) || text[name.size()] != '=') continue;
        char* value = argument + name.size() + 1;
        if (!names_file(value)) blank(value, ::strlen(value));
        return false;
    }
    return false;
}

}  // namespace

void blank_secret_arguments(std::span<char* const> arguments) {
    bool secret_is_next = false;
    for (char* argument : arguments) {
        if (secret_is_next) {
            if (!names_file(argument)) blank(argument, ::strlen(argument));
            secret_is_next = false;
            continue;
        }
        secret_is_next = blank_secret_option(argument);
        blank_key_value(argument);
    }
}

}  // namespace dialtone

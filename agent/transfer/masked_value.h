// SPDX-License-Identifier: Apache-2.0
//
// Values of the configuration for people who may not see its secrets. Called for `dialtone show
// config` and `dialtone model`; agent/profile.h says which keys hold secrets.
#pragma once

#include <string>
#include <string_view>

#include "agent/profile.h"

namespace dialtone {

inline constexpr std::string_view secret_mask = "***";

// Whether the key, a setting's name or one of the vendor's, stands for a URL.
bool is_url_key(const Profile& profile, std::string_view key);

// A value that is no secret itself: a URL with userinfo or a query as people may see it, anything
// else as it is. `is_url`: it is one even without a scheme.
std::string without_url_secrets(std::string_view value, bool is_url);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// The phone's configuration as KEY=VALUE lines or JSON, with or without what is secret in it.
// Called for `dialtone show config` and `dialtone inspect`.
#pragma once

#include <string>
#include <string_view>

#include "agent/generation.h"

namespace dialtone {

// Whether a key holds a secret for any profile of this build: one of its secret_keys, a setting of
// type secret, or a key that stands for such a setting.
bool is_secret_key(std::string_view key);

// "***" for a secret; a URL with userinfo or a query as people may see it; else the value.
std::string masked_value(std::string_view key, std::string_view value);

// `generation` with every value masked.
Generation masked_generation(const Generation& generation);

// {"generation":3,"values":{KEY:{"value":..,"origin":..}}}, of each key the value that counts.
std::string config_json(const Generation& generation);
// One line KEY=VALUE a key, as the hooks get them, but harmless on a terminal: what is not is
// escaped as \xHH.
std::string config_text(const Generation& generation);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// The file that --settings names. Read once, by the parent process, before privileges are dropped;
// a provisioning reboot goes on with what was read. An error in it is the agent's to judge.
#pragma once

#include <string>

#include "agent/settings.h"

namespace dialtone {

// Adds the file's lines to the layer `file` of `settings`, all or none of them. Returns the error
// as one sentence, "FILE:LINE: unknown setting ...", empty when there is none.
std::string add_settings_file(const std::string& path, Settings& settings);

}  // namespace dialtone

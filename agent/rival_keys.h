// SPDX-License-Identifier: Apache-2.0
//
// The names of a configuration that stand for the same thing: a setting of the agent and the
// vendor's keys for it, and the spellings of an account's key. A file says it by one of them, an
// ACS or an operator may say it by another. Called where files are laid over what an ACS has set.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/generation.h"
#include "agent/profile.h"

namespace dialtone {

// The names that stand for the same as `name` does, itself first. `name`: a key, or a setting's.
std::vector<std::string> rival_names(const Profile& profile, std::string_view name);

// A file that names another value for a key than the last file did wins over the ACS (`before`: the
// generation that the files were laid over): what the ACS had set goes, by whatever name it did.
// What the files repeat, or do not name, stays as the ACS has set it.
void let_files_win(Generation& next, const Generation& before, const Profile& profile);

}  // namespace dialtone

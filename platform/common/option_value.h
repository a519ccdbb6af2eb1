// SPDX-License-Identifier: Apache-2.0
//
// The values that options of both programs take: a text or the content of a file, a profile's name.
// Called by daemon/options.cpp and tool/tool_options.cpp. Pure but for the reader of files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/profile.h"
#include "agent/result.h"
#include "platform/common/read_file.h"

namespace dialtone {

// "@FILE" gives the file's content without one trailing newline, "@@..." gives "@...", anything
// else itself. Errors: bad_usage naming the file, too_big over `limit_bytes`.
Result<std::string> value_or_file(std::string_view value, uint32_t limit_bytes, FileReader read);

// The profile called `name`. Errors: bad_usage naming the nearest and all known ones.
Result<const Profile*> profile_called(std::string_view name);

// The names of all profiles, "fanvil, grandstream, ..." for instance.
std::string known_profiles();

}  // namespace dialtone

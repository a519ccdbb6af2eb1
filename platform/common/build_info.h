// SPDX-License-Identifier: Apache-2.0
//
// What --build-info prints, of either program.
#pragma once

#include <string>
#include <string_view>

namespace dialtone {

// "NAME=VALUE" lines: program, version, build time, compiler, target, libraries, profiles, and of
// each feature and vendor whether it is in, out, or not there yet.
std::string build_info(std::string_view program);

}  // namespace dialtone

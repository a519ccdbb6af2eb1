// SPDX-License-Identifier: Apache-2.0
//
// Where the control socket of a daemon is, and what else goes with it (lease_store.h): in the
// runtime directory, which a power-off empties, and under a name that follows from the state
// directory, so that `dialtone --state DIR` finds the daemon that owns DIR.
//
//     root           /run/dialtone/NAME.control
//     a service      $RUNTIME_DIRECTORY/NAME.control, which systemd made for its user
//     anybody else   ${XDG_RUNTIME_DIR:-/tmp}/dialtone-UID/NAME.control
//
// NAME is the first 16 hex digits of the SHA-256 of DIR's real path. A service's directory belongs
// to the service's user; root writes lease files to it (lease_store.h).
//
// Called by dialtoned.cpp and lease_store.cpp, which make the directory, and control_client.cpp,
// which does not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/result.h"

namespace dialtone {

inline constexpr char system_runtime_directory[] = "/run/dialtone";

// The runtime directory of user `uid`; `xdg_runtime_dir` is the environment's, may be empty.
std::string runtime_directory(uint32_t uid, std::string_view xdg_runtime_dir);

// The runtime directory of the user who runs this program.
std::string runtime_directory();

// Makes the directory (0700) if it is not there. Errors: io, also when the name belongs to
// somebody else, is a symbolic link, or others may write to it. Root takes a service's, too.
Status make_runtime_directory(const std::string& directory);

// NAME for a state directory's real path.
std::string runtime_name(std::string_view real_path);

// DIRECTORY/NAME.control for a state directory's real path. Errors: too_big when that is longer
// than a socket's name can be.
Result<std::string> control_socket_path(std::string_view directory, std::string_view real_path);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// The operator's end of the control socket (control.h says what is spoken on it). Called for the
// commands of `dialtone` that change something.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/result.h"

namespace dialtone {

struct ControlAnswer {
    bool ok = false;
    std::string text = {};
    std::vector<std::string> lines = {};  // of a list
};

// Where the daemon of `state_directory` may listen: first the runtime directory of the user who
// owns its lock, whose name depends on that user's environment when it is not the caller.
// Errors: not_found, io, when there is no such directory.
Result<std::string> find_control_socket(const std::string& state_directory);

// Says "WORD ARGUMENT" to the socket at `path` and waits at most `wait_ms` for the answer.
// Errors: bad_usage (the argument is more than one line), too_big, io; in words for people.
Result<ControlAnswer> ask_daemon(const std::string& path, std::string_view word,
                                 std::string_view argument, uint32_t wait_ms);

}  // namespace dialtone

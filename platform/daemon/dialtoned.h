// SPDX-License-Identifier: Apache-2.0
//
// The daemon: reads the command line, takes the state directory and becomes the supervisor of the
// agent's process. options.h has the command line, supervisor.h what goes on afterwards.
// Called by program/main.cpp.
#pragma once

#include <span>

namespace dialtone {

// `arguments` as main() got them, without the program's name; what is secret in them is overwritten
// in place. Returns the exit status, a Verdict as a number.
int run_daemon(std::span<char* const> arguments);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// The operator's tool. Reading commands read the state directory and need no daemon; writing
// commands ask the daemon through its control socket. tool_options.h has the command line.
// Called by program/main.cpp.
#pragma once

#include <span>

namespace dialtone {

// `arguments` as main() got them, without the program's name; what is secret in them is overwritten
// in place. Returns the exit status: 0 done, 1 not done, 2 a command line that cannot be.
int run_tool(std::span<char* const> arguments);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// The system calls that the agent's process may make: those it needs, from the table in
// call_filter.cpp, and no other, whatever a fault in it has it do. What is not in the table fails
// with EPERM, and the journal gets a line with the call's number.
//
// How: a seccomp filter (seccomp(2)) whose default is a signal, SIGSYS, instead of the plain error
// that it could give as well. The handler writes the error where the call's result goes and notes
// the number, which the loop takes later. So a refused call costs a signal, an allowed one nothing
// more, and there is neither a process that listens nor a word lost. A thread that blocks SIGSYS
// would be ended instead: none does. On a machine whose registers this file does not know the call
// fails without a line.
//
// Called by agent_process.cpp (restrict_calls) and world.cpp (take_refused_call).
#pragma once

#include <cstdint>
#include <optional>

#include "agent/result.h"

namespace dialtone {

// For this thread and all it will start, for good; needs no_new_privs. Nothing happens in a build
// without the filter (DIALTONE_CALL_FILTER, sanitizers), and where the kernel has no such filters,
// as under qemu-user: /proc/PID/status has `Seccomp: 2` where it is in force. Errors: io.
Status restrict_calls();

// The number of a call that was refused, each number once; at most 16 different ones.
std::optional<uint32_t> take_refused_call();

}  // namespace dialtone

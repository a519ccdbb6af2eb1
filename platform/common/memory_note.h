// SPDX-License-Identifier: Apache-2.0
//
// The note of a daemon that has no state directory to use and keeps everything in memory: a file
// NAME.memory in the runtime directory (runtime_directory.h), whose text says why. The daemon holds
// a lock on it as long as it lives, so that no second one serves the same state directory, and so
// that a note without a lock is a dead daemon's and says nothing.
//
// Called by dialtoned.cpp (hold) and state_reader.cpp (find).
#pragma once

#include <string>

#include "agent/result.h"
#include "platform/common/descriptor.h"

namespace dialtone {

// The locked note, for a runtime directory that is there. `real_path` is the state directory's, or
// would be. Errors: bad_usage when another daemon has it, io; the sentence names the file.
Result<Descriptor> hold_memory_note(const std::string& runtime_directory,
                                    const std::string& real_path, const std::string& words);

// Why the daemon of `state_directory` keeps everything in memory; empty when it does not, when none
// runs, or when its note is out of the caller's reach.
std::string find_memory_note(const std::string& state_directory);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// Files of the state and the runtime directory, opened by bare name below an open directory: what
// is no regular file is not opened, a symbolic link is not followed, and nothing waits, whatever
// somebody has put in a file's place.
//
// Called by everything that opens such a file: the storage, the journal, the lock, the note of a
// restart, the lease files, and whoever reads them.
#pragma once

#include <cstdint>
#include <string>

#include "agent/result.h"
#include "platform/common/descriptor.h"

namespace dialtone {

// `flags` as of open(2), O_TRUNC included; a file that is made gets mode 0600. Not open, and errno,
// which state_file_words() has the words for: ENXIO stands for what is there and is no file.
Descriptor open_state_file(int directory, const char* name, int flags);

// The system's words for `number`, or what is in the file's place.
const char* state_file_words(int number);

// The whole content. Errors: not_found, io, too_big (more than `limit_bytes`); the detail does not
// repeat the name.
Result<std::string> read_state_file(int directory, const std::string& name, uint32_t limit_bytes);

}  // namespace dialtone

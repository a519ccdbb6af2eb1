// SPDX-License-Identifier: Apache-2.0
//
// The state directory and who may write to it. One daemon at a time owns a directory; it shows so
// by a lock on DIR/lock, an empty file. Where the medium is read-only and the file cannot be
// made, the lock is on the directory itself.
//
// Called by dialtoned.cpp (open, lock) and by state_reader.cpp (probe).
#pragma once

#include <string>

#include "agent/result.h"
#include "platform/common/descriptor.h"

namespace dialtone {

struct StateDirectory {
    std::string path = {};       // as given
    std::string real_path = {};  // without symbolic links: names the control socket
    bool created = false;        // it was not there before
    Descriptor directory = {};
    Descriptor lock = {};  // held as long as it is open, across fork()
};

// Makes `path` (mode 0700, its parents 0755) if it is not there, opens and locks it.
// Errors: bad_usage when another daemon has the lock or `path` is no directory, io else; the
// sentence names the directory.
Result<StateDirectory> take_state_directory(const std::string& path);

// `path` without symbolic links. Errors: not_found, io; the sentence names the directory.
Result<std::string> real_path_of(const std::string& path);

// Whether a daemon holds the lock. Writes nothing. Errors: io.
Result<bool> is_daemon_running(const std::string& path);

}  // namespace dialtone

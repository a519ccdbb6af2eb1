// SPDX-License-Identifier: Apache-2.0
//
// The state directory and who may write to it. One daemon at a time owns a directory; it shows so
// by a lock on DIR/lock, an empty file. Where the medium is read-only and the file cannot be
// made, the lock is on the directory itself.
//
// A directory is used if nobody but root and the service's own user can have written to it: it
// belongs to one of the two, as do the files in it that this program knows, group and others may
// write to none of them, and they are files. Any other is left alone as a whole, with words that
// say why; the phone works in memory then (memory_note.h).
//
// Called by dialtoned.cpp (open, lock) and by state_reader.cpp (probe).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "agent/result.h"
#include "platform/common/descriptor.h"

namespace dialtone {

// The user whom the agent's process becomes (--user), and his group.
struct Account {
    uid_t user = 0;
    gid_t group = 0;
};

struct StateDirectory {
    std::string path = {};       // as given
    std::string real_path = {};  // without symbolic links: names the control socket
    std::string unusable = {};   // why it is not used, naming it; empty: it is
    std::string in_memory = {};  // why it is lost with the machine's power, if that is known
    Descriptor directory = {};   // not open if it is not used
    Descriptor lock = {};        // held as long as it is open, across fork()
};

// Makes `path` (mode 0700, its parents 0755) if it is not there, opens and locks it. What root owns
// of it is given to `account`, if there is one and this process is root.
// Errors: bad_usage when another daemon has the lock; anything else when it cannot be used. The
// sentence names the directory.
Result<StateDirectory> take_state_directory(const std::string& path,
                                            const std::optional<Account>& account);

// Errors: not_found, io; the sentence names the directory.
Result<Descriptor> open_directory(const std::string& path);

// `path` without symbolic links. Errors: not_found, io; the sentence names the directory.
Result<std::string> real_path_of(const std::string& path);

// The real path that the directory has, or will have once it is made. Errors: io.
Result<std::string> real_path_to_be(const std::string& directory);

// Tries to get an exclusive lock, for a moment. False, and errno: EWOULDBLOCK when a daemon has it.
bool lock_with_patience(const Descriptor& lock);

// Whether a daemon holds the lock. Writes nothing. Errors: io.
Result<bool> is_daemon_running(const std::string& path);

}  // namespace dialtone

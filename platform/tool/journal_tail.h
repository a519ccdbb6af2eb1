// SPDX-License-Identifier: Apache-2.0
//
// The journal as it grows: entries one by one, across the moment in which `journal` becomes
// `journal.1` and a new file begins. Memory is one line, whatever the files hold.
// Called by follow.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/journal.h"
#include "platform/common/descriptor.h"

namespace dialtone {

class JournalTail {
  public:
    // Begins at the first entry of DIRECTORY/journal, which need not be there yet.
    explicit JournalTail(const std::string& directory) : path_(directory + "/journal") {}

    // The next whole entry, or nothing as long as there is none. Never waits. Lines that do not
    // decode and lines that are too long are passed over.
    std::optional<JournalEntry> next();

  private:
    std::optional<JournalEntry> take_line();
    bool read_more();
    bool was_turned_over() const;
    bool was_cut() const;

    std::string path_;
    Descriptor file_ = {};
    bool old_file_ = false;      // `file_` is journal.1 now: read to its end, then open `journal`
    bool passing_over_ = false;  // in the middle of a line that is too long
    std::string buffer_ = {};
};

}  // namespace dialtone

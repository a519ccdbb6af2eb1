// SPDX-License-Identifier: Apache-2.0
//
// DIR/journal and DIR/journal.1, the two files of a bounded journal. Lines are appended with one
// write(2) each, so a reader sees whole lines; a line that a power cut tore is closed off by the
// next one. Nothing here is synced: a journal may lose its last words, never its order.
#pragma once

#include "agent/instant.h"
#include "agent/journal.h"
#include "platform/common/descriptor.h"

namespace dialtone {

class JournalFile {
  public:
    // `directory`: the open state directory, stays the caller's. -1: nothing is written.
    explicit JournalFile(int directory) : directory_(directory) {}

    // True when the whole line was written, or nothing is to be written at all. False when the disk
    // is full or fails; the line is not in the journal then, and the caller says it elsewhere.
    bool append(const JournalLine& line);

  private:
    void open();
    bool is_still_named() const;

    int directory_;
    Descriptor file_ = {};
    uint64_t size_bytes_ = 0;
    bool torn_ = false;  // the file does not end with a line feed
};

}  // namespace dialtone

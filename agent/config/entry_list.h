// SPDX-License-Identifier: Apache-2.0
//
// The keys and values of one file while it is read, in its order, within the bounds of a document.
// Used by the formats.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/config/remarks.h"
#include "agent/document.h"
#include "agent/result.h"

namespace dialtone {

class EntryList {
  public:
    // Errors, at the line: too_big (limits::config_*).
    Status add(std::string key, std::string value, uint32_t line);
    bool empty() const { return entries_.empty(); }
    void reserve(uint32_t entries);

    // Of a key that appears more than once only the last entry is left, where it stands, with a
    // remark.
    std::vector<Entry> take(Remarks& remarks);

  private:
    std::vector<Entry> entries_ = {};
};

}  // namespace dialtone

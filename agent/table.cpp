// SPDX-License-Identifier: Apache-2.0
#include "agent/table.h"

#include <cstddef>
#include <cstring>

namespace dialtone {

extern "C" uint32_t dialtone_find_row(const void* rows, uint32_t state, uint32_t cue) {
    const auto* at = static_cast<const std::byte*>(rows);
    for (uint32_t index = 0;; ++index, at += sizeof(RowBytes)) {
        RowBytes row;
        std::memcpy(&row, at, sizeof row);
        if (row.cue == cue && (row.states >> state & 1) != 0) return index;
    }
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/table_registry.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace dialtone {

// The linker gives these names to the begin and the end of the section; a program without any table
// has neither.
[[gnu::weak]] extern const TableView* const first_entry[] __asm__("__start_dialtone_tables");
[[gnu::weak]] extern const TableView* const end_of_entries[] __asm__("__stop_dialtone_tables");

RowBytes TableView::row(uint32_t index) const {
    assert(index < row_count);
    RowBytes out;
    std::memcpy(&out, static_cast<const char*>(rows) + index * sizeof out, sizeof out);
    return out;
}

RowBytes TableView::row_at(uint32_t state, uint32_t cue) const {
    uint32_t index = 0;
    while (row(index).cue != cue || (row(index).states >> state & 1) == 0)
        ++index;
    return row(index);
}

std::vector<const TableView*> all_tables() {
    std::vector<const TableView*> tables(first_entry, end_of_entries);
    std::ranges::sort(tables, {}, [](const TableView* table) { return table->title.name; });
    return tables;
}

}  // namespace dialtone

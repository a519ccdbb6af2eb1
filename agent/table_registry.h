// SPDX-License-Identifier: Apache-2.0
//
// All state machine tables of a program, with names, whatever their enums are. Used by the
// laboratory, which counts the cells its runs visit, by the tests and by the program that prints
// docs/state-machines.md; the daemon that ships never asks, and its linker leaves all names out.
//
// A table registers itself in the file that holds its rows:
//
//     constexpr std::string_view state_names[] = {"idle", "asking"};  // and so cues and actions
//
//     constexpr TableView view = table_view(
//         {.name = "sntp", .title = "SNTP: the wall clock", .about = "`agent/clock/sntp.cpp`."},
//         table, state_names, cue_names, action_names);
//     DIALTONE_REGISTER_TABLE(view);
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "agent/table.h"

namespace dialtone {

struct TableTitle {
    std::string_view name = {};   // one word, for cells: "pnp: asking + accepted"
    std::string_view title = {};  // the heading in docs/state-machines.md
    std::string_view about = {};  // what stands under it: where it is, who gives it its cues
};

struct TableView {
    TableTitle title = {};
    const void* rows = nullptr;  // what dialtone_find_row() is given
    uint32_t row_count = 0;
    std::span<const std::string_view> states = {};
    std::span<const std::string_view> cues = {};
    std::span<const std::string_view> actions = {};  // 0 does nothing

    // The row at `index`, below row_count.
    RowBytes row(uint32_t index) const;
    // The row for `state` and `cue`, both below the number of their names. The laboratory counts no
    // visit for it.
    RowBytes row_at(uint32_t state, uint32_t cue) const;
};

// Fails to compile when there is not a name for each state, cue and action, and when an action
// stands in no row.
template <typename State, typename Cue, typename Action, uint32_t size, uint64_t state_count,
          uint64_t cue_count, uint64_t action_count>
consteval TableView table_view(TableTitle title, const Table<State, Cue, Action, size>& table,
                               const std::string_view (&states)[state_count],
                               const std::string_view (&cues)[cue_count],
                               const std::string_view (&actions)[action_count]) {
    static_assert(state_count == static_cast<uint32_t>(State::count_));
    static_assert(cue_count == static_cast<uint32_t>(Cue::count_));
    bool used[action_count] = {true};  // that it ignores nothing is no mistake
    for (const auto& row : table.rows)
        used[static_cast<uint32_t>(row.action)] = true;  // out of bounds: an action has no name
    for (const bool is_used : used) {
        if (!is_used) __builtin_unreachable();  // an action stands in no row
    }
    return {title, table.rows, size, states, cues, actions};
}

// Sorted by name.
std::vector<const TableView*> all_tables();

// Entries of one section of the program, from which all_tables() reads them.
#define DIALTONE_REGISTER_TABLE(view)  \
    [[gnu::section("dialtone_tables"), \
      gnu::used]] constexpr const ::dialtone::TableView* registered_table = &(view)

}  // namespace dialtone

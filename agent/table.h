// SPDX-License-Identifier: Apache-2.0
//
// State machines as tables. An engine lists rows of (states, cue, action, next state) in one
// aligned constexpr array, completes it by the cues that all other states ignore, and proves by
// is_total() at compile time that each state answers each cue by exactly one row. It takes its
// rows by row_for(), and registers the table once (table_registry.h).
//
// To add a table: enums State, Cue (both end in `count_`) and Action (begins with `nothing`); the
// rows; completed(); static_assert(is_total()); the names and DIALTONE_REGISTER_TABLE. The switch
// over the action has no default, so that the compiler names an action that is forgotten.
//
// All tables are looked up by one function, dialtone_find_row(), which stands in a program once.
// The laboratory links it wrapped (-Wl,--wrap) and counts the cells that its runs visit: the
// objects it runs are those of the phone, which pays a function call for it.
#pragma once

#include <cstdint>

namespace dialtone {

// States and cues are enums that count from 0 and end in an enumerator named `count_`; a set of
// states is a bit mask.
template <typename State, typename Cue, typename Action>
struct Row {
    uint32_t states;
    Cue cue;
    Action action;
    State next;
    bool stay = false;  // the next state is the one it is in; `next` is not read
};

template <typename... States>
constexpr uint32_t in(States... states) {
    return ((1U << static_cast<uint32_t>(states)) | ...);
}

template <typename State>
constexpr uint32_t all_states() {
    return (1U << static_cast<uint32_t>(State::count_)) - 1;
}

template <typename State, typename... States>
constexpr uint32_t but(State state, States... more) {
    return all_states<State>() & ~in(state, more...);
}

// The rows an engine wrote, and after them one row of no action for each cue it ignores elsewhere.
template <typename State, typename Cue, typename Action, uint32_t size>
struct Table {
    Row<State, Cue, Action> rows[size];
};

// `ignored` are the cues that every state not named by one of their rows answers by doing nothing
// and staying. A cue that is not among them needs rows for all states.
template <typename State, typename Cue, typename Action, uint64_t size, typename... Cues>
consteval auto completed(const Row<State, Cue, Action> (&rows)[size], Cues... ignored) {
    static_assert(static_cast<uint32_t>(Action::nothing) == 0);
    Table<State, Cue, Action, size + sizeof...(ignored)> table = {};
    uint32_t count = 0;
    for (const auto& row : rows)
        table.rows[count++] = row;
    const auto ignore = [&](Cue cue) {
        uint32_t rest = all_states<State>();
        for (const auto& row : rows)
            rest &= row.cue == cue ? ~row.states : ~0U;
        table.rows[count++] = {rest, cue, Action::nothing, State{}, true};
    };
    (ignore(ignored), ...);
    return table;
}

// Whether each state answers each cue by exactly one row. A row without states is a mistake, too:
// nothing is left to ignore.
template <typename State, typename Cue, typename Action, uint32_t size>
consteval bool is_total(const Table<State, Cue, Action, size>& table) {
    static_assert(static_cast<uint32_t>(State::count_) < 32);
    for (uint32_t cue = 0; cue < static_cast<uint32_t>(Cue::count_); ++cue) {
        uint32_t seen = 0;
        for (const auto& row : table.rows) {
            if (static_cast<uint32_t>(row.cue) != cue) continue;
            if (row.states == 0 || (seen & row.states) != 0) return false;
            seen |= row.states;
        }
        if (seen != all_states<State>()) return false;
    }
    return true;
}

// Every row looks like this to the lookup, whatever its enums are called.
struct RowBytes {
    uint32_t states;
    uint8_t cue, action, next, stay;
};

// The index of the one row for (state, cue) among the RowBytes at `rows`.
extern "C" uint32_t dialtone_find_row(const void* rows, uint32_t state, uint32_t cue);

// The row an engine takes on `cue` in `state`. Only for tables that is_total() has proved.
template <typename State, typename Cue, typename Action, uint32_t size>
const Row<State, Cue, Action>& row_for(const Table<State, Cue, Action, size>& table, State state,
                                       Cue cue) {
    static_assert(sizeof(table.rows[0]) == sizeof(RowBytes) && sizeof(State) == 1 &&
                  sizeof(Cue) == 1 && sizeof(Action) == 1);
    const void* rows = table.rows;
    return table
        .rows[dialtone_find_row(rows, static_cast<uint32_t>(state), static_cast<uint32_t>(cue))];
}

// Whether `cue` would do anything in `state`; takes no row, so the laboratory counts no visit.
template <typename State, typename Cue, typename Action, uint32_t size>
constexpr bool answers(const Table<State, Cue, Action, size>& table, State state, Cue cue) {
    for (const auto& row : table.rows) {
        if (row.cue == cue && (row.states & in(state)) != 0) return row.action != Action::nothing;
    }
    return false;
}

}  // namespace dialtone

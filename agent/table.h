// SPDX-License-Identifier: Apache-2.0
//
// State machines as tables. An engine lists rows of (states, cue, action, next state) in one
// aligned constexpr array and looks them up by row_for(); is_total() proves at compile time that
// each state answers each cue by exactly one row. docs/state-machines.md is generated from the
// same arrays.
//
// All tables are looked up by one function, dialtone_find_row(), which stands in a program once.
// The laboratory links it wrapped (-Wl,--wrap) and counts the cells that its runs visit: the
// objects it runs are those of the phone, which pays a function call for it.
#pragma once

#include <cstdint>
#include <span>

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

template <typename State, typename Cue, typename Action, uint64_t size>
consteval bool is_total(const Row<State, Cue, Action> (&rows)[size]) {
    static_assert(static_cast<uint32_t>(State::count_) < 32);
    for (uint32_t cue = 0; cue < static_cast<uint32_t>(Cue::count_); ++cue) {
        uint32_t seen = 0;
        for (const auto& row : rows) {
            if (static_cast<uint32_t>(row.cue) != cue) continue;
            if ((seen & row.states) != 0) return false;
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
template <typename State, typename Cue, typename Action, uint64_t size>
const Row<State, Cue, Action>& row_for(const Row<State, Cue, Action> (&rows)[size], State state,
                                       Cue cue) {
    static_assert(sizeof(rows[0]) == sizeof(RowBytes) && sizeof(State) == 1 && sizeof(Cue) == 1 &&
                  sizeof(Action) == 1);
    return rows[dialtone_find_row(rows, static_cast<uint32_t>(state), static_cast<uint32_t>(cue))];
}

// The same row for somebody who only wants to know what would happen.
template <typename State, typename Cue, typename Action>
constexpr const Row<State, Cue, Action>& look_up(std::span<const Row<State, Cue, Action>> rows,
                                                 State state, Cue cue) {
    for (const auto& row : rows) {
        if (row.cue == cue && (row.states & in(state)) != 0) return row;
    }
    __builtin_unreachable();
}

}  // namespace dialtone

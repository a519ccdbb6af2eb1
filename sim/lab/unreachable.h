// SPDX-License-Identifier: Apache-2.0
//
// Cells (state, cue) of the agent's tables that do something and cannot be reached, whatever
// happens: what stands there is a guard. The laboratory does not demand that they are visited, and
// fails when one is (cells.h); docs/state-machines.md names them below their table.
#pragma once

#include <span>
#include <string_view>

namespace dialtone::sim {

struct UnreachableCells {
    std::string_view table = {};
    // Lists of names, a bar after each entry: every state with every cue.
    std::string_view states = {};
    std::string_view cues = {};
    std::string_view why = {};
};
std::span<const UnreachableCells> unreachable_cells();

}  // namespace dialtone::sim

// SPDX-License-Identifier: Apache-2.0
//
// Which cells (state, cue) of the agent's tables were visited. The laboratory's programs are linked
// so that every lookup of agent/table.h passes by here; the agent's own objects are the phone's.
//
// Cells in which a cue is ignored are counted apart. Cells that cannot be visited, whatever
// happens, are named in unreachable.cpp with the reason.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dialtone::sim {

struct CellFigures {
    uint32_t visited = 0;  // of those that do something and can be visited
    uint32_t all = 0;
    uint32_t nothing_visited = 0;
    uint32_t nothing_all = 0;
};

// Counting begins anew.
void reset_cells();
CellFigures count_cells();
// "life: asking + named", of the cells that do something and were never visited.
std::vector<std::string> unvisited_cells();
// The same form with the number of visits before it, of the `count` cells that were visited least.
std::vector<std::string> least_visited_cells(uint32_t count);
// Cells that are said to be out of reach and were visited all the same: the list is wrong.
std::vector<std::string> visited_unreachable_cells();

}  // namespace dialtone::sim

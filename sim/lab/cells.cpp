// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/cells.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "agent/table_registry.h"
#include "sim/lab/unreachable.h"

namespace dialtone::sim {
namespace {

struct Cell {
    std::string state = {};
    std::string cue = {};
    bool does_something = false;
    uint64_t visits = 0;
};

struct Table {
    const TableView* view = nullptr;
    std::vector<Cell> cells = {};  // by state, then cue
};

std::vector<Table> all_cells() {
    std::vector<Table> out;
    for (const TableView* view : all_tables()) {
        Table table{view};
        for (uint32_t state = 0; state < view->states.size(); ++state) {
            for (uint32_t cue = 0; cue < view->cues.size(); ++cue) {
                table.cells.push_back({std::string(view->states[state]),
                                       std::string(view->cues[cue]),
                                       view->row_at(state, cue).action != 0});
            }
        }
        out.push_back(std::move(table));
    }
    return out;
}

std::vector<Table>& tables() {
    static std::vector<Table> all = all_cells();
    return all;
}

bool names(std::string_view list, const std::string& name) {
    return ("|" + std::string(list)).find("|" + name + "|") != std::string::npos;
}

bool is_out_of_reach(const Table& table, const Cell& cell) {
    return std::ranges::any_of(unreachable_cells(), [&](const UnreachableCells& cells) {
        return cells.table == table.view->title.name && names(cells.states, cell.state) &&
               names(cells.cues, cell.cue);
    });
}

std::string words_of(const Table& table, const Cell& cell) {
    return std::string(table.view->title.name) + ": " + cell.state + " + " + cell.cue;
}

}  // namespace

void reset_cells() {
    for (Table& table : tables()) {
        for (Cell& cell : table.cells)
            cell.visits = 0;
    }
}

CellFigures count_cells() {
    CellFigures figures;
    for (const Table& table : tables()) {
        for (const Cell& cell : table.cells) {
            const uint32_t once = cell.visits != 0 ? 1 : 0;
            if (!cell.does_something) {
                ++figures.nothing_all;
                figures.nothing_visited += once;
            } else if (!is_out_of_reach(table, cell)) {
                ++figures.all;
                figures.visited += once;
            }
        }
    }
    return figures;
}

std::vector<std::string> unvisited_cells() {
    std::vector<std::string> out;
    for (const Table& table : tables()) {
        for (const Cell& cell : table.cells) {
            if (cell.does_something && cell.visits == 0 && !is_out_of_reach(table, cell))
                out.push_back(words_of(table, cell));
        }
    }
    return out;
}

std::vector<std::string> least_visited_cells(uint32_t count) {
    std::vector<std::pair<uint64_t, std::string>> all;
    for (const Table& table : tables()) {
        for (const Cell& cell : table.cells) {
            if (cell.does_something && cell.visits != 0 && !is_out_of_reach(table, cell))
                all.emplace_back(cell.visits, words_of(table, cell));
        }
    }
    std::sort(all.begin(), all.end());
    std::vector<std::string> out;
    for (const auto& [visits, words] : all) {
        if (out.size() < count) out.push_back(std::to_string(visits) + "\t" + words);
    }
    return out;
}

std::vector<std::string> visited_unreachable_cells() {
    std::vector<std::string> out;
    for (const Table& table : tables()) {
        for (const Cell& cell : table.cells) {
            if (cell.visits != 0 && cell.does_something && is_out_of_reach(table, cell))
                out.push_back(words_of(table, cell));
        }
    }
    return out;
}

}  // namespace dialtone::sim

// In place of the agent's lookup, by the linker's --wrap.
extern "C" uint32_t __real_dialtone_find_row(const void* rows, uint32_t state, uint32_t cue);
extern "C" uint32_t __wrap_dialtone_find_row(const void* rows, uint32_t state, uint32_t cue);

uint32_t __wrap_dialtone_find_row(const void* rows, uint32_t state, uint32_t cue) {
    for (auto& table : dialtone::sim::tables()) {
        if (table.view->rows == rows) ++table.cells[state * table.view->cues.size() + cue].visits;
    }
    return __real_dialtone_find_row(rows, state, cue);
}

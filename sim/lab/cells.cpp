// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/cells.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>

#include "agent/clock/sntp.h"
#include "agent/discovery/dhcp.h"
#include "agent/discovery/pnp_table.h"
#include "agent/life.h"
#include "agent/transfer/fetch.h"
#include "agent/transfer/tftp.h"

namespace dialtone::sim {
namespace {

struct Cell {
    std::string state = {};
    std::string cue = {};
    bool does_something = false;
    uint64_t visits = 0;
};

struct Table {
    std::string_view name = {};
    const void* rows = nullptr;
    uint32_t cues = 0;
    std::vector<Cell> cells = {};  // by state, then cue
};

template <typename State, typename Cue, typename Action>
Table table_of(std::string_view name, std::span<const Row<State, Cue, Action>> rows) {
    Table table{name, rows.data(), static_cast<uint32_t>(Cue::count_)};
    for (uint32_t state = 0; state < static_cast<uint32_t>(State::count_); ++state) {
        for (uint32_t cue = 0; cue < table.cues; ++cue) {
            const auto& row = look_up(rows, static_cast<State>(state), static_cast<Cue>(cue));
            table.cells.push_back({std::string(name_of(static_cast<State>(state))),
                                   std::string(name_of(static_cast<Cue>(cue))),
                                   row.action != Action::nothing});
        }
    }
    return table;
}

std::vector<Table>& tables() {
    static std::vector<Table> all = {
        table_of("life", life_table()), table_of("pnp", pnp_table()),
        table_of("dhcp", dhcp_table()), table_of("fetch", fetch_table()),
        table_of("tftp", tftp_table()), table_of("sntp", sntp_table()),
    };
    return all;
}

// Out of reach, whatever happens. `states` and `cues` are lists, a bar after each entry.
struct Excuse {
    std::string_view table, states, cues, why;
};

constexpr Excuse excuses[] = {
    {"life", "off|", "stop|time up|", "nothing is handed to an agent before its Boot event"},
    {"life", "loading|", "time up|", "--once counts from when the generations are loaded"},
    {"life", "marking|turning|applying|resetting|settling|closing|", "stop|",
     "a command waits until a durable change is over"},
    {"life", "splay|", "trial over|confirm|", "a phone on trial does not wait its turn"},
    {"life", "splay|resting|", "time up|", "--once neither waits its turn nor rests"},
    {"life", "resting|", "trial over|", "what ends a trial without success ends its timer"},
    {"life", "asking|", "source over|next url|wait|", "these come in discovering and closing"},
    {"pnp", "resolving|opening|asking|waiting|listening|", "start|", "start() stops it first"},
    {"dhcp", "awaiting lease|asking|collecting|",
     "start with server|start with inform|start waiting|start in vain|", "start() stops it first"},
    {"tftp", "resolving|asking|receiving|", "start|", "start() stops it first"},
    {"fetch", "head|body|discard|", "start|", "the agent begins no download during another"},
    {"fetch", "head|", "end|", "a world tells a head before the end, or a failure"},
};

bool names(std::string_view list, const std::string& name) {
    return ("|" + std::string(list)).find("|" + name + "|") != std::string::npos;
}

const Excuse* excuse_of(const Table& table, const Cell& cell) {
    const auto found =
        std::find_if(std::begin(excuses), std::end(excuses), [&](const Excuse& excuse) {
            return excuse.table == table.name && names(excuse.states, cell.state) &&
                   names(excuse.cues, cell.cue);
        });
    return found == std::end(excuses) ? nullptr : found;
}

std::string words_of(const Table& table, const Cell& cell) {
    return std::string(table.name) + ": " + cell.state + " + " + cell.cue;
}

}  // namespace

void forget_cells() {
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
            } else if (!excuse_of(table, cell)) {
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
            if (cell.does_something && cell.visits == 0 && !excuse_of(table, cell))
                out.push_back(words_of(table, cell));
        }
    }
    return out;
}

std::vector<std::string> wrongly_excused_cells() {
    std::vector<std::string> out;
    for (const Table& table : tables()) {
        for (const Cell& cell : table.cells) {
            if (cell.visits != 0 && cell.does_something && excuse_of(table, cell))
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
        if (table.rows == rows) ++table.cells[state * table.cues + cue].visits;
    }
    return __real_dialtone_find_row(rows, state, cue);
}

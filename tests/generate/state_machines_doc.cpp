// SPDX-License-Identifier: Apache-2.0
//
// Prints docs/state-machines.md from the tables of the agent and its engines.
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "agent/table_registry.h"
#include "sim/lab/unreachable.h"

namespace {

using namespace dialtone;

uint32_t state_count(const TableView& table) {
    return static_cast<uint32_t>(table.states.size());
}

bool in_most(uint32_t states, uint32_t count) {
    return 4 * static_cast<uint32_t>(__builtin_popcount(states)) > 3 * count;
}

// Mermaid takes no blanks in a state's name.
std::string node(std::string_view state) {
    std::string out(state);
    for (char& c : out)
        c = c == ' ' ? '_' : c;
    return out;
}

std::string state_list(const TableView& table, uint32_t states) {
    const uint32_t all = state_count(table);
    std::string out;
    std::string missing;
    uint32_t count = 0;
    for (uint32_t state = 0; state < all; ++state) {
        const bool here = (states >> state & 1) != 0;
        std::string& list = here ? out : missing;
        if (!list.empty()) list += ", ";
        list += table.states[state];
        count += here ? 1 : 0;
    }
    if (count == all) return "any";
    return count * 2 > all ? "any but " + missing : out;
}

void print_diagram(const TableView& table) {
    std::map<std::pair<std::string, std::string>, std::string> arrows;
    for (uint32_t index = 0; index < table.row_count; ++index) {
        const RowBytes row = table.row(index);
        // What leads away from nearly every state would hide the rest of the picture.
        if (row.stay != 0 || in_most(row.states, state_count(table))) continue;
        for (uint32_t state = 0; state < state_count(table); ++state) {
            if ((row.states >> state & 1) == 0) continue;
            std::string& label = arrows[{node(table.states[state]), node(table.states[row.next])}];
            if (!label.empty()) label += ", ";
            label += table.cues[row.cue];
        }
    }
    std::printf("```mermaid\nstateDiagram-v2\n");
    for (const auto& [ends, label] : arrows)
        std::printf("    %s --> %s : %s\n", ends.first.c_str(), ends.second.c_str(), label.c_str());
    std::printf("```\n\n");
}

void print_rows(const TableView& table) {
    std::printf("| states | cue | action | next |\n|---|---|---|---|\n");
    std::string ignored;
    for (uint32_t index = 0; index < table.row_count; ++index) {
        const RowBytes row = table.row(index);
        const std::string cue(table.cues[row.cue]);
        if (row.action == 0 && row.stay != 0) {
            (ignored += ignored.empty() ? "" : ", ") += cue;
            continue;
        }
        const std::string action(table.actions[row.action]);
        const std::string next = row.stay != 0 ? "(the same)" : std::string(table.states[row.next]);
        std::printf("| %s | %s | %s | %s |\n", state_list(table, row.states).c_str(), cue.c_str(),
                    action.c_str(), next.c_str());
    }
    std::printf("\nIgnored in all other states: %s.\n\n", ignored.c_str());
}

// "a|b|" as "a, b".
std::string listed(std::string_view names) {
    std::string out;
    for (const char c : names.substr(0, names.size() - 1))
        out += c == '|' ? std::string(", ") : std::string(1, c);
    return out;
}

void print_unreachable(std::string_view table) {
    bool any = false;
    for (const sim::UnreachableCells& cells : sim::unreachable_cells()) {
        if (cells.table != table) continue;
        if (!any) std::printf("Cannot happen; what stands there is a guard:\n\n");
        any = true;
        std::printf("* in %s: %s; %.*s\n", listed(cells.states).c_str(), listed(cells.cues).c_str(),
                    static_cast<int>(cells.why.size()), cells.why.data());
    }
    if (any) std::printf("\n");
}

void print_machine(const TableView& table) {
    const auto& [name, title, about] = table.title;
    std::printf("## %s\n\n%s\n\n", std::string(title).c_str(), std::string(about).c_str());
    print_diagram(table);
    print_rows(table);
    print_unreachable(name);
}

}  // namespace

int main() {
    std::printf(
        "# State machines\n\n"
        "Generated from the tables in the sources by `tests/generate/state_machines_doc.cpp`; a "
        "test\nfails when this page is stale. Each table is total: a static_assert proves that "
        "every state\nanswers every cue by exactly one row. The pictures leave out what leads away "
        "from "
        "nearly\nevery state. Cells that cannot happen are named below each table; `dialtone-lab "
        "swarm` "
        "fails when\none of them is visited, and a long run of it when another one is not.\n\n");
    for (const TableView* table : all_tables())
        print_machine(*table);
    return 0;
}

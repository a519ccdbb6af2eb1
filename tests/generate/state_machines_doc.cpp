// SPDX-License-Identifier: Apache-2.0
//
// Prints docs/state-machines.md from the tables of the agent and its engines.
#include <cstdio>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/clock/sntp.h"
#include "agent/discovery/dhcp.h"
#include "agent/discovery/pnp_table.h"
#include "agent/life.h"
#include "agent/transfer/fetch.h"
#include "agent/transfer/tftp.h"
#include "sim/lab/unreachable.h"

namespace {

using namespace dialtone;

bool in_most(uint32_t states, uint32_t all) {
    return 4 * __builtin_popcount(states) > 3 * __builtin_popcount(all);
}

// Mermaid takes no blanks in a state's name.
template <typename State>
std::string node(State state) {
    std::string out(name_of(state));
    for (char& c : out)
        c = c == ' ' ? '_' : c;
    return out;
}

template <typename State>
std::string state_list(uint32_t states) {
    const auto all = all_states<State>();
    if (states == all) return "any";
    std::string out;
    std::string missing;
    uint32_t count = 0;
    for (uint32_t i = 0; i < static_cast<uint32_t>(State::count_); ++i) {
        const bool here = (states >> i & 1) != 0;
        std::string& list = here ? out : missing;
        if (!list.empty()) list += ", ";
        list += name_of(static_cast<State>(i));
        count += here ? 1 : 0;
    }
    const bool most = count * 2 > static_cast<uint32_t>(State::count_);
    return most ? "any but " + missing : out;
}

template <typename State, typename Cue, typename Action>
void print_diagram(std::span<const Row<State, Cue, Action>> rows) {
    std::map<std::pair<std::string, std::string>, std::string> arrows;
    for (const auto& row : rows) {
        // What leads away from nearly every state would hide the rest of the picture.
        if (row.stay || in_most(row.states, all_states<State>())) continue;
        for (uint32_t i = 0; i < static_cast<uint32_t>(State::count_); ++i) {
            if ((row.states >> i & 1) == 0) continue;
            const auto from = static_cast<State>(i);
            if (from == row.next && row.action == Action::nothing) continue;
            std::string& label = arrows[{node(from), node(row.next)}];
            if (!label.empty()) label += ", ";
            label += name_of(row.cue);
        }
    }
    std::printf("```mermaid\nstateDiagram-v2\n");
    for (const auto& [ends, label] : arrows)
        std::printf("    %s --> %s : %s\n", ends.first.c_str(), ends.second.c_str(), label.c_str());
    std::printf("```\n\n");
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

template <typename State, typename Cue, typename Action>
void print_machine(const char* table, const char* title, const char* words,
                   std::span<const Row<State, Cue, Action>> rows) {
    std::printf("## %s\n\n%s\n\n", title, words);
    print_diagram<State, Cue, Action>(rows);
    std::printf("| states | cue | action | next |\n|---|---|---|---|\n");
    for (const auto& row : rows) {
        const std::string_view cue = name_of(row.cue);
        const std::string_view action = name_of(row.action);
        const std::string next = row.stay ? "(the same)" : std::string(name_of(row.next));
        std::printf("| %s | %.*s | %.*s | %s |\n", state_list<State>(row.states).c_str(),
                    static_cast<int>(cue.size()), cue.data(), static_cast<int>(action.size()),
                    action.data(), next.c_str());
    }
    std::printf("\n");
    print_unreachable(table);
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
    print_machine("life", "The life of a phone",
                  "`agent/life.cpp`. The agent turns events and its engines' outcomes into cues.",
                  life_table());
    print_machine("dhcp", "DHCP: the options that name a server", "`agent/discovery/dhcp.cpp`.",
                  dhcp_table());
    print_machine("fetch", "Fetch: one file",
                  "`agent/transfer/fetch.cpp`. Redirects start it again.", fetch_table());
    print_machine("tftp", "TFTP: one file", "`agent/transfer/tftp.cpp`.", tftp_table());
    print_machine("pnp", "SIP plug and play",
                  "`agent/discovery/pnp_table.cpp`, the engine is `pnp.cpp`.", pnp_table());
    print_machine("sntp", "SNTP: the wall clock", "`agent/clock/sntp.cpp`.", sntp_table());
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// dialtone-lab swarm: the seeds from --first on, until there were so many or the time is up.
#include <algorithm>
#include <string>

#include "sim/lab/command.h"
#include "sim/lab/console.h"
#include "sim/lab/swarm/swarm.h"

namespace dialtone::sim {
namespace {

// A long run, where the machine is quick enough for it.
constexpr uint32_t default_seeds = seeds_for_all_cells;
constexpr uint32_t default_seconds = 42;
constexpr uint32_t look_every = 16;  // seeds between two looks at the clock

std::string seconds_text(uint32_t ms) {
    return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + "s";
}

void show_progress(const SwarmFigures& figures, uint32_t seeds, uint64_t begin_ms,
                   uint64_t until_ms) {
    const uint64_t now = console::now_ms();
    const uint64_t by_pace_ms = (now - begin_ms) * (seeds - figures.seeds) / figures.seeds;
    const uint64_t by_limit_ms = until_ms - std::min(now, until_ms);
    console::progress("swarm: " + std::to_string(figures.seeds) + " of " + std::to_string(seeds) +
                      " seeds, " + std::to_string(figures.violations) + " violations, " +
                      std::to_string(figures.stuck) + " stuck, " +
                      std::to_string((std::min(by_pace_ms, by_limit_ms) + 999) / 1000) + " s left");
}

void remark_on(const SwarmFigures& figures, uint64_t took_ms) {
    for (uint32_t i = 0; i < fault_kind_count; ++i)
        console::remark(std::to_string(figures.counts[i]) + "\t" +
                        std::string(name_of(static_cast<FaultKind>(i))));
    const CellFigures cells = count_cells();
    console::remark(
        std::to_string(figures.lives) + " lives, " + std::to_string(figures.events) + " events, " +
        std::to_string(figures.seeds * 1000 / took_ms) +
        " seeds a second; cells that do nothing: " + std::to_string(cells.nothing_visited) +
        " of " + std::to_string(cells.nothing_all) + " visited; " +
        std::to_string(figures.stays_broken) +
        " phones keep a configuration that broke their network; the slowest took " +
        seconds_text(figures.took_percentile_ms(100)));
    const bool long_run = figures.seeds >= seeds_for_all_cells;
    if (!long_run) {
        for (const std::string& cell : unvisited_cells())
            console::remark("not visited: " + cell);
    }
    console::remark("visited least:");
    for (const std::string& cell : least_visited_cells(10))
        console::remark(cell);
    for (const std::string& words : figures.found)
        console::remark(words);
}

int swarm(uint32_t first, uint32_t seeds, uint32_t seconds, bool all_cells) {
    const uint64_t begin_ms = console::now_ms();
    const uint64_t until_ms = begin_ms + uint64_t{seconds} * 1000;
    reset_cells();
    SwarmFigures figures;
    while (figures.seeds < seeds && !console::interrupted()) {
        const uint64_t seed = first + figures.seeds;
        console::set_last_words("swarm: the agent has failed with seed " + std::to_string(seed) +
                                "\n");
        figures.add(seed, run_seed(seed));
        if (figures.seeds % look_every != 0) continue;
        if (console::now_ms() >= until_ms) break;
        show_progress(figures, seeds, begin_ms, until_ms);
    }
    const uint64_t took_ms = std::max<uint64_t>(console::now_ms() - begin_ms, 1);
    remark_on(figures, took_ms);
    const auto what_missed = missed(figures, all_cells);
    for (const std::string& words : what_missed)
        console::remark(words);
    const CellFigures cells = count_cells();
    console::print("swarm: seeds=" + std::to_string(figures.seeds) +
                   " lives_per_s=" + std::to_string(figures.lives * 1000 / took_ms) +
                   " cells=" + std::to_string(cells.visited) + "/" + std::to_string(cells.all) +
                   " p50=" + seconds_text(figures.took_percentile_ms(50)) +
                   " p99=" + seconds_text(figures.took_percentile_ms(99)) +
                   " stuck=" + std::to_string(figures.stuck) +
                   " violations=" + std::to_string(figures.violations));
    if (figures.stuck > 0 || figures.violations > 0) return lab_found;
    if (console::interrupted()) return lab_interrupted;
    return what_missed.empty() ? lab_fine : lab_found;
}

}  // namespace

int swarm_command(Words words) {
    uint32_t seeds = default_seeds;
    uint32_t seconds = default_seconds;
    uint32_t first = 1;
    uint32_t again = 0;
    bool all_cells = false;
    const LabOption options[] = {
        {.name = "--seeds", .number = &seeds},
        {.name = "--seconds", .number = &seconds, .highest = 1'000'000},
        {.name = "--first", .number = &first},
        {.name = "--replay", .number = &again},
        {.name = "--all-cells", .flag = &all_cells},
    };
    if (!take_options(words, options)) return lab_usage;
    if (again == 0) return swarm(first, seeds, seconds, all_cells);
    const auto lines = replay(again);
    for (const std::string& line : lines)
        console::print(line);
    return lines.back().ends_with(" stuck=0 violations=0") ? lab_fine : lab_found;
}

}  // namespace dialtone::sim

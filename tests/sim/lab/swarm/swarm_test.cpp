// SPDX-License-Identifier: Apache-2.0
//
// The swarm and the explorer in small; `dialtone-lab swarm` and `explore` in ctest are the large
// ones.
#include <doctest/doctest.h>

#include <algorithm>

#include "agent/life.h"
#include "sim/lab/swarm/explore.h"
#include "sim/lab/swarm/swarm.h"

using namespace dialtone;
using namespace dialtone::sim;

TEST_CASE("a run is told by its seed alone: the same lines each time") {
    for (const uint64_t seed : {1U, 7U, 42U})
        CHECK(replay(seed) == replay(seed));
    CHECK(replay(1) != replay(2));
}

TEST_CASE("200 phones under random faults keep the contract, meet every fault and most cells") {
    reset_cells();
    SwarmFigures figures;
    for (uint64_t seed = 1; seed <= seeds_for_kinds; ++seed)
        figures.add(seed, run_seed(seed));
    for (const std::string& words : figures.found)
        FAIL_CHECK(words);
    CHECK(figures.stuck == 0);
    CHECK(figures.violations == 0);
    CHECK(figures.lives >= 1'000);
    for (const std::string& kind : figures.missed_kinds())
        FAIL_CHECK("never struck: " << kind);
    const CellFigures cells = count_cells();
    CHECK(cells.all >= 190);
    CHECK(cells.visited * 100 >= cells.all * cells_percent);
    CHECK(unvisited_cells().size() == cells.all - cells.visited);
    for (const std::string& words : missed(figures))
        FAIL_CHECK(words);
}

TEST_CASE("phones that download something beside their pass keep the contract, too") {
    reset_cells();
    SwarmFigures figures;
    for (uint64_t seed = 1'000; seed < 1'150; ++seed)
        figures.add(seed, run_seed(seed));
    for (const std::string& words : figures.found)
        FAIL_CHECK(words);
    const auto unvisited = unvisited_cells();
    const auto of_jobs = [](const std::string& cell) { return cell.starts_with("jobs: "); };
    CHECK(std::ranges::count_if(unvisited, of_jobs) <= 2);
}

TEST_CASE("phones of sites that sign their files keep the contract, whatever an attacker offers") {
    uint32_t signed_sites = 0;
    bool forgeries[static_cast<uint32_t>(Forgery::count_)] = {};
    SwarmFigures figures;
    for (uint64_t seed = 2'000; seed < 2'150; ++seed) {
        const Scenario scenario = scenario_of_seed(seed);
        const auto signs = [](const LabServer& server) { return server.file.key != nullptr; };
        if (std::ranges::none_of(scenario.servers, signs)) continue;
        ++signed_sites;
        forgeries[static_cast<uint32_t>(scenario.attack.forgery)] = true;
        figures.add(seed, run_seed(seed));
    }
    for (const std::string& words : figures.found)
        FAIL_CHECK(words);
    CHECK(signed_sites >= 30);
    CHECK(std::ranges::all_of(forgeries, [](bool drawn) { return drawn; }));
}

TEST_CASE("a cell that was never visited fails a long run by its name, and no short one") {
    reset_cells();
    SwarmFigures figures;
    for (uint64_t seed = 1; seed <= 3; ++seed)
        figures.add(seed, run_seed(seed));
    CHECK(missed(figures).empty());
    const auto all = missed(figures, true);
    REQUIRE(all.size() == unvisited_cells().size());
    CHECK(std::ranges::count(all, "never visited: jobs: measuring + failed") == 1);
    figures.seeds = seeds_for_all_cells - 1;
    const auto before = missed(figures);
    figures.seeds = seeds_for_all_cells;
    CHECK(missed(figures).size() == before.size() + all.size());
}

TEST_CASE("a cell that is said to be out of reach and is visited fails a run of any length") {
    reset_cells();
    CHECK(missed({}).empty());
    LifeState off = LifeState::off;
    take_cue(off, LifeCue::stop);
    const auto found = missed({});
    REQUIRE(found.size() == 1);
    CHECK(found.front() == "visited, though it is said to be out of reach: life: off + stop");
    reset_cells();
}

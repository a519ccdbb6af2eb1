// SPDX-License-Identifier: Apache-2.0
//
// The swarm and the explorer in small; `dialtone-lab swarm` and `explore` in ctest are the large
// ones.
#include <doctest/doctest.h>

#include "sim/lab/explore.h"
#include "sim/lab/swarm.h"

using namespace dialtone;
using namespace dialtone::sim;

TEST_CASE("a run is told by its seed alone: the same lines each time") {
    for (const uint64_t seed : {1, 7, 42})
        CHECK(replay(seed) == replay(seed));
    CHECK(replay(1) != replay(2));
}

TEST_CASE("phones under random faults keep the contract and rest with what is offered") {
    SwarmFigures figures;
    for (uint64_t seed = 1; seed <= 60; ++seed)
        figures.add(seed, run_seed(seed));
    for (const std::string& words : figures.found)
        FAIL_CHECK(words);
    CHECK(figures.stuck == 0);
    CHECK(figures.violations == 0);
    CHECK(figures.lives >= 120);
}

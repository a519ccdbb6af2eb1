// SPDX-License-Identifier: Apache-2.0
//
// The laboratory's ACS that calls what it draws: a phone that is right has nothing to fear, and
// each thing that may be wrong is found.
#include "sim/lab/managed/rpc_sequences.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace dialtone;
using namespace dialtone::sim;

namespace {

// Whether one of a few sequences says so of a phone with the flaw.
bool is_found(PlantedFlaw planted, std::string_view words) {
    for (uint64_t seed = 0; seed < 4; ++seed) {
        for (const std::string& found : run_rpc_sequence(seed, 50, planted).violations) {
            if (found.find(words) != std::string::npos) return true;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("sequences of valid calls find nothing wrong, and do all that they can") {
    RpcFigures sum;
    for (uint64_t seed = 0; seed < 4; ++seed) {
        CAPTURE(seed);
        const RpcResult result = run_rpc_sequence(seed, 50);
        for (const std::string& found : result.violations)
            FAIL_CHECK(found);
        CHECK(result.figures.calls == 50);
        sum.refused += result.figures.refused;
        sum.values_set += result.figures.values_set;
        sum.attributes_set += result.figures.attributes_set;
        sum.objects_made += result.figures.objects_made;
        sum.objects_deleted += result.figures.objects_deleted;
    }
    CHECK(sum.refused > 10);
    CHECK(sum.values_set > 100);
    CHECK(sum.attributes_set > 10);
    CHECK(sum.objects_made > 4);
    CHECK(sum.objects_deleted > 4);
}

TEST_CASE("a value that does not read as it was set is found") {
    CHECK(is_found(PlantedFlaw::lost_value, " was set to "));
}

TEST_CASE("a value that changes with nobody having set it is found") {
    CHECK(is_found(PlantedFlaw::other_value, "and nobody has set it"));
}

TEST_CASE("a name that only its value and attributes tell of is found") {
    CHECK(is_found(PlantedFlaw::lost_name, " has a value and no name"));
}

TEST_CASE("a notification that does not read as it was set is found") {
    CHECK(is_found(PlantedFlaw::lost_attribute, "the notification of "));
}

TEST_CASE("an instance number that is given out again is found") {
    CHECK(is_found(PlantedFlaw::number_again, " again in Device.Services."));
}

TEST_CASE("a list that was refused and has set something all the same is found") {
    CHECK(is_found(PlantedFlaw::half_of_refused, "and nobody has set it"));
}

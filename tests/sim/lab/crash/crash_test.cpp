// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/crash/crash.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "sim/lab/crash/planted_bugs.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

class Unhurried : public CrashProgress {
  public:
    bool keep_going(const CrashFigures&, uint32_t, uint64_t, uint64_t) override {
        return ++calls_ < ends_after_;
    }
    explicit Unhurried(uint32_t ends_after = UINT32_MAX) : ends_after_(ends_after) {}

  private:
    uint32_t ends_after_;
    uint32_t calls_ = 0;
};

CrashFigures crash(std::string_view name, const CrashOptions& options) {
    const WritePath* path = find_write_path(name);
    REQUIRE(path != nullptr);
    Unhurried progress;
    const CrashFigures figures = crash_path(*path, options, progress);
    for (const std::string& found : figures.found) {
        if (options.mutator_choice.make == nullptr) MESSAGE(found);
    }
    return figures;
}

CrashFigures with_bug(std::string_view path, std::string_view bug) {
    const auto bugs = planted_bugs();
    const auto place = std::ranges::find(bugs, bug, &PlantedBug::name);
    REQUIRE(place != bugs.end());
    const auto which = static_cast<uint32_t>(place - bugs.begin());
    return crash(path, {.depth = 1,
                        .mutator_choice = {.make = make_planted_mutator, .which = which},
                        .enough_violations = 50});
}

uint64_t violations(const CrashFigures& figures, Oracle oracle) {
    return figures.violations[static_cast<uint32_t>(oracle)];
}

}  // namespace

TEST_CASE("no cut of a configuration's apply, nor of the recovery from one, leaves anything torn") {
    const CrashFigures figures = crash("configuration-apply", {.depth = 2});
    CHECK(figures.all_violations() == 0);
    CHECK(figures.complete);
    CHECK(figures.states >= 10'000);
    CHECK(figures.images >= 200);
    CHECK(figures.boots >= figures.images);
}

TEST_CASE("every write path stands every cut") {
    for (const WritePath& path : write_paths()) {
        CAPTURE(std::string(path.name));
        const CrashFigures figures = crash(path.name, {.depth = 1});
        CHECK(figures.all_violations() == 0);
        CHECK(figures.images >= 15);
    }
}

TEST_CASE("the same search gives the same figures") {
    const CrashFigures one = crash("operator-set", {.depth = 2});
    const CrashFigures other = crash("operator-set", {.depth = 2});
    CHECK(one.states == other.states);
    CHECK(one.images == other.images);
    CHECK(one.boots == other.boots);
}

TEST_CASE("a search that is ended early says that it is not all") {
    Unhurried patient(2);
    const CrashFigures figures =
        crash_path(*find_write_path("configuration-apply"), {.depth = 2}, patient);
    CHECK(!figures.complete);
    CHECK(figures.boots == 100);
    CHECK(figures.states > 100);
}

TEST_CASE("a store that does not sync a generation's bytes is caught") {
    const CrashFigures figures = with_bug("configuration-apply", "no-generation-sync");
    CHECK(violations(figures, Oracle::whole) > 0);
    REQUIRE(!figures.found.empty());
    CHECK(figures.found[0].find("write generation.2") != std::string::npos);
}

TEST_CASE("a store that reports before it has synced is caught by its word") {
    CHECK(violations(with_bug("configuration-apply", "no-record-sync"), Oracle::kept_reports) > 0);
    CHECK(violations(with_bug("operator-set", "lazy-sync"), Oracle::kept_reports) > 0);
}

TEST_CASE("a store with one record copy is caught") {
    CHECK(with_bug("configuration-apply", "single-copy").all_violations() > 0);
}

TEST_CASE("a phone that cannot read what it wrote is caught because it does not come up as told") {
    CHECK(violations(with_bug("first-apply", "wrong-slot"), Oracle::comes_up) > 0);
}

TEST_CASE("every planted bug is another one, and there are a dozen at least") {
    const auto bugs = planted_bugs();
    CHECK(bugs.size() >= 12);
    for (uint32_t i = 0; i < bugs.size(); ++i) {
        for (uint32_t j = 0; j < i; ++j) {
            CHECK(bugs[i].name != bugs[j].name);
            const bool other = bugs[i].mutate != bugs[j].mutate;
            CHECK(other);
        }
    }
}

TEST_CASE("found by the lab: a factory reset that was cut still tells the hooks what is gone") {
    // The fault: the reset's first record named no generation, so that the start after the cut did
    // not know which keys were gone.
    const CrashFigures figures = crash("factory-reset", {.depth = 2});
    CHECK(figures.all_violations() == 0);
    CHECK(crash("factory-reset-for-good", {.depth = 2}).all_violations() == 0);
}

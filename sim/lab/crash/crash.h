// SPDX-License-Identifier: Apache-2.0
//
// `dialtone-lab crash`: cuts the power at every moment of a write path, enumerates what the medium
// may hold (medium.h), boots the real agent on each distinct image and asks the oracles; then cuts
// that recovery in the same way, as deep as wanted.
//
// Who calls it: crash_command.cpp, planted.cpp, the tests.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/lab/crash/crash_life.h"
#include "sim/lab/crash/crash_oracle.h"
#include "sim/lab/crash/crash_scenarios.h"

namespace dialtone::sim {

struct CrashFigures {
    uint64_t states = 0;  // that a cut may leave, each at its moment
    uint64_t images = 0;  // distinct ones of the disk
    uint64_t boots = 0;   // of the agent, one an image
    uint64_t violations[oracle_count] = {};
    std::vector<std::string> found = {};  // the first few, in words
    bool complete = true;                 // nothing was left out

    uint64_t all_violations() const;
    void add(const CrashFigures& other);
};

// Looks on, and says when it is enough.
class CrashWatcher {
  public:
    virtual ~CrashWatcher() = default;
    // Called about every hundredth boot: how far this depth is. False ends the search.
    virtual bool go_on(const CrashFigures& so_far, uint32_t depth, uint64_t done, uint64_t of) = 0;
};

// A phone's files as they were found, and what its hooks know.
struct CrashStart {
    std::map<std::string, std::vector<uint8_t>> files = {};
    std::string told = {};
};

struct CrashOptions {
    uint32_t depth = 2;
    const CrashStart* start = nullptr;  // in place of what the scenario says of the time before
    CrashPhone::Plant plant = {};
    uint64_t enough_violations = UINT64_MAX;  // so many end it
};

CrashFigures crash_path(const CrashScenario& scenario, const CrashOptions& options,
                        CrashWatcher& watcher);

}  // namespace dialtone::sim

// SPDX-License-Identifier: Apache-2.0
//
// `dialtone-lab crash`: cuts the power at every moment of a write path, enumerates what the medium
// may hold (medium.h), boots the real agent on each distinct image and asks the oracles; then cuts
// that recovery in the same way, as deep as wanted.
//
// Who calls it: crash_command.cpp, the tests.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/lab/crash/crash_phone.h"
#include "sim/lab/crash/expected_history.h"
#include "sim/lab/crash/write_paths.h"

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

// Is shown how far the search is, and may end it.
class CrashProgress {
  public:
    virtual ~CrashProgress() = default;
    // Called about every hundredth boot: how far this depth is. False ends the search.
    virtual bool keep_going(const CrashFigures& so_far, uint32_t depth, uint64_t done,
                            uint64_t of) = 0;
};

// The files of a phone as they were found, and the KEY=VALUE lines that its hooks were handed.
struct CrashStart {
    std::map<std::string, std::vector<uint8_t>> files = {};
    std::string hook_state = {};
};

struct CrashOptions {
    uint32_t depth = 2;
    const CrashStart* start = nullptr;  // in place of what the path says of the time before
    MutatorChoice mutator_choice = {};
    uint64_t enough_violations = UINT64_MAX;  // so many end it
};

CrashFigures crash_path(const WritePath& path, const CrashOptions& options,
                        CrashProgress& progress);

}  // namespace dialtone::sim

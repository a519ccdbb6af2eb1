// SPDX-License-Identifier: Apache-2.0
//
// The real agent in the simulated world from a power-on until it rests, recorded as a Trace. A
// mutator between agent and disk may plant a bug.
//
// Who calls it: the search (crash.cpp), and the test that boots images of a real file system.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "sim/lab/crash/image_reader.h"
#include "sim/lab/crash/storage_mutator.h"
#include "sim/lab/crash/trace.h"
#include "sim/lab/crash/write_paths.h"
#include "sim/world/catalogue.h"
#include "sim/world/world.h"

namespace dialtone::sim {

class CrashPhone {
  public:
    CrashPhone(const WritePath& path, ImageReader& reader, MutatorChoice mutator_choice);

    // The disk before the path begins, written by the agent itself.
    Image before();
    // The path itself, without a cut.
    Trace run(const Image& start);
    // Power comes back after a cut that left `start`.
    Trace recover(const Image& start);

  private:
    struct Segment {
        std::span<const Offer> offers = {};
        std::span<const PlannedCommand> commands = {};
        PlannedJob job = {};
        std::span<const std::string_view> acs_calls = {};
        uint64_t from_ms = 0;
        uint64_t least_ms = 0;
        uint64_t ends_ms = 0;
        MutatorChoice mutator_choice = {};
    };
    Trace run_segment(const Image& start, const Segment& segment);
    void load(Site& site, const Image& image) const;
    void put_file(Site& site, const std::string& url, std::string_view mark) const;

    const WritePath& path_;
    ImageReader& reader_;
    MutatorChoice mutator_choice_;
    AgentOptions options_ = {};
    std::map<std::string_view, std::string> files_ = {};
};

}  // namespace dialtone::sim

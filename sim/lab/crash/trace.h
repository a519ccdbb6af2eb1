// SPDX-License-Identifier: Apache-2.0
//
// The recorded events of a phone from a power-on on: its storage steps, its reports and its hook
// runs, in their order, with what has to be durable after each.
//
// Who calls it: CrashPhone records it; the search cuts it (crash.cpp) and judges it (judge_life.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/lab/crash/expected_history.h"
#include "sim/lab/crash/violation.h"
#include "sim/world/catalogue.h"
#include "sim/world/medium.h"

namespace dialtone::sim {

struct TraceEvent {
    enum class Kind : uint8_t {
        begin,      // the disk was given a step
        finish,     // the disk says that the step is done
        hooks_run,  // the hooks were handed what has changed
        report,     // the agent reported something as done
    };
    Kind kind = Kind::begin;
    DiskStep step = {};          // of hooks_run: the content they know then
    DurabilityFloor floor = {};  // after the event
    std::string words = {};      // of a report
};

struct Trace {
    Trace(ImageReader& reader, const Image& image) : start(image), history(reader, image) {}

    Image start;
    ExpectedHistory history;
    std::vector<TraceEvent> events = {};
    std::vector<Violation> violations = {};
    uint32_t lives = 0;
    bool rested = false;
    std::string end = {};                      // why it ended
    std::optional<uint32_t> booted_with = {};  // the generation the first life began with
    Image seen = {};                           // the disk as the phone sees it at the end
};

}  // namespace dialtone::sim

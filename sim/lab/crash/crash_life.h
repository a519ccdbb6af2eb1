// SPDX-License-Identifier: Apache-2.0
//
// A stretch of a phone's life that is written down: the real agent in the simulated world, from a
// power-on until it rests, with every storage step, every report and every word to the hooks in
// their order. A rewriting between agent and disk plants bugs.
//
// Who calls it: the search (crash.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "sim/lab/crash/crash_oracle.h"
#include "sim/lab/crash/crash_scenarios.h"
#include "sim/world/catalogue.h"
#include "sim/world/medium.h"
#include "sim/world/world.h"

namespace dialtone::sim {

// Between agent and disk: what is carried out in place of a step. What it keeps is gone with the
// life, as a daemon's memory is.
class Rewriting {
  public:
    virtual ~Rewriting() = default;
    // The steps that reach the disk in place of `step`, in this order; none: the agent hears that
    // it is done all the same.
    virtual std::vector<Storage> rewrite(const Storage& step) = 0;
};

struct TraceEvent {
    enum class Kind : uint8_t { begin, finish, told, report };
    Kind kind = Kind::begin;
    DiskStep step = {};      // of begin and finish; of told: its content
    Promise promise = {};    // after it
    std::string words = {};  // of a report
};

// What happened from a power-on on.
struct Trace {
    Trace(MediumReader& reader, const Image& image) : start(image), lineage(reader, image) {}

    Image start;
    Lineage lineage;
    std::vector<TraceEvent> events = {};
    std::vector<Complaint> complaints = {};
    uint32_t lives = 0;
    bool rested = false;
    std::string end = {};                      // why it ended
    std::optional<uint32_t> booted_with = {};  // the generation the first life began with
    Image seen = {};                           // the disk as the phone sees it at the end
};

// The one phone of the laboratory, and its power switch.
class CrashPhone {
  public:
    // `rewriting` may be nullptr; it is asked for anew for each life.
    using MakeRewriting = std::unique_ptr<Rewriting> (*)(uint32_t which);
    struct Plant {
        MakeRewriting make = nullptr;
        uint32_t which = 0;
    };

    CrashPhone(const CrashScenario& scenario, MediumReader& reader, Plant plant);

    // The phone as it is before the scenario begins, made by the agent itself.
    Image before();
    // The scenario itself.
    Trace run(const Image& start);
    // Power comes back after a cut that left `start`.
    Trace recover(const Image& start);

  private:
    struct Stretch {
        std::span<const Offer> offers = {};
        std::span<const PlannedCommand> commands = {};
        uint64_t from_ms = 0;
        uint64_t ends_ms = 0;
        Plant plant = {};
    };
    Trace live_through(const Image& start, const Stretch& stretch);
    void load(Site& site, const Image& image) const;

    const CrashScenario& scenario_;
    MediumReader& reader_;
    Plant plant_;
    AgentOptions options_ = {};
    std::map<std::string_view, std::string> files_ = {};
};

}  // namespace dialtone::sim

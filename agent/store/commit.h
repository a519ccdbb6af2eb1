// SPDX-License-Identifier: Apache-2.0
//
// Carries out one durable change: a list of storage steps, strictly one after the other, each
// begun only when the one before is known to be done. The agent builds the list so that a power
// cut between any two steps leaves the old state or the new one, never a third.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "agent/engine.h"
#include "agent/generation.h"
#include "agent/store/record.h"

namespace dialtone {

struct CommitOutcome {
    bool done = false;
    std::string step = {};    // the step that failed: "writing generation.1"
    std::string reason = {};  // the world's words
};

class Commit : public Engine<CommitOutcome> {
  public:
    explicit Commit(RequestIds& ids) : Engine(ids) {}

    // Nothing else may be under way.
    void start(std::vector<Storage> steps);
    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override { return std::nullopt; }
    bool busy() const { return !steps_.empty(); }

  private:
    void ask();

    RequestId id_ = 0;
    std::deque<Storage> steps_ = {};  // the front one is under way
};

// The steps that make `generation` durable in its slot.
std::vector<Storage> generation_steps(const Generation& generation);
// The steps that write `record` over the copy `copy`. `copy_exists`: its name is already on the
// medium, so that the directory needs no sync.
std::vector<Storage> record_steps(const Record& record, uint8_t copy, bool copy_exists);

// The number of the next generation: above every number in use, and in a slot of its own.
uint32_t next_generation_number(const Record& record);

}  // namespace dialtone

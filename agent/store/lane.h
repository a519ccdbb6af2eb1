// SPDX-License-Identifier: Apache-2.0
//
// The one way to the disk. A transaction is a list of storage steps, carried out strictly one after
// the other, each begun only when the one before is known to be done; transactions wait for one
// another in the order in which they came, but those of the configuration go before all others that
// are not under way. A body comes in transactions of one piece, so that bodies take turns and a
// configuration waits for a piece at most. Whoever makes the list orders it so that a power cut
// between any two steps leaves the old state or the new one, never a third.
//
// Called by the parts of the agent that keep something: the generations and the record, and
// whatever else goes to the state directory.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/engine.h"

namespace dialtone {

using TransactionId = uint32_t;  // 0 names nothing

enum class LaneUse : uint8_t {
    configuration,  // generations and the record
    job,            // what is downloaded beside the pass
};

// How a transaction ended: all of it is done, or a step has failed and those after it were left
// out.
struct LaneOutcome {
    TransactionId transaction = 0;
    bool done = false;
    bool not_found = false;               // of a read
    std::span<const uint8_t> bytes = {};  // of a read; valid as long as the event it came with
    uint64_t room_bytes = 0;              // of a room, as the last step
    std::string step = {};                // that failed: "writing generation.1"
    std::string reason = {};              // the world's words
};

class Lane : public Engine<LaneOutcome> {
  public:
    explicit Lane(RequestIds& ids) : Engine(ids) {}

    // Queues a transaction of at least one step. 0: limits::lane_transactions are waiting.
    TransactionId submit(std::vector<Storage> steps, LaneUse use = LaneUse::configuration);
    // One event ends at most one transaction; its outcome is taken before the next event.
    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override { return std::nullopt; }
    // Something is under way, or its outcome was not taken yet.
    bool busy() const { return !transactions_.empty() || ready(); }

  private:
    struct Transaction {
        TransactionId id = 0;
        LaneUse use = LaneUse::configuration;
        std::deque<Storage> steps = {};  // the front one is under way, or next
    };

    void ask();

    TransactionId last_ = 0;
    RequestId step_ = 0;  // under way
    std::deque<Transaction> transactions_ = {};
};

}  // namespace dialtone

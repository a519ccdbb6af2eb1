// SPDX-License-Identifier: Apache-2.0
//
// The event store of TR-069 3.7.1.5: what a phone has to tell its ACS, until it was heard. What has
// to outlive a start is in memory(), which the agent makes durable; equal single events are merged.
// The ACS client owns it and asks it what the next Inform says.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/acs_memory.h"
#include "agent/clock/wall_clock.h"
#include "agent/cwmp/rpc.h"
#include "agent/cwmp/session.h"
#include "agent/instant.h"

namespace dialtone {

class AcsEvents {
  public:
    explicit AcsEvents(const WallClock& clock) : clock_(clock) {}

    // As the record has it, at a start.
    void load(Instant now, const AcsMemory& memory);
    // The clock knows better now when what was scheduled is due.
    void aim(Instant now);
    // A factory reset.
    void forget();
    const AcsMemory& memory() const { return memory_; }
    void set_memory(AcsMemory memory) { memory_ = std::move(memory); }
    // Of memory(), for the queue that adds and removes them (transfer_queue.h).
    std::vector<AcsTransfer>& transfers() { return memory_.transfers; }

    void add_report() { report_ = true; }             // 2 PERIODIC
    void add_knock() { knock_ = true; }               // 6 CONNECTION REQUEST
    void add_restart(std::string command_key);        // M Reboot
    void schedule(Instant now, ScheduleCall&& call);  // 3 SCHEDULED, M ScheduleInform
    void unschedule_last();

    // When the next scheduled session is due that was not due before.
    std::optional<Instant> next_due() const;
    // Whether one has become due; it is told from now on.
    bool take_due(Instant now);

    bool is_new_to(std::string_view url) const;
    // What waits to be told to this ACS, in the order of the codes. `others` are what the client
    // knows of itself: 4 VALUE CHANGE, and the trial's.
    std::vector<InformEvent> waiting(std::string_view url,
                                     std::span<const std::string> others) const;
    // A session begins that tells all that is waiting.
    void begin(std::string_view url);
    // The ACS has taken the Inform, with these values in it.
    void take_informed(Instant now, std::span<const WatchedValue> told);
    // The session has failed: what waits is kept over a start.
    void take_failure();

  private:
    // Of memory_.scheduled, in its order.
    struct Aim {
        Instant at = {};
        bool is_due = false;
        bool told = false;  // by the session under way
    };
    void keep_time_left(Instant now);
    void keep_report();

    const WallClock& clock_;
    AcsMemory memory_ = {};
    std::vector<Aim> aims_ = {};
    bool boot_ = true;     // 1 BOOT waits
    bool report_ = false;  // 2 PERIODIC waits
    bool knock_ = false;
    // Of the session under way.
    Sha256 told_url_ = {};
    uint32_t told_events_ = 0;  // the first so many of memory_.events
    bool told_report_ = false;
};

}  // namespace dialtone

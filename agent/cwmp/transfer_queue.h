// SPDX-License-Identifier: Apache-2.0
//
// The files that an ACS wants here or there (TR-069 A.3.2.8, A.4.1.5, A.4.1.8): which of them is
// due, one at a time and in the order they came, until the ACS has heard what came of it. What they
// are stands in the memory of the ACS client, which the agent makes durable. The ACS client owns
// the queue, carries out what is due (transfer_run.h), and tells the ACS what is done and durable.
//
// What a power cut or a restart interrupts begins anew. An order that came with windows begins in
// one of them and is broken off at its end; how often it was tried in a window counts from a start
// on.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/acs_memory.h"
#include "agent/clock/wall_clock.h"
#include "agent/instant.h"

namespace dialtone {

// Whether one more can be kept.
bool has_room(std::span<const AcsTransfer> transfers, const AcsTransfer& one);
// The ACS has ordered it: else the phone has got the file by itself.
bool is_ordered(const AcsTransfer& transfer);

class TransferQueue {
  public:
    // Both outlive it; nobody else adds or removes transfers.
    TransferQueue(std::vector<AcsTransfer>& transfers, const WallClock& clock)
        : transfers_(transfers), clock_(clock) {}

    // At a start, when the transfers are those of the record.
    void load(Instant now);
    // The clock knows better now when they are due.
    void aim(Instant now);
    // A factory reset: all of them are gone.
    void forget();
    // Another ACS has the phone: what the one before has ordered is nothing to it.
    void drop_orders();

    // There is room. What it has left counts from now on.
    void add(Instant now, AcsTransfer transfer);
    // What was added last is none, after all.
    void withdraw_last();
    // A file that the phone has got by itself; it takes the place of one that waits to be told.
    void add_autonomous(Instant now, std::string url, std::string file_type);

    // Whether all with this key can be cancelled: none is done, waiting to be told.
    bool may_cancel(std::string_view command_key) const;
    // All with this key leave the queue; one that is under way has been stopped. What has left.
    std::vector<AcsTransfer> cancel(Instant now, std::string_view command_key);
    // They were not cancelled, after all, and wait behind the others.
    void restore(Instant now, std::vector<AcsTransfer> cancelled);

    // The phone's software says whether anybody is at the phone.
    void set_idle(bool idle) { idle_ = idle; }
    // Whether one is due while none is under way.
    bool is_due(Instant now) const;
    // When is_due(), outlived() or overruns() says something else next.
    std::optional<Instant> next_look(Instant now) const;
    // Begins the oldest that is due.
    const AcsTransfer& start(Instant now);
    // The number, in the order they came, of the one that is under way.
    std::optional<uint32_t> running() const;
    // The window in which it was begun is over.
    bool overruns(Instant now) const;
    // It was stopped because of that, or goes on as it cannot be.
    void stop();
    void let_go_on();
    // It has come to something. Nothing: it is done, and to be told; else it is tried again in so
    // many seconds.
    std::optional<uint64_t> finish(Instant now, uint32_t fault, std::string reason);
    // One whose last window is over before it was carried out; it is done now, and to be told.
    const AcsTransfer* outlived(Instant now);

    // The phone has gone back to the configuration before: those that brought another one, and of
    // which the ACS has not heard, have come to nothing.
    void rolled_back();

    // What the agent has made durable, or failed to. True: more can be told than before.
    bool take_record(std::span<const AcsTransfer> record, bool kept);
    // What is done and durable, each with the number by which heard() knows it.
    struct Ready {
        const AcsTransfer* transfer = nullptr;
        uint32_t number = 0;
    };
    std::vector<Ready> ready() const;
    // The ACS has heard of it.
    void heard(Instant now, uint32_t number);

  private:
    // Of transfers_, in its order.
    struct Aim {
        uint32_t number = 0;
        Instant at = {};  // when it is due, or its last window ends
        bool runs = false;
        bool may_overrun = false;   // its window, as it cannot be stopped any more
        bool is_durable = false;    // what came of it, or nobody can make it that
        uint32_t window = 0;        // in which it was tried last
        uint32_t tries = 0;         // in that window
        Instant retry_at = {};      // not before
        WallSeconds started_s = 0;  // last
        std::string failure = {};   // of the last try
    };

    void add_aim(Instant now);
    void erase(uint32_t index);
    void keep_time_left(Instant now);
    std::optional<uint32_t> due(Instant now) const;
    std::optional<uint32_t> open_window(uint32_t index, Instant now) const;
    uint64_t left_ms_in(uint32_t index, uint32_t window, Instant now) const;
    bool has_tries(uint32_t index, uint32_t window) const;
    bool may_try(uint32_t index, uint32_t window, Instant now) const;
    std::optional<Instant> next_window(uint32_t index, Instant now) const;
    std::optional<Instant> look_of(uint32_t index, Instant now) const;
    void conclude(Instant now, uint32_t index, uint32_t fault, std::string_view reason);

    std::vector<AcsTransfer>& transfers_;
    const WallClock& clock_;
    std::vector<Aim> aims_ = {};
    uint32_t last_number_ = 0;
    bool idle_ = true;
};

}  // namespace dialtone

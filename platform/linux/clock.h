// SPDX-License-Identifier: Apache-2.0
//
// The two clocks of the world. The wall clock is the machine's plus an offset that belongs to
// this process: the SetWallClock effect and the tests change the offset, nobody changes the
// machine's clock. Logs, Boot and the judgement of certificates all read it here.
#pragma once

#include <string>

#include "agent/instant.h"
#include "platform/common/descriptor.h"
#include "platform/linux/loop.h"

namespace dialtone {

class Clock {
  public:
    // `power_on_ms`: what CLOCK_MONOTONIC showed when the phone got its power.
    constexpr Clock(uint64_t power_on_ms, WallSeconds offset_s)
        : power_on_ms_(power_on_ms), offset_s_(offset_s) {}

    Instant now() const;
    WallSeconds wall_s() const;
    void set_wall(WallSeconds wall_s);

  private:
    uint64_t power_on_ms_;
    WallSeconds offset_s_;
};

// CLOCK_MONOTONIC in milliseconds, for Options::power_on_ms.
uint64_t monotonic_ms();

// "2026-11-21 04:37:00 UTC"; what lies outside of the years 0 to 9999 is given as seconds.
std::string wall_text(WallSeconds wall_s);

// Notices when somebody sets the machine's clock, and says so by WallClockSet. It costs one timer
// that never runs out.
class WallWatch final : public Part, private Watcher {
  public:
    WallWatch(Loop& loop, const Clock& clock);
    ~WallWatch() override;

    bool deliver(Instant now, EventSink& sink) override;

  private:
    void ready(int descriptor, uint32_t events) override;
    void arm();

    Loop& loop_;
    const Clock& clock_;
    Descriptor timer_;
    bool was_set_ = false;
};

}  // namespace dialtone

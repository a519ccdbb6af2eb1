// SPDX-License-Identifier: Apache-2.0
//
// The time of day as the agent carries it on by itself, and the floor below which no clock is
// believed: the build's time, or the newest time the journal carries. TLS, the journal and the
// waits of refused plans read it; everything else goes by Instant.
#pragma once

#include <algorithm>

#include "agent/instant.h"

namespace dialtone {

class WallClock {
  public:
    // At the start: a clock that is behind what the phone has already seen cannot be right, and
    // starts from there.
    void begin(Instant now, WallSeconds hardware_s, WallSeconds floor_s) {
        floor_s_ = floor_s;
        believed_ = hardware_s >= floor_s;
        set_at_ = now;
        set_s_ = std::max(hardware_s, floor_s);
    }
    // A server or the machine's owner said what time it is. What is below the floor is left out.
    void set(Instant now, WallSeconds wall_s) {
        if (wall_s < floor_s_) return;
        set_at_ = now;
        set_s_ = wall_s;
        believed_ = true;
    }

    WallSeconds at(Instant now) const {
        return set_s_ + static_cast<WallSeconds>(now.since(set_at_) / 1000);
    }
    WallSeconds floor_s() const { return floor_s_; }
    // Somebody said the time, or the hardware's was not behind the floor.
    bool believed() const { return believed_; }

  private:
    Instant set_at_ = {};
    WallSeconds set_s_ = 0;
    WallSeconds floor_s_ = 0;
    bool believed_ = false;
};

}  // namespace dialtone

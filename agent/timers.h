// SPDX-License-Identifier: Apache-2.0
//
// The moments an engine waits for, as a table indexed by an enum that counts from 0 and ends in
// `count_`. The earliest of them is the engine's deadline.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "agent/engine.h"
#include "agent/instant.h"

namespace dialtone {

template <typename Timer>
class Timers {
  public:
    void set(Timer timer, Instant at) { at_[index(timer)] = at; }
    void clear(Timer timer) { at_[index(timer)].reset(); }
    void clear() { at_ = {}; }
    std::optional<Instant> at(Timer timer) const { return at_[index(timer)]; }
    bool is_due(Timer timer, Instant now) const {
        return at_[index(timer)] && *at_[index(timer)] <= now;
    }
    // Clears a timer that is due. False: it is not.
    bool take(Timer timer, Instant now) {
        const bool due = is_due(timer, now);
        if (due) clear(timer);
        return due;
    }

  private:
    static constexpr uint32_t index(Timer timer) { return static_cast<uint32_t>(timer); }

    std::array<std::optional<Instant>, static_cast<uint32_t>(Timer::count_)> at_ = {};
};

}  // namespace dialtone

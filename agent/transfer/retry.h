// SPDX-License-Identifier: Apache-2.0
//
// How long to wait before asking again, by the profile's rule; unless it says otherwise
// decorrelated jitter, min(cap, U(first, 3 x last wait)). A server's Retry-After is waited for
// first: the drawn wait comes on top, so that those who were told the same do not come together.
#pragma once

#include <cstdint>

#include "agent/retry_rule.h"
#include "agent/rng.h"

namespace dialtone {

class Retry {
  public:
    // The next wait in milliseconds; each one depends on the one before.
    uint32_t next_wait_ms(Rng& rng, uint32_t retry_after_s, const RetryRule& rule = {});
    // With --once the tries have to fit into one life: short waits, Retry-After not honoured.
    uint32_t next_once_wait_ms(Rng& rng);
    void reset();
    // So many waits were drawn since reset().
    uint32_t waits() const { return waits_; }

  private:
    uint32_t waits_ = 0;
    uint32_t last_ms_ = 0;  // the last wait or, where that is not drawn from, the last range
};

}  // namespace dialtone

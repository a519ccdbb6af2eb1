// SPDX-License-Identifier: Apache-2.0
//
// The two clocks of the agent. Instant is monotonic and starts anywhere; everything that waits
// uses it. WallSeconds is civil time, may jump and may be wrong; only TLS, CWMP and logs see it.
#pragma once

#include <compare>
#include <cstdint>

namespace dialtone {

struct Instant {
    uint64_t ms = 0;

    auto operator<=>(const Instant&) const = default;
    Instant operator+(uint64_t wait_ms) const { return {ms + wait_ms}; }
    // Milliseconds since `earlier`; 0 when `earlier` lies in the future.
    uint64_t since(Instant earlier) const { return ms > earlier.ms ? ms - earlier.ms : 0; }
};

// Seconds since 1970-01-01 UTC.
using WallSeconds = int64_t;

}  // namespace dialtone

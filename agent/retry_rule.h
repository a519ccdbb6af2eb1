// SPDX-License-Identifier: Apache-2.0
//
// How phones wait before they ask a server again, as numbers: how fast the waits grow, and over
// what part of its range each one is drawn. Part of a Profile; transfer/retry.h draws the waits.
// The laboratory compares rules on whole fleets (`dialtone-lab fleet`); the one that stands here
// without being named is what came out best (docs/decisions.md).
#pragma once

#include <cstdint>

#include "agent/limits.h"

namespace dialtone {

enum class RetrySpread : uint8_t {
    from_last,   // between the first wait and growth x the wait before: decorrelated jitter
    none,        // the whole range, no chance in it
    below,       // between nothing and the range: full jitter
    upper_half,  // between half the range and the range: the table of TR-069
};

struct RetryRule {
    uint32_t first_ms = limits::retry_base_ms;  // the first range
    uint32_t cap_ms = limits::retry_cap_ms;
    uint8_t growth = 3;  // from range to range, 0 or 1: none
    RetrySpread spread = RetrySpread::from_last;
};

}  // namespace dialtone

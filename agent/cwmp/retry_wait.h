// SPDX-License-Identifier: Apache-2.0
//
// How long a phone waits after a session that failed (TR-069 3.2.1.1): the n-th wait is drawn
// between m * (k / 1000)^(n - 1) and m * (k / 1000)^n seconds, and n counts no further than 10.
// Used by the ACS client.
#pragma once

#include <cstdint>

#include "agent/limits.h"

namespace dialtone {

struct RetryTable {
    uint32_t minimum_s = limits::cwmp_retry_minimum_s;    // m, CWMPRetryMinimumWaitInterval
    uint32_t multiplier = limits::cwmp_retry_multiplier;  // k, CWMPRetryIntervalMultiplier
};

struct WaitRange {
    uint32_t from_ms = 0;
    uint32_t to_ms = 0;
    bool operator==(const WaitRange&) const = default;
};

// `failures`: how many sessions in a row have failed, counted from 1.
WaitRange retry_wait(const RetryTable& table, uint32_t failures);

}  // namespace dialtone

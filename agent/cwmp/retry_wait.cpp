// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/retry_wait.h"

#include <algorithm>

namespace dialtone {

WaitRange retry_wait(const RetryTable& table, uint32_t failures) {
    constexpr uint64_t cap_ms = uint64_t{limits::cwmp_retry_cap_s} * 1000;
    static_assert(cap_ms <= UINT32_MAX);
    uint64_t to_ms = std::min(uint64_t{table.minimum_s} * 1000, cap_ms);
    uint64_t from_ms = to_ms;
    for (uint32_t n = 0; n < std::min(failures, limits::cwmp_retries_counted); ++n) {
        from_ms = to_ms;
        to_ms = std::min(to_ms * table.multiplier / 1000, cap_ms);
    }
    return {static_cast<uint32_t>(from_ms), static_cast<uint32_t>(to_ms)};
}

}  // namespace dialtone

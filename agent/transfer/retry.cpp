// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/retry.h"

#include <algorithm>

#include "agent/limits.h"

namespace dialtone {

uint32_t Retry::next_wait_ms(Rng& rng, uint32_t retry_after_s) {
    const uint32_t last_ms = std::max(last_ms_, limits::retry_base_ms);
    const uint32_t drawn_ms = rng.between(limits::retry_base_ms, 3 * last_ms);
    last_ms_ = std::min(drawn_ms, limits::retry_cap_ms);
    return std::max(last_ms_, std::min(retry_after_s, limits::retry_after_cap_s) * 1000);
}

uint32_t Retry::next_once_wait_ms(Rng& rng) {
    return rng.between(limits::once_wait_min_ms, limits::once_wait_max_ms);
}

void Retry::reset() {
    last_ms_ = 0;
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/retry.h"

#include <algorithm>

#include "agent/limits.h"

namespace dialtone {

uint32_t Retry::next_wait_ms(Rng& rng, uint32_t retry_after_s, const RetryRule& rule) {
    ++waits_;
    const bool from_last = rule.spread == RetrySpread::from_last;
    const bool grows = rule.growth > 1 && (from_last || last_ms_ != 0);
    uint32_t high_ms = std::max(last_ms_, rule.first_ms) * (grows ? rule.growth : 1);
    if (!from_last) high_ms = std::min(high_ms, rule.cap_ms);
    const uint32_t lows_ms[] = {rule.first_ms, high_ms, 0, high_ms / 2};
    const uint32_t low_ms = lows_ms[static_cast<uint8_t>(rule.spread)];
    const uint32_t drawn_ms = std::min(rng.between(low_ms, high_ms), rule.cap_ms);
    last_ms_ = from_last ? drawn_ms : high_ms;
    return drawn_ms + std::min(retry_after_s, limits::retry_after_cap_s) * 1000;
}

uint32_t Retry::next_once_wait_ms(Rng& rng) {
    ++waits_;
    return rng.between(limits::once_wait_min_ms, limits::once_wait_max_ms);
}

void Retry::reset() {
    last_ms_ = waits_ = 0;
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/rng.h"

#include <cassert>

namespace dialtone {

Rng::Rng(std::span<const uint8_t> mac, uint64_t entropy) : state_(entropy) {
    for (uint8_t octet : mac)
        state_ = (state_ ^ octet) * 0x100000001b3U;  // FNV-1a step
}

uint64_t Rng::next() {
    state_ += 0x9e3779b97f4a7c15U;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

uint32_t Rng::below(uint32_t bound) {
    // The high half of a 32 x 32 product is uniform to within bound / 2^32: enough for jitter.
    return static_cast<uint32_t>(((next() >> 32) * bound) >> 32);
}

uint32_t Rng::between(uint32_t low, uint32_t high) {
    assert(low <= high);
    return low + below(high - low + 1);
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// The generator behind jitter and splay: small, fast, the same on every machine, seeded from the
// phone's MAC and the world's entropy and never from time, so that ten thousand phones powered on
// together spread out. Not for nonces, paths or keys: those come from the world.
// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
#pragma once

#include <cstdint>
#include <span>

namespace dialtone {

class Rng {
  public:
    explicit Rng(uint64_t seed) : state_(seed) {}
    Rng(std::span<const uint8_t> mac, uint64_t entropy);

    uint64_t next();
    // Uniform in [0, bound); 0 for bound 0.
    uint32_t below(uint32_t bound);
    // Uniform in [low, high].
    uint32_t between(uint32_t low, uint32_t high);

  private:
    uint64_t state_;
};

}  // namespace dialtone

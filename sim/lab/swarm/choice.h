// SPDX-License-Identifier: Apache-2.0
//
// Everything in a pretended world that could be one way or another is asked of a Choice: what is
// drawn for a seed (swarm), gone through one after the other (explore), or fixed (a test). So the
// same world serves all three, and a run is told again by its choices alone.
//
// Answer 0 is always the harmless one: the explorer gives it once its depth is used up.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "agent/rng.h"

namespace dialtone::sim {

class Choice {
  public:
    virtual ~Choice() = default;
    // One of [0, count), each as likely as the others. count is at least 1.
    virtual uint32_t pick(uint32_t count) = 0;
    // 0, or one in `rarity` times one of [1, count]. Asked where something may go wrong; a rarity
    // or a count of 0 is never asked on.
    virtual uint32_t mishap(uint32_t count, uint32_t rarity) = 0;

    bool flip(uint32_t one_in) { return mishap(1, one_in) != 0; }
    uint32_t between(uint32_t low, uint32_t high) { return low + pick(high - low + 1); }
    template <typename T>
    const T& of(std::span<const T> all) {
        return all[pick(static_cast<uint32_t>(all.size()))];
    }
};

// Drawn from a seed.
class DrawnChoice : public Choice {
  public:
    explicit DrawnChoice(uint64_t seed) : rng_(seed) {}
    uint32_t pick(uint32_t count) override { return rng_.below(count); }
    uint32_t mishap(uint32_t count, uint32_t rarity) override;

  private:
    Rng rng_;
};

// Goes through all combinations of the first `depth` choices, depth first:
//     EnumeratedChoice choice(depth);
//     do run(choice); while (choice.next());
class EnumeratedChoice : public Choice {
  public:
    explicit EnumeratedChoice(uint32_t depth) : depth_(depth) {}
    // Only this one combination.
    explicit EnumeratedChoice(std::span<const uint32_t> path);
    uint32_t pick(uint32_t count) override;
    uint32_t mishap(uint32_t count, uint32_t rarity) override;
    // Begins the next combination. False: that was all.
    bool next();

    // What was answered in this run, for people.
    std::vector<uint32_t> path() const;
    // How deep the choices of this run went, whether they were gone through or not.
    uint32_t asked() const { return asked_; }

  private:
    struct Place {
        uint32_t answer = 0;
        uint32_t count = 1;
    };
    uint32_t depth_;
    uint32_t asked_ = 0;
    std::vector<Place> places_ = {};
};

}  // namespace dialtone::sim

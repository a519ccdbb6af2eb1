// SPDX-License-Identifier: Apache-2.0
//
// Decides everything in a simulated world that could be one way or another: drawn from a seed
// (swarm), enumerated (explore), or fixed (a test). The same world serves all three, and a run can
// be repeated from its choices alone.
//
// Answer 0 is always the harmless one: explore gives it once its depth is used up.
//
// Who calls it: scenario.cpp, chosen_faults.cpp and PhoneRun.
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
    // One time in `one_in` one of [1, count], each as likely as the others; else 0. Asked where
    // something may go wrong. 0 without a draw when `one_in` or `count` is 0.
    virtual uint32_t rare(uint32_t count, uint32_t one_in) = 0;

    bool flip(uint32_t one_in) { return rare(1, one_in) != 0; }
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
    uint32_t rare(uint32_t count, uint32_t one_in) override;

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
    uint32_t rare(uint32_t count, uint32_t one_in) override;
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

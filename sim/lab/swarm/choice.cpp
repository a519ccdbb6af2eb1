// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/choice.h"

namespace dialtone::sim {

uint32_t DrawnChoice::rare(uint32_t count, uint32_t one_in) {
    if (count == 0 || one_in == 0 || rng_.below(one_in) != 0) return 0;
    return 1 + rng_.below(count);
}

EnumeratedChoice::EnumeratedChoice(std::span<const uint32_t> path)
    : depth_(static_cast<uint32_t>(path.size())) {
    for (const uint32_t answer : path)
        places_.push_back({.answer = answer, .count = answer + 1});
}

uint32_t EnumeratedChoice::pick(uint32_t count) {
    const uint32_t at = asked_++;
    if (at >= depth_ || count <= 1) {
        if (at < depth_ && at == places_.size()) places_.push_back({});
        return 0;
    }
    if (at == places_.size()) places_.push_back({.count = count});
    places_[at].count = count;
    return places_[at].answer < count ? places_[at].answer : 0;
}

uint32_t EnumeratedChoice::rare(uint32_t count, uint32_t one_in) {
    return one_in == 0 || count == 0 ? 0 : pick(count + 1);
}

bool EnumeratedChoice::next() {
    asked_ = 0;
    while (!places_.empty()) {
        Place& last = places_.back();
        if (++last.answer < last.count) return true;
        places_.pop_back();
    }
    return false;
}

std::vector<uint32_t> EnumeratedChoice::path() const {
    std::vector<uint32_t> path;
    path.reserve(places_.size());
    for (const Place& place : places_)
        path.push_back(place.answer);
    return path;
}

}  // namespace dialtone::sim

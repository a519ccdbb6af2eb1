// SPDX-License-Identifier: Apache-2.0
//
// What went over the pretended network in one run, and what the phone wrote into its journal, as
// text in the order of time. For `dialtone-lab swarm --replay`.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/world/fate.h"

namespace dialtone::sim {

class Ladder : public Witness {
  public:
    void saw(uint64_t at_ms, Wire wire, bool to_phone, const Address& peer, uint16_t port,
             std::span<const uint8_t> bytes, std::string_view fortune) override;
    void saw(uint64_t at_ms, Wire wire, bool to_phone, std::string_view words) override;
    // What is no message: power, errands, the phone's own journal.
    void note(uint64_t at_ms, std::string_view words);
    void journal(uint64_t at_ms, std::string_view line);  // with its LF

    // The whole, one line each.
    std::vector<std::string> lines() const;

  private:
    std::vector<std::pair<uint64_t, std::string>> lines_ = {};
};

}  // namespace dialtone::sim

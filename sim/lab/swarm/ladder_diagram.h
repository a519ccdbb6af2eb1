// SPDX-License-Identifier: Apache-2.0
//
// A ladder diagram of one run as text: what went over the simulated network and what the phone
// wrote into its journal, in the order of time.
//
// Who calls it: `dialtone-lab swarm --replay` and `explore --replay`; World shows it the network.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/world/wire_observer.h"

namespace dialtone::sim {

class LadderDiagram : public WireObserver {
  public:
    void observe(uint64_t at_ms, WireProtocol protocol, bool to_phone, const Address& peer,
                 uint16_t port, std::span<const uint8_t> bytes, std::string_view fault) override;
    void observe(uint64_t at_ms, WireProtocol protocol, bool to_phone,
                 std::string_view words) override;
    // What is no message: power cuts, reboots, scheduled events.
    void note(uint64_t at_ms, std::string_view words);
    void journal(uint64_t at_ms, std::string_view line);  // with its LF

    // The whole, one line each.
    std::vector<std::string> lines() const;

  private:
    std::vector<std::pair<uint64_t, std::string>> lines_ = {};
};

}  // namespace dialtone::sim

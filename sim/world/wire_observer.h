// SPDX-License-Identifier: Apache-2.0
//
// Is shown everything that goes over the simulated network, with what a fault does to it.
//
// Who calls it: World. Who implements it: the ladder diagram of the swarm (sim/lab/swarm/ladder.h).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "agent/address.h"

namespace dialtone::sim {

enum class WireProtocol : uint8_t { sip, dhcp, tftp, ntp, http };

class WireObserver {
  public:
    virtual ~WireObserver() = default;
    // A datagram. `peer` is who the phone talks to, at `port`; `fault` says what happens to it on
    // the way, empty: nothing.
    virtual void observe(uint64_t at_ms, WireProtocol protocol, bool to_phone, const Address& peer,
                         uint16_t port, std::span<const uint8_t> bytes, std::string_view fault) = 0;
    // A request or an answer of a file transfer, in words.
    virtual void observe(uint64_t at_ms, WireProtocol protocol, bool to_phone,
                         std::string_view words) = 0;
};

}  // namespace dialtone::sim

// SPDX-License-Identifier: Apache-2.0
//
// What befalls a phone in the pretended world: datagrams that get lost, servers that answer badly,
// disks that refuse, things that happen at an appointed time. World asks at every point where a
// real world could go wrong; a Site without a Fate has none of it. Witness sees what passes.
//
// Who implements them: the laboratory's swarm and explore (sim/lab/swarm: mishaps.h, ladder.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/effect.h"
#include "agent/event.h"
#include "sim/servers/web.h"
#include "sim/world/disk.h"

namespace dialtone::sim {

class World;

enum class Wire : uint8_t { sip, dhcp, tftp, ntp, http };

// How a datagram fares on its way.
struct Passage {
    bool lost = false;
    uint32_t delay_ms = 0;
    bool doubled = false;  // the second one comes a moment later
    bool forged = false;   // the same from a stranger's address comes before it
    bool breaks = false;   // the phone's socket, in place of taking it
};

// How a connection of the phone fares.
struct ConnectionFate {
    std::string failure = {};  // empty: it is made
    uint32_t delay_ms = 2;
};

// How a storage step fares.
struct StepFate {
    uint32_t delay_ms = 1;
    std::string failure = {};  // empty: it succeeds
    bool carried_out = true;   // also when it is reported as failed
};

class Fate {
  public:
    virtual ~Fate() = default;
    virtual Passage of_datagram(Wire, bool /*to_phone*/) { return {}; }
    virtual ConnectionFate of_connection(const OpenSocket&) { return {}; }
    // Of what comes over it: true breaks it.
    virtual bool of_stream() { return false; }
    // Of a request for a file: the answer may be made worse.
    virtual void of_transfer(const StartTransfer&, Web::Outcome&) {}
    virtual StepFate of_step(const Storage&) { return {}; }
    virtual void of_power_cut(Disk& disk) { disk.power_cut(); }
    virtual void of_names(const Resolve&, std::vector<Address>&, uint32_t& /*delay_ms*/) {}
    // Of a time server's answer.
    virtual void of_ntp(std::vector<uint8_t>&) {}
    // Of an OpenSocket: words make it fail.
    virtual std::string of_socket(const OpenSocket&) { return {}; }
    virtual uint32_t of_hooks(const RunHooks&) { return 1; }  // how long they run, ms
    // False: the phone has no room to run any.
    virtual bool hooks_can_run() { return true; }
    // World::plan_errand's number has come up.
    virtual void errand(World&, uint32_t /*number*/) {}
};

class Witness {
  public:
    virtual ~Witness() = default;
    // `peer` is who the phone talks to, `port` its port; `bytes` what was sent.
    virtual void saw(uint64_t at_ms, Wire wire, bool to_phone, const Address& peer, uint16_t port,
                     std::span<const uint8_t> bytes, std::string_view fortune) = 0;
    virtual void saw(uint64_t at_ms, Wire wire, bool to_phone, std::string_view words) = 0;
};

}  // namespace dialtone::sim

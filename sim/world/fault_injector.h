// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong in the simulated world: datagrams that get lost, servers that answer badly, disks
// that fail, events at a time that was set before. World asks its environment's FaultInjector at
// every point where a real world could fail; without one nothing fails.
//
// Who implements it: the laboratory's swarm and explore (sim/lab/swarm/fault_kinds.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/effect.h"
#include "agent/event.h"
#include "sim/servers/web.h"
#include "sim/world/disk.h"
#include "sim/world/wire_observer.h"

namespace dialtone::sim {

class World;

// What happens to one datagram on its way.
struct PacketFault {
    bool dropped = false;
    uint32_t delay_ms = 0;
    bool duplicated = false;     // the second one comes a moment later
    bool spoofed = false;        // a copy from a stranger's address comes before it
    bool breaks_socket = false;  // the phone's socket fails in place of sending or receiving it
};

// What happens to a TCP connection that the phone opens.
struct ConnectionFault {
    std::string failure = {};  // empty: the connection is made
    uint32_t delay_ms = 2;
};

// What happens to a storage step.
struct StorageFault {
    uint32_t delay_ms = 1;
    std::string failure = {};  // empty: it succeeds
    bool carried_out = true;   // also when it is reported as failed
};

class FaultInjector {
  public:
    virtual ~FaultInjector() = default;
    virtual PacketFault datagram_fault(WireProtocol, bool /*to_phone*/) { return {}; }
    virtual ConnectionFault connection_fault(const OpenSocket&) { return {}; }
    // Called for what comes to the phone over TCP; true breaks the connection instead.
    virtual bool stream_breaks() { return false; }
    // Called with what a request for a file comes to, which may be made worse.
    virtual void alter_transfer(const StartTransfer&, Web::Outcome&) {}
    virtual StorageFault storage_fault(const Storage&) { return {}; }
    virtual void cut_power(Disk& disk) { disk.power_cut(); }
    virtual void alter_resolution(const Resolve&, std::vector<Address>&, uint32_t& /*delay_ms*/) {}
    virtual void alter_ntp_response(std::vector<uint8_t>&) {}
    // Empty: the socket is opened; else the reason why it is not.
    virtual std::string socket_failure(const OpenSocket&) { return {}; }
    virtual uint32_t hooks_duration_ms(const RunHooks&) { return 1; }
    // False: the phone has no memory left to run any.
    virtual bool hooks_can_run() { return true; }
    // The time that World::schedule_event() was given has come.
    virtual void on_scheduled_event(World&, uint32_t /*number*/) {}
};

}  // namespace dialtone::sim

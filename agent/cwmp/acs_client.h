// SPDX-License-Identifier: Apache-2.0
//
// When the phone speaks to its ACS, and of what: the events that wait for a session
// (TR-069 3.7.1.5), the waits after one that failed, the report every tr069.periodic_interval. One
// session at a time; what happens during one is told in the next.
//
// The agent owns it beside the pass, makes durable what memory() says, and carries out what the ACS
// has ordered. A build without TR-069 has this header and nothing behind it: whoever starts an
// agent hands in the function that makes the client.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "agent/acs_standing.h"
#include "agent/clock/wall_clock.h"
#include "agent/cwmp/rpc.h"
#include "agent/engine.h"
#include "agent/phone.h"
#include "agent/store/record.h"

namespace dialtone {

class AcsClient : public EngineBase {
  public:
    // The phone has a link and knows what time it is, as far as it can; once in a life is enough.
    virtual void go_online(Instant now) = 0;
    // Other settings count, or the record has just been loaded.
    virtual void take_settings(Instant now) = 0;
    // A factory reset: the ACS is told of a new phone.
    virtual void forget() = 0;
    // What is to outlive a start, as it should stand in the record.
    virtual const AcsMemory& memory() const = 0;
    // What the ACS has ordered; while it waits to be carried out, no session begins.
    virtual const std::optional<Deferred>& ordered() const = 0;
    virtual void take_order() = 0;
    virtual AcsStanding standing() const = 0;
    // True once when the ACS that DHCP named has failed so often that DHCP should be asked anew.
    virtual bool take_rediscovery() = 0;

  protected:
    using EngineBase::EngineBase;
};

// All of them outlive the client; its waits are drawn from the phone's generator.
using MakeAcsClient = std::unique_ptr<AcsClient>(RequestIds& ids, PhoneFacts& phone,
                                                 const WallClock& clock, const Record& record,
                                                 const Generation& active);
MakeAcsClient make_acs_client;

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// When the phone speaks to its ACS, and of what: the events that wait for a session
// (TR-069 3.7.1.5), the waits after one that failed, the report every tr069.periodic_interval. One
// session at a time; what happens during one is told in the next.
//
// The agent owns it beside the pass, makes durable what memory() says, applies what change() says,
// and carries out what the ACS has ordered. A build without TR-069 has this header and nothing
// behind it: whoever starts an agent hands in the function that makes the client.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/acs_standing.h"
#include "agent/clock/wall_clock.h"
#include "agent/cwmp/model_listing.h"
#include "agent/cwmp/rpc.h"
#include "agent/cwmp/transfer_port.h"
#include "agent/engine.h"
#include "agent/phone.h"
#include "agent/store/record.h"

namespace dialtone {

// What the ACS wants changed in the configuration: one transaction.
struct AcsChange {
    Document document = {};
    std::string url = {};      // of the ACS
    bool is_verified = false;  // it was spoken to by verified TLS alone
    uint32_t session = 0;      // those with the same number are one trial
    AcsMemory memory = {};     // durable with it
};

struct AcsChangeOutcome {
    uint32_t fault = 0;  // of TR-069 annex A.5.1; 0: the change is durable
    std::string reason = {};
    bool is_new = true;  // else the phone was set so already
};

class AcsClient : public EngineBase {
  public:
    // The phone has a link and knows what time it is, as far as it can; once in a life is enough.
    virtual void go_online(Instant now) = 0;
    // Other settings count, or the record has just been loaded.
    virtual void take_settings(Instant now) = 0;
    // A factory reset: the ACS is told of a new phone.
    virtual void forget() = 0;
    // The phone is about to restart, whoever wanted it: what the session under way has ordered of
    // it is an event. True, once: it has ordered a factory reset, which has to come first.
    virtual bool restart_comes() = 0;
    // Somebody has knocked by a connection request that was accepted (TR-069 3.2.2).
    virtual void connection_requested(Instant now) = 0;
    // The phone's software says what its lines do. Errors: as with_voice_report() (voice_report.h).
    virtual Status take_voice(Instant now, std::string_view report) = 0;
    // A configuration file of another server has become the phone's (TR-069 A.4.2.2).
    virtual void provisioned(Instant now, std::string_view url) = 0;

    // What is to outlive a start, as it should stand in the record; and whether it does.
    virtual const AcsMemory& memory() const = 0;
    virtual void memory_kept(Instant now, bool kept, std::string_view reason) = 0;

    // A change that waits for the store; nothing when none does. It is withdrawn when that takes
    // too long.
    virtual bool has_change() const = 0;
    virtual AcsChange take_change() = 0;
    virtual void change_done(Instant now, AcsChangeOutcome outcome) = 0;
    // The phone's software has been told of all changes, as far as it can be.
    virtual void all_told(Instant now) = 0;
    // The session under way has changed something that is on trial until its end.
    virtual bool is_changing() const = 0;
    // The ACS has been heard in a session that vouches for what is active, once.
    virtual bool take_vouch() = 0;

    // What the transfer under way wants of the phone; nothing of it waits while none is.
    virtual TransferPort& transfers() = 0;

    // What the ACS has ordered; while it waits to be carried out, no session begins.
    virtual const std::optional<Deferred>& ordered() const = 0;
    virtual void take_order() = 0;
    virtual AcsStanding standing() const = 0;
    // What an ACS sees of the phone, for people (model_listing.h).
    virtual ModelListing list_model(Instant now, std::string_view path, uint32_t first) const = 0;
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

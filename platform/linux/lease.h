// SPDX-License-Identifier: Apache-2.0
//
// The Lease events of the Linux world. The phone has at most two DHCP clients, for IPv4 and for
// IPv6; what each has said last is kept here, and every event shows the options of both.
//
// Records come from the files that were there at the start, and later over the control socket.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "agent/result.h"
#include "platform/common/lease_file.h"
#include "platform/linux/loop.h"

namespace dialtone {

class LeaseBook final : public Part {
  public:
    // `interface` is the agent's; empty: leases of any are taken. `found` are those of the start;
    // one that is lost is no news then.
    LeaseBook(std::string interface, std::span<const LeaseRecord> found);

    // Errors: bad_usage, when the lease is of another interface.
    Status take(LeaseRecord&& record);

    bool deliver(Instant now, EventSink& sink) override;

  private:
    std::string interface_;
    std::optional<LeaseRecord> held_[2] = {};  // of IPv4, of IPv6
    std::optional<LeaseNews> news_ = {};       // not told yet
};

}  // namespace dialtone

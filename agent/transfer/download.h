// SPDX-License-Identifier: Apache-2.0
//
// The one thing the agent gets files with: hands each request to the engine of its scheme. TFTP
// has one of its own, over datagrams; everything else goes through Fetch and the world's
// transfers. The interface is that of the engines; one file at a time. A redirect stays within
// Fetch, so that a web server cannot send the phone to TFTP.
#pragma once

#include <cstdint>
#include <optional>

#include "agent/transfer/fetch.h"
#include "agent/transfer/tftp.h"

namespace dialtone {

class Download {
  public:
    // Ids of the engines' requests count up from `first_id`, eight million for each.
    explicit Download(RequestId first_id) : fetch_(first_id), tftp_(first_id + 0x00800000) {}

    // Ends what is under way, without an outcome, and starts anew.
    void start(Instant now, FetchRequest request);
    void stop(Instant now);
    bool busy() const { return fetch_.busy() || tftp_.busy(); }

    void handle(Instant now, const Event& event);
    std::optional<Effect> next();
    std::optional<Instant> deadline() const;
    bool ready() const { return fetch_.ready() || tftp_.ready(); }
    std::optional<FetchOutcome> take_outcome();

  private:
    Fetch fetch_;
    Tftp tftp_;
};

}  // namespace dialtone

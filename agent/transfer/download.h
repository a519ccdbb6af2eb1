// SPDX-License-Identifier: Apache-2.0
//
// The one thing the agent gets files with: hands each request to the engine of its scheme. TFTP
// has one of its own, over datagrams; everything else goes through Fetch and the world's
// transfers. One file at a time. A redirect stays within Fetch, so that a web server cannot send
// the phone to TFTP.
#pragma once

#include <optional>

#include "agent/engine.h"
#include "agent/transfer/fetch.h"
#include "agent/transfer/tftp.h"

namespace dialtone {

class Download : public Engine<FetchOutcome> {
  public:
    explicit Download(RequestIds& ids);

    // Ends what is under way, without an outcome, and starts anew. The sink outlives the download.
    void start(Instant now, FetchRequest request, Sink& sink);
    // The sink has kept bytes: the server may send more.
    void sink_kept(Instant now);
    void stop(Instant now);
    bool busy() const { return fetch_.busy() || tftp_.busy(); }
    // While busy: the server that was asked has begun to answer.
    bool heard() const { return fetch_.heard() || tftp_.heard(); }

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

  private:
    void take_outcomes();

    Fetch fetch_;
    Tftp tftp_;
};

}  // namespace dialtone

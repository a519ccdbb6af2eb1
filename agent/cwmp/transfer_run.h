// SPDX-License-Identifier: Apache-2.0
//
// Carries out one transfer that an ACS has ordered (TR-069 A.3.2.8, A.4.1.5): a download by a job,
// read, checked and applied or handed to the phone's software; an upload by a PUT. Started by the
// ACS client, which keeps the queue and tells the ACS what came of it; one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/acs_memory.h"
#include "agent/engine.h"
#include "agent/phone.h"

namespace dialtone {

struct TransferResult {
    uint32_t fault = 0;  // one that a TransferComplete may have; 0: none
    std::string reason = {};
};

class TransferRun : public Engine<TransferResult> {
  public:
    TransferRun(RequestIds& ids, const PhoneFacts& phone);

    // Only while it is not busy(). A file type, a scheme that it has not: why_not() has said so.
    void start(Instant now, const AcsTransfer& transfer);
    // False: it is past what can be undone. True: it ends without an outcome.
    bool cancel(Instant now);
    bool busy() const;

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;
};

// Whether the phone takes, or gives, files of this type by this URL at all: nothing, or the fault
// of the call with its reason.
std::optional<TransferResult> why_not(const AcsTransfer& transfer, const PhoneFacts& phone);

}  // namespace dialtone

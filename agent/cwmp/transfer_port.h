// SPDX-License-Identifier: Apache-2.0
//
// What carrying out a transfer of an ACS (transfer_run.h) wants of the rest of the phone: a
// download by a job, what that has left read back from the disk, a configuration laid over the one
// there is. The agent takes these wishes after each event and brings what came of them.
//
// A build without TR-069 has this header and nothing behind it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "agent/document.h"
#include "agent/instant.h"
#include "agent/job_outcome.h"
#include "agent/provenance.h"
#include "agent/transfer/fetch.h"

namespace dialtone {

// A file is wanted: by a job, of which there is one at a time.
struct FileWish {
    FetchRequest fetch = {};
    uint32_t most_bytes = 0;
};
// The staged file, whole.
struct ReadWish {
    std::string file = {};
};
// The job ends, wherever it is, and what it has left is removed.
struct ReleaseWish {};
using TransferWish = std::variant<FileWish, ReadWish, ReleaseWish>;

// A configuration that the ACS has had downloaded.
struct TransferChange {
    Document document = {};
    std::string url = {};       // as it was given, without a user of the call's
    Proof proof = Proof::none;  // the weakest of the session that ordered it and of its own
};

struct TransferResult {
    uint32_t fault = 0;  // one that a TransferComplete may have; 0: none
    std::string reason = {};
};

class TransferPort {
  public:
    virtual ~TransferPort() = default;

    virtual std::optional<TransferWish> take_wish() = 0;
    // How the job ended; nothing: too many downloads wait already.
    virtual void take_file(Instant now, std::optional<JobOutcome> outcome) = 0;
    // `failure`: the disk does not give it.
    virtual void take_bytes(Instant now, std::span<const uint8_t> bytes,
                            std::string_view failure) = 0;

    // A change that waits for the store. It may be withdrawn until it is taken.
    virtual bool has_change() const = 0;
    virtual TransferChange take_change(Instant now) = 0;
    // 0: it is durable, or there was nothing to change. A fault of TR-069 annex A.5.1.
    virtual void change_done(Instant now, TransferResult result) = 0;

    // A factory reset: what is under way ends without an outcome.
    virtual void forget(Instant now) = 0;
};

}  // namespace dialtone

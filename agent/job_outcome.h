// SPDX-License-Identifier: Apache-2.0
//
// How a download beside the pass (jobs.h) ended. The agent hands it to whoever has wanted the file.
#pragma once

#include <cstdint>
#include <string>

#include "agent/digest.h"

namespace dialtone {

using JobId = uint32_t;  // 0 names nothing

enum class JobVerdict : uint8_t {
    kept,         // the whole file lies staged
    absent,       // the server says there is no such file
    withheld,     // the server has something and does not give it
    refused,      // the answer cannot be used: too long, 401, a redirect loop
    unreachable,  // no whole answer, in all tries
    no_room,      // the disk is full, or failed
};

// A job that was cancelled has none.
struct JobOutcome {
    JobId job = 0;
    JobVerdict verdict = JobVerdict::unreachable;
    std::string reason = {};  // for people; empty for kept
    std::string shown_url = {};
    bool tls_verified = false;  // on every hop
    // Of the last try, as FetchOutcome has them.
    bool unwelcome = false;
    bool answered = false;
    bool begun = false;
    // Of what was kept; the file is there until release().
    std::string file = {};
    uint32_t bytes = 0;
    Sha256 sha256 = {};
};

}  // namespace dialtone

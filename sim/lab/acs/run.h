// SPDX-License-Identifier: Apache-2.0
//
// One script from its first step to its end, with a device that comes over HTTP.
//
// Who calls it: the acs and conform subcommands.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/lab/acs/http_server.h"
#include "sim/lab/acs/script.h"
#include "sim/lab/acs/session.h"

namespace dialtone::sim::acs {

struct Outcome {
    Verdict verdict;
    std::vector<CaseResult> cases;
};

// Until every step is done and `sessions` sessions have ended, at most `seconds`. A line a message
// goes to standard error.
Outcome run(HttpServer& server, const Script& script, uint32_t sessions, uint32_t seconds);

}  // namespace dialtone::sim::acs

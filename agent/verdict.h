// SPDX-License-Identifier: Apache-2.0
//
// What a life has come to: with --once the process's exit status and its last words.
#pragma once

#include <cstdint>
#include <string>

namespace dialtone {

// The numbers are the exit statuses.
enum class Verdict : uint8_t {
    provisioned = 0,  // applied or found unchanged, and confirmed
    bad_usage = 2,
    no_source = 3,    // nothing gave a URL, or no file of the plan exists
    not_applied = 4,  // a URL was there and nothing could be applied
    rolled_back = 5,  // applied, and the predecessor had to return
};

struct LifeVerdict {
    Verdict verdict = Verdict::no_source;
    std::string why = "no source of the chain gave an address";
};

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// The cases of SIP plug and play: each sentence that the vendor's text on it has about what a phone
// does, asked of any device. No case asks for a vendor's name.
//
// Who calls it: the conform subcommand, once the lives are over; the tests.
#pragma once

#include <array>
#include <vector>

#include "sim/lab/case_result.h"
#include "sim/lab/pnp/server.h"

namespace dialtone::sim::pnp {

struct Evidence {
    std::array<LifeRecord, std::size(lives)> records = {};  // by Life
    std::array<bool, std::size(lives)> is_over = {};        // false: its time did not come
    bool has_file = false;

    const LifeRecord& of(Life life) const { return records[static_cast<uint32_t>(life)]; }
};

// How long a server has to watch a device that was accepted or failed, to see that it stops: by
// then the fourth of the SUBSCRIBEs would have come that it sent while unanswered.
uint32_t watch_ms_after(const LifeRecord& unanswered);

std::vector<CaseResult> judge(const Evidence& evidence);

}  // namespace dialtone::sim::pnp

// SPDX-License-Identifier: Apache-2.0
//
// The storage steps that bring a generation or the record to the medium. Their order is what keeps
// a phone whole: a generation lies in a slot that nobody names, bytes and name on the medium,
// before one write to the older copy of the record names it. docs/design.md lists what a power cut
// between any two of them leaves. Called by the configuration store, which hands them to the lane.
#pragma once

#include <cstdint>
#include <vector>

#include "agent/effect.h"
#include "agent/generation.h"
#include "agent/store/record.h"

namespace dialtone {

// The steps that bring to the medium what a process before this one may have written and not
// synced: the active generation, if `generation` is not 0, and the copy of the record that names
// it. They go before a life's first change, which writes over the other copy.
std::vector<Storage> sync_steps(uint32_t generation, uint8_t copy);
// The steps that make `generation` durable in its slot.
std::vector<Storage> generation_steps(const Generation& generation);
// The steps that write `record` over the copy `copy`. `copy_exists`: its name is already on the
// medium, so that the directory needs no sync.
std::vector<Storage> record_steps(const Record& record, uint8_t copy, bool copy_exists);

}  // namespace dialtone

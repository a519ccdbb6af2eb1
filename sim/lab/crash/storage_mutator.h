// SPDX-License-Identifier: Apache-2.0
//
// Changes the storage steps of the agent on their way to the disk, to plant a bug there.
//
// Who calls it: CrashPhone. Who implements it: planted_bugs.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "agent/effect.h"

namespace dialtone::sim {

// Its state is lost when the life ends, as a daemon's memory is.
class StorageMutator {
  public:
    virtual ~StorageMutator() = default;
    // The steps that reach the disk in place of `step`, in this order. None: nothing reaches it,
    // and the agent is told that the step is done.
    virtual std::vector<Storage> mutate(const Storage& step) = 0;
};

// Which mutator each life gets a new one of; `make` may be nullptr: none.
struct MutatorChoice {
    std::unique_ptr<StorageMutator> (*make)(uint32_t which) = nullptr;
    uint32_t which = 0;
};

}  // namespace dialtone::sim

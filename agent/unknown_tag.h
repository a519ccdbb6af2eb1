// SPDX-License-Identifier: Apache-2.0
//
// Part of a durable file that a later release wrote and this one does not know. It stays with the
// value it was read with and is written again, so that going back to an older release and forth
// loses nothing.
#pragma once

#include <cstdint>
#include <vector>

namespace dialtone {

struct UnknownTag {
    uint8_t tag = 0;
    std::vector<uint8_t> value = {};
    bool operator==(const UnknownTag&) const = default;
};

}  // namespace dialtone

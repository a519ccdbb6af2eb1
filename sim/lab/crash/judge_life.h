// SPDX-License-Identifier: Apache-2.0
//
// Whether a phone that was switched on after a power cut came up and ended as it should: what the
// oracles ask of a life, as opposed to an image.
//
// Who calls it: the search (crash.h), and the test that boots images of a real file system.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/lab/crash/crash_phone.h"
#include "sim/lab/crash/expected_history.h"
#include "sim/lab/crash/write_paths.h"

namespace dialtone::sim {

// `depth`: how many power cuts came before this life; 0 is the path itself.
std::vector<Violation> judge_life(const WritePath& path, ImageReader& reader, const Trace& life,
                                  uint32_t depth);

}  // namespace dialtone::sim

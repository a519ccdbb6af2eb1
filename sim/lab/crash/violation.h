// SPDX-License-Identifier: Apache-2.0
//
// What the oracles of `dialtone-lab crash` ask, and what they say when the answer is no.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dialtone::sim {

// The questions; docs/testing.md has them at length.
enum class Oracle : uint8_t {
    comes_up,      // does the phone come up, rest, and hold what its server offers
    whole,         // does the durable state name one whole generation, never a mixture
    kept_reports,  // is what was reported as done still done
};
inline constexpr uint32_t oracle_count = 3;
std::string_view oracle_name(Oracle oracle);

struct Violation {
    Oracle oracle = Oracle::comes_up;
    std::string words = {};
};

}  // namespace dialtone::sim

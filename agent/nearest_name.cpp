// SPDX-License-Identifier: Apache-2.0
#include "agent/nearest_name.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace dialtone {
namespace {

constexpr uint32_t letters_compared = 64;

// Levenshtein distance of two texts of at most letters_compared letters, one row at a time.
uint32_t distance(std::string_view one, std::string_view other) {
    std::array<uint32_t, letters_compared + 1> row = {};
    for (uint32_t i = 0; i <= other.size(); ++i)
        row[i] = i;
    for (uint32_t i = 1; i <= one.size(); ++i) {
        uint32_t diagonal = row[0];
        row[0] = i;
        for (uint32_t j = 1; j <= other.size(); ++j) {
            const uint32_t change = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[other.size()];
}

}  // namespace

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known) {
    if (name.size() > letters_compared) return {};
    uint32_t best = static_cast<uint32_t>(name.size() / 3) + 1;
    std::string_view nearest = {};
    for (std::string_view candidate : known) {
        if (candidate.size() > letters_compared) continue;
        const uint32_t changes = distance(name, candidate);
        if (changes >= best) continue;
        best = changes;
        nearest = candidate;
    }
    return nearest;
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> known) {
    const std::string_view nearest = nearest_name(name, known);
    if (nearest.empty()) return {};
    return ", did you mean " + std::string(nearest) + "?";
}

}  // namespace dialtone

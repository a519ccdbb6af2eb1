// SPDX-License-Identifier: Apache-2.0
#include "agent/vendor/profiles.h"

#include <algorithm>
#include <iterator>

#include "dialtone_features.h"

namespace dialtone {
namespace {

// Sorted by name: those of the vendors that this build has in it (toolchains/features.cmake).
constexpr const Profile* profiles[] = {DIALTONE_PROFILES};

}  // namespace

std::span<const Profile* const> all_profiles() {
    return profiles;
}

const Profile* find_profile(std::string_view name) {
    const auto found = std::find_if(std::begin(profiles), std::end(profiles),
                                    [&](const Profile* profile) { return profile->name == name; });
    return found == std::end(profiles) ? nullptr : *found;
}

}  // namespace dialtone

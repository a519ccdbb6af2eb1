// SPDX-License-Identifier: Apache-2.0
#include "agent/vendor/profiles.h"

#include <algorithm>
#include <iterator>

namespace dialtone {
namespace {

constexpr const Profile* profiles[] = {
    // sorted by name
    &fanvil_profile,
    &grandstream_profile,
};

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

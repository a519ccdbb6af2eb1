// SPDX-License-Identifier: Apache-2.0
#include "platform/common/option_value.h"

#include <vector>

#include "agent/nearest_name.h"

namespace dialtone {

Result<std::string> value_or_file(std::string_view value, uint32_t limit_bytes, FileReader read) {
    if (value.starts_with("@@")) return std::string(value.substr(1));
    if (!value.starts_with('@')) {
        if (value.size() <= limit_bytes) return std::string(value);
        return fail(ErrorCode::too_big, "is longer than " + std::to_string(limit_bytes) + " bytes");
    }
    const std::string path(value.substr(1));
    auto content = read(path, limit_bytes);
    if (!content) {
        return fail(ErrorCode::bad_usage, "cannot read " + path + ": " + content.error().detail);
    }
    if (content->ends_with('\n')) content->pop_back();
    return content;
}

Result<const Profile*> profile_called(std::string_view name) {
    const Profile* profile = find_profile(name);
    if (profile != nullptr) return profile;
    std::vector<std::string_view> known;
    for (const Profile* one : all_profiles())
        known.push_back(one->name);
    return fail(ErrorCode::bad_usage, "unknown profile '" + std::string(name) + "'" +
                                          did_you_mean(name, known) +
                                          " (known profiles: " + known_profiles() + ")");
}

std::string known_profiles() {
    std::string names;
    for (const Profile* profile : all_profiles()) {
        if (!names.empty()) names += ", ";
        names += profile->name;
    }
    return names;
}

}  // namespace dialtone

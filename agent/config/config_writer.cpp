// SPDX-License-Identifier: Apache-2.0
#include "agent/config/config_writer.h"

#include <algorithm>
#include <vector>

#include "agent/config/config_format.h"
#include "agent/limits.h"
#include "agent/phone.h"

namespace dialtone {
namespace {

const ConfigFormat* written_format(const Profile& profile) {
    const auto place = std::ranges::find_if(
        profile.formats, [](const ProfileFormat& row) { return row.format->write != nullptr; });
    return place == profile.formats.end() ? nullptr : place->format;
}

// The items of one key follow one another, and the last one counts.
std::vector<WrittenEntry> entries_of(const Generation& generation, const Profile& profile,
                                     bool with_secrets) {
    std::vector<WrittenEntry> entries;
    for (const Item& item : generation.items) {
        if (!is_file_key(profile, item.key) || item.key == parameter_key_name) continue;
        if (!entries.empty() && entries.back().key == item.key) entries.pop_back();
        const bool is_withheld = !with_secrets && is_secret_key(profile, item.key);
        entries.push_back({item.key, item.value, is_withheld});
    }
    return entries;
}

}  // namespace

bool can_write_config(const Profile& profile) {
    return written_format(profile) != nullptr;
}

Result<std::string> write_config_file(const Generation& generation, const Profile& profile,
                                      bool with_secrets) {
    const ConfigFormat* const format = written_format(profile);
    if (format == nullptr)
        return fail(ErrorCode::unsupported,
                    "no format of " + std::string(profile.vendor) + " phones can be written");
    std::string text = format->write(entries_of(generation, profile, with_secrets));
    if (text.size() > limits::config_file_bytes)
        return fail(ErrorCode::too_big, "the configuration is larger than the " +
                                            std::to_string(limits::config_file_bytes / 1024) +
                                            " KiB that a file may have");
    return text;
}

}  // namespace dialtone

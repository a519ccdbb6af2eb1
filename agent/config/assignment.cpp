// SPDX-License-Identifier: Apache-2.0
#include "agent/config/assignment.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "agent/limits.h"
#include "agent/settings.h"

namespace dialtone {
namespace {

Result<Entry> split(std::string_view line) {
    std::string key;
    for (uint32_t i = 0; i < line.size(); ++i) {
        if (line[i] == '=' && !key.empty())
            return Entry{std::move(key), std::string(line.substr(i + 1))};
        if (line[i] == '\\' && i + 1 < line.size()) ++i;
        key += line[i];
    }
    return fail(ErrorCode::bad_usage, "set takes KEY=VALUE");
}

Status check(const Entry& entry, const Profile& profile) {
    if (entry.key.size() > limits::config_key_bytes ||
        entry.value.size() > limits::config_value_bytes)
        return fail(ErrorCode::too_big, "the key or the value is too long");
    if (const SettingForm* form = find_setting(entry.key)) return check_setting(*form, entry.value);
    if (key_has_shape(entry.key, profile.key_shape)) return {};
    const std::string_view near = nearest_setting(entry.key);
    std::string words = "there is no setting '" + entry.key + "'";
    if (!near.empty()) words += ", did you mean '" + std::string(near) + "'?";
    return fail(ErrorCode::bad_usage, words);
}

// The last of two lines with one key counts.
void keep(std::vector<Entry>& entries, Entry&& entry) {
    const auto known = std::ranges::find(entries, entry.key, &Entry::key);
    if (known == entries.end()) return entries.push_back(std::move(entry));
    known->value = std::move(entry.value);
}

// Takes the first line off `text`; nothing when none is left.
std::optional<std::string_view> next_line(std::optional<std::string_view>& text) {
    if (!text) return std::nullopt;
    const auto newline = text->find('\n');
    const std::string_view line = text->substr(0, newline);
    text =
        newline == std::string_view::npos ? std::nullopt : std::optional(text->substr(newline + 1));
    return line;
}

}  // namespace

Result<Document> read_assignments(std::string_view text, const Profile& profile) {
    Document document;
    std::optional rest(text);
    while (const auto line = next_line(rest)) {
        Entry entry = TRY(split(*line));
        if (const Status fits = check(entry, profile); !fits) return std::unexpected(fits.error());
        if (document.entries.size() >= limits::assignments)
            return fail(ErrorCode::too_big, "at most " + std::to_string(limits::assignments) +
                                                " keys can be set at once");
        keep(document.entries, std::move(entry));
    }
    return document;
}

std::string assigned_keys(std::string_view text) {
    std::string keys;
    std::optional rest(text);
    while (const auto line = next_line(rest)) {
        const auto entry = split(*line);
        if (entry) keys += (keys.empty() ? "" : ", ") + entry->key;
    }
    return keys;
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/config/entry_list.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "agent/config/utf8.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

constexpr uint32_t overridden = UINT32_MAX;  // instead of a line

// Keys are sorted by their first eight bytes as one number, which of short keys is the whole key.
struct Place {
    uint64_t key_begin;
    uint32_t index;
};

uint64_t begin_of(std::string_view key) {
    uint64_t begin = 0;
    for (uint32_t at = 0; at < sizeof begin; ++at)
        begin = begin << 8 | (at < key.size() ? static_cast<uint8_t>(key[at]) : 0U);
    return begin;
}

std::vector<Place> sorted_by_key(const std::vector<Entry>& entries) {
    std::vector<Place> order;
    order.reserve(entries.size());
    for (uint32_t index = 0; index < entries.size(); ++index)
        order.push_back({begin_of(entries[index].key), index});
    std::sort(order.begin(), order.end(), [&entries](const Place& one, const Place& other) {
        if (one.key_begin != other.key_begin) return one.key_begin < other.key_begin;
        const int compared = entries[one.index].key.compare(entries[other.index].key);
        return compared < 0 || (compared == 0 && one.index < other.index);
    });
    return order;
}

}  // namespace

Status EntryList::add(std::string key, std::string value, uint32_t line) {
    const auto refuse = [line](std::string what, uint32_t most, std::string_view unit) {
        return fail(ErrorCode::too_big, std::move(what) + std::to_string(most) + std::string(unit),
                    Position::at_line(line));
    };
    if (key.size() > limits::config_key_bytes)
        return refuse("the key " + shown(key) + "... is longer than ", limits::config_key_bytes,
                      " bytes");
    if (value.size() > limits::config_value_bytes)
        return refuse("the value of " + shown(key) + " is longer than ", limits::config_value_bytes,
                      " bytes");
    if (entries_.size() == limits::config_entries)
        return refuse("more than ", limits::config_entries, " values in the file");
    entries_.push_back({std::move(key), std::move(value), line});
    return {};
}

void EntryList::reserve(uint32_t entries) {
    entries_.reserve(std::min(entries, limits::config_entries));
}

std::vector<Entry> EntryList::take(Remarks& remarks) {
    const std::vector<Place> order = sorted_by_key(entries_);
    bool some_dropped = false;
    for (uint32_t place = 1; place < order.size(); ++place) {
        if (order[place - 1].key_begin != order[place].key_begin) continue;
        Entry& before = entries_[order[place - 1].index];
        const Entry& entry = entries_[order[place].index];
        if (before.key != entry.key) continue;
        remarks.add(entry.line, entry.key + " stood in line " + std::to_string(before.line) +
                                    " already; the last one counts");
        before.line = overridden;
        some_dropped = true;
    }
    if (some_dropped)
        std::erase_if(entries_, [](const Entry& entry) { return entry.line == overridden; });
    return std::move(entries_);
}

}  // namespace dialtone

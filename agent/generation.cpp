// SPDX-License-Identifier: Apache-2.0
#include "agent/generation.h"

#include <algorithm>
#include <array>

#include "agent/limits.h"

namespace dialtone {
namespace {

// Below 0, 0, above 0: by key, then by origin.
int order_of(const Item& one, const Item& other) {
    const int keys = std::string_view(one.key).compare(other.key);
    return keys != 0 ? keys : static_cast<int>(one.origin) - static_cast<int>(other.origin);
}
Status check_items(const std::vector<Item>& items) {
    uint64_t all_bytes = 0;
    for (const Item& item : items)
        all_bytes += item_overhead_bytes + item.key.size() + item.value.size();
    if (items.size() > limits::config_entries)
        return fail(ErrorCode::too_big, "the configuration would have more than " +
                                            std::to_string(limits::config_entries) + " values");
    if (all_bytes > limits::generation_items_bytes)
        return fail(ErrorCode::too_big, "the configuration would be longer than " +
                                            std::to_string(limits::generation_items_bytes) +
                                            " bytes");
    return {};
}

// An item, with the first bytes of its key as a number: most keys differ in them, and are sorted
// without being read again.
struct Placed {
    uint64_t head = 0;
    Item* item = nullptr;
};

uint64_t head_of(std::string_view key) {
    uint64_t head = 0;
    for (uint32_t at = 0; at < sizeof(head); ++at)
        head = head << 8 | (at < key.size() ? static_cast<uint8_t>(key[at]) : 0U);
    return head;
}

bool comes_first(const Placed& one, const Placed& other) {
    if (one.head != other.head) return one.head < other.head;
    const int order = order_of(*one.item, *other.item);
    return order != 0 ? order < 0 : one.item < other.item;
}

bool is_replaced_by(const Placed& one, const Placed& next) {
    return one.head == next.head && order_of(*one.item, *next.item) == 0;
}

// Puts `added` over `items`: where both have a key and origin, the last of `added` stays.
void lay_over(std::vector<Item>& items, std::vector<Item>&& added) {
    items.insert(items.end(), std::make_move_iterator(added.begin()),
                 std::make_move_iterator(added.end()));
    std::vector<Placed> order;
    order.reserve(items.size());
    for (Item& item : items)
        order.push_back({head_of(item.key), &item});
    if (!std::is_sorted(order.begin(), order.end(), comes_first))
        std::sort(order.begin(), order.end(), comes_first);

    std::vector<Item> kept;
    kept.reserve(items.size());
    for (size_t at = 0; at < order.size(); ++at) {
        const bool last = at + 1 == order.size() || !is_replaced_by(order[at], order[at + 1]);
        if (last) kept.push_back(std::move(*order[at].item));
    }
    items = std::move(kept);
}

// Goes through the values that count, in the order of their keys.
class CountingItems {
  public:
    explicit CountingItems(const Generation& generation) : items_(generation.items) {}

    const Item* next() {
        for (; at_ < items_.size(); ++at_) {
            const bool last_of_key =
                at_ + 1 == items_.size() || items_[at_ + 1].key != items_[at_].key;
            if (last_of_key) return &items_[at_++];
        }
        return nullptr;
    }

  private:
    std::span<const Item> items_;
    uint32_t at_ = 0;
};

bool is_same_file(const FileDigest& one, const FileDigest& other) {
    return one.role == other.role && one.name == other.name;
}

// What is written in another way: in keys and values, or in keys alone.
enum : uint8_t { as_it_is, escaped, escaped_in_key };
constexpr std::array<uint8_t, 256> escapes = [] {
    std::array<uint8_t, 256> out = {};
    for (const char c : {'\\', '\n', '\r'})
        out[static_cast<uint8_t>(c)] = escaped;
    out[static_cast<uint8_t>('=')] = escaped_in_key;
    return out;
}();

void append_escaped(std::string& out, std::string_view text, bool in_key) {
    const uint8_t least = in_key ? escaped_in_key : escaped;
    uint8_t seen = as_it_is;
    for (const char c : text) {
        const uint8_t escape = escapes[static_cast<uint8_t>(c)];
        seen |= escape <= least ? escape : uint8_t{as_it_is};
    }
    if (seen == as_it_is) {
        out += text;
        return;
    }
    for (char c : text) {
        switch (c) {
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '=':
                out += in_key ? "\\=" : "=";
                break;
            default:
                out += c;
        }
    }
}

}  // namespace

bool stands_before(const Item& one, const Item& other) {
    return order_of(one, other) < 0;
}

Status check_item(std::string_view key, std::string_view value) {
    if (key.empty()) return fail(ErrorCode::malformed, "a key has no name");
    if (key.size() > limits::config_key_bytes)
        return fail(ErrorCode::too_big,
                    "a key is longer than " + std::to_string(limits::config_key_bytes) + " bytes");
    if (value.size() > limits::config_value_bytes)
        return fail(ErrorCode::too_big, "the value of a key is longer than " +
                                            std::to_string(limits::config_value_bytes) + " bytes");
    return {};
}

const Item* Generation::find(std::string_view key) const {
    const auto after = std::upper_bound(
        items.begin(), items.end(), key,
        [](std::string_view wanted, const Item& item) { return wanted < item.key; });
    if (after == items.begin() || std::prev(after)->key != key) return nullptr;
    return &*std::prev(after);
}

const Item* Generation::find(std::string_view key, Origin origin) const {
    const auto at =
        std::lower_bound(items.begin(), items.end(), std::pair(key, origin),
                         [](const Item& item, const auto& wanted) {
                             return std::pair(std::string_view(item.key), item.origin) < wanted;
                         });
    if (at == items.end() || at->key != key || at->origin != origin) return nullptr;
    return &*at;
}

const FileDigest* Generation::digest(std::string_view role, std::string_view name) const {
    for (const FileDigest& digest : digests) {
        if (digest.role == role && digest.name == name) return &digest;
    }
    return nullptr;
}

bool Generation::same_meaning(const Generation& other) const {
    return items == other.items;
}

Result<Generation> overlay(const Generation& base, std::span<const Document> documents,
                           Origin origin) {
    std::vector<Item> added;
    for (const Document& document : documents) {
        for (const Entry& entry : document.entries) {
            TRY(check_item(entry.key, entry.value));
            added.push_back({entry.key, origin, entry.value});
        }
    }
    Generation next = base;
    next.items.reserve(base.items.size() + added.size());
    lay_over(next.items, std::move(added));
    TRY(check_items(next.items));
    return next;
}

void set_digests(Generation& generation, std::span<const FileDigest> digests) {
    std::vector<FileDigest>& kept = generation.digests;
    for (const FileDigest& digest : digests) {
        std::erase_if(kept, [&](const FileDigest& one) { return is_same_file(one, digest); });
        if (digest.role.size() > limits::file_name_bytes) continue;
        if (digest.name.size() > limits::file_name_bytes) continue;
        kept.push_back(digest);
    }
    if (kept.size() > limits::digests_kept)
        kept.erase(kept.begin(), kept.end() - limits::digests_kept);
}

std::vector<KeyChange> changed_keys(const Generation& before, const Generation& now) {
    std::vector<KeyChange> changes;
    changes.reserve(std::max(before.items.size(), now.items.size()));
    CountingItems old_items(before);
    CountingItems new_items(now);
    const Item* old_item = old_items.next();
    const Item* new_item = new_items.next();
    while (old_item != nullptr || new_item != nullptr) {
        const bool gone = new_item == nullptr || (old_item && old_item->key < new_item->key);
        const bool came = old_item == nullptr || (new_item && new_item->key < old_item->key);
        if (gone) changes.push_back({old_item->key, {}});
        if (came || (!gone && old_item->value != new_item->value))
            changes.push_back({new_item->key, new_item->value});
        if (!came) old_item = old_items.next();
        if (!gone) new_item = new_items.next();
    }
    return changes;
}

std::string key_value_line(std::string_view key, std::string_view value) {
    std::string line;
    append_escaped(line, key, true);
    line += '=';
    append_escaped(line, value, false);
    return line;
}

std::string key_value_lines(const Generation& generation) {
    std::string lines;
    CountingItems items(generation);
    while (const Item* item = items.next()) {
        lines += key_value_line(item->key, item->value);
        lines += '\n';
    }
    return lines;
}

}  // namespace dialtone

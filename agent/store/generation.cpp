// SPDX-License-Identifier: Apache-2.0
#include "agent/store/generation.h"

#include <algorithm>
#include <cassert>

#include "agent/limits.h"

namespace dialtone {
namespace {

constexpr std::string_view magic = "DTGN";
constexpr uint8_t version = 1;

enum Tag : uint8_t { number_tag = 1, source_tag, proof_tag, item_tag, digest_tag };
constexpr uint32_t tags_needed = 1U << number_tag | 1U << source_tag | 1U << proof_tag;

// What an item costs in the file besides its key and value: frame, origin, length of the key.
constexpr uint32_t item_overhead_bytes = tlv_head_bytes + 1 + 2;

// Below 0, 0, above 0: by key, then by origin.
int order_of(const Item& one, const Item& other) {
    const int keys = std::string_view(one.key).compare(other.key);
    return keys != 0 ? keys : static_cast<int>(one.origin) - static_cast<int>(other.origin);
}
bool is_before(const Item& one, const Item& other) {
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

// Puts `added` over `items`: where both have a key and origin, the last of `added` stays.
void lay_over(std::vector<Item>& items, std::vector<Item>&& added) {
    items.insert(items.end(), std::make_move_iterator(added.begin()),
                 std::make_move_iterator(added.end()));
    std::vector<Item*> order;
    order.reserve(items.size());
    for (Item& item : items)
        order.push_back(&item);
    const auto comes_first = [](const Item* one, const Item* other) {
        const int order = order_of(*one, *other);
        return order != 0 ? order < 0 : one < other;
    };
    if (!std::is_sorted(items.begin(), items.end(), is_before))
        std::sort(order.begin(), order.end(), comes_first);

    std::vector<Item> kept;
    kept.reserve(items.size());
    for (size_t at = 0; at < order.size(); ++at) {
        const bool last = at + 1 == order.size() || is_before(*order[at], *order[at + 1]);
        if (last) kept.push_back(std::move(*order[at]));
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

void append_escaped(std::string& out, std::string_view text, bool in_key) {
    const std::string_view special = in_key ? "\\\n\r=" : "\\\n\r";
    if (text.find_first_of(special) == std::string_view::npos) {
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

std::unexpected<Error> refuse(ErrorCode code, std::string detail, const Tlv& tlv) {
    return fail(code, std::move(detail), Position::at_offset(tlv.offset));
}

Status take_source(Generation& generation, const Tlv& tlv) {
    ByteReader in(tlv.value);
    const uint8_t kind = in.u8();
    generation.source.url = in.rest_as_text();
    if (!in.whole() || kind > static_cast<uint8_t>(SourceKind::handset))
        return refuse(ErrorCode::malformed, "the source is not one", tlv);
    generation.source.kind = static_cast<SourceKind>(kind);
    return {};
}

Status take_proof(Generation& generation, const Tlv& tlv) {
    ByteReader in(tlv.value);
    const uint8_t proof = in.u8();
    if (!in.whole() || proof > static_cast<uint8_t>(Proof::tls))
        return refuse(ErrorCode::malformed, "the proof is not one", tlv);
    generation.proof = static_cast<Proof>(proof);
    return {};
}

Status take_item(Generation& generation, const Tlv& tlv) {
    ByteReader in(tlv.value);
    const uint8_t origin = in.u8();
    Item item;
    item.key = in.short_text();
    item.value = in.rest_as_text();
    if (!in.whole() || origin > static_cast<uint8_t>(Origin::operator_))
        return refuse(ErrorCode::malformed, "an item is not one", tlv);
    item.origin = static_cast<Origin>(origin);
    if (Status fine = check_item(item.key, item.value); !fine)
        return refuse(fine.error().code, std::move(fine.error().detail), tlv);
    if (!generation.items.empty() && !is_before(generation.items.back(), item))
        return refuse(ErrorCode::malformed, "the items are not in order", tlv);
    if (generation.items.size() == limits::config_entries)
        return refuse(ErrorCode::too_big, "there are too many items", tlv);
    generation.items.push_back(std::move(item));
    return {};
}

Status take_digest(Generation& generation, const Tlv& tlv) {
    ByteReader in(tlv.value);
    FileDigest digest;
    digest.role = in.short_text();
    digest.name = in.short_text();
    const auto sum = in.bytes(sizeof(Sha256));
    if (!in.whole()) return refuse(ErrorCode::malformed, "a digest is not one", tlv);
    std::copy(sum.begin(), sum.end(), digest.sha256.begin());
    if (digest.role.size() > limits::file_name_bytes ||
        digest.name.size() > limits::file_name_bytes)
        return refuse(ErrorCode::too_big, "the name of a digest is too long", tlv);
    if (generation.digest(digest.role, digest.name) != nullptr)
        return refuse(ErrorCode::malformed, "a file has two digests", tlv);
    if (generation.digests.size() == limits::digests_kept)
        return refuse(ErrorCode::too_big, "there are too many digests", tlv);
    generation.digests.push_back(std::move(digest));
    return {};
}

Status take_tag(Generation& generation, uint32_t& seen, const Tlv& tlv) {
    switch (tlv.tag) {
        case number_tag: {
            TRY(see_once(seen, tlv));
            ByteReader in(tlv.value);
            generation.number = in.u32();
            if (!in.whole()) return refuse(ErrorCode::malformed, "the number is not one", tlv);
            return {};
        }
        case source_tag:
            TRY(see_once(seen, tlv));
            return take_source(generation, tlv);
        case proof_tag:
            TRY(see_once(seen, tlv));
            return take_proof(generation, tlv);
        case item_tag:
            return take_item(generation, tlv);
        case digest_tag:
            return take_digest(generation, tlv);
        default:
            return keep_unknown(generation.unknown, tlv);
    }
}

}  // namespace

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

std::vector<uint8_t> encode_generation(const Generation& generation) {
    assert(std::is_sorted(generation.items.begin(), generation.items.end(), is_before));
    TlvWriter out(magic, version);
    out.put(number_tag, ByteWriter().u32(generation.number).view());
    const auto kind = static_cast<uint8_t>(generation.source.kind);
    out.put(source_tag, ByteWriter().u8(kind).text(generation.source.url).view());
    out.put(proof_tag, ByteWriter().u8(static_cast<uint8_t>(generation.proof)).view());
    ByteWriter one;
    for (const Item& item : generation.items) {
        const auto origin = static_cast<uint8_t>(item.origin);
        one.clear();
        out.put(item_tag, one.u8(origin).short_text(item.key).text(item.value).view());
    }
    for (const FileDigest& digest : generation.digests) {
        ByteWriter value;
        value.short_text(digest.role).short_text(digest.name).bytes(digest.sha256);
        out.put(digest_tag, value.view());
    }
    put_unknown(out, generation.unknown);
    return out.seal();
}

Result<Generation> decode_generation(std::span<const uint8_t> bytes) {
    TlvReader in = TRY(TlvReader::open(bytes, magic, version, limits::generation_bytes));
    Generation generation;
    uint32_t seen = 0;
    while (const auto tlv = in.next())
        TRY(take_tag(generation, seen, *tlv));
    if (seen != tags_needed)
        return fail(ErrorCode::malformed, "the number, the source or the proof is not there");
    return generation;
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

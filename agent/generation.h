// SPDX-License-Identifier: Apache-2.0
//
// A generation is the phone's whole configuration, with who set each value, where it came from
// and the digests of the files it was made of. Generations are never changed, only followed by
// the next one; the boot record (store/record.h) says which one is active. store/codec.h has the
// form of their files.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/document.h"
#include "agent/provenance.h"
#include "agent/result.h"
#include "agent/unknown_tag.h"

namespace dialtone {

struct Item {
    std::string key = {};
    Origin origin = Origin::file;
    std::string value = {};
    bool operator==(const Item&) const = default;
};

// What an item costs in its file besides its key and value.
inline constexpr uint32_t item_overhead_bytes = 8;

// By key, then by origin: the order of Generation::items.
bool stands_before(const Item& one, const Item& other);
// Errors: malformed for an empty key, too_big over the limits of a key and a value.
Status check_item(std::string_view key, std::string_view value);

struct Generation {
    uint32_t number = 0;           // 0: the empty generation a new phone starts with
    Source source = {};            // whom a trial asks
    Proof proof = Proof::none;     // the strongest among the files of its plan
    std::vector<Item> items = {};  // sorted by key, then origin; at most one per key and origin
    std::vector<FileDigest> digests = {};
    std::vector<UnknownTag> unknown = {};

    // The value that counts for `key`: the one of the highest origin. nullptr when nobody set it.
    const Item* find(std::string_view key) const;
    // The value `origin` gave, whether it counts or not.
    const Item* find(std::string_view key, Origin origin) const;
    const FileDigest* digest(std::string_view role, std::string_view name) const;

    // The same values from the same origins, wherever they came from: nothing would be gained by
    // writing it.
    bool same_meaning(const Generation& other) const;
};

// Lays `documents` over `base` in order, as `origin`. Keys that no document names keep their
// value; number, source, proof and digests stay those of `base`.
// Errors: too_big over limits::config_entries, limits::generation_items_bytes, or the limits of a
// key and a value; malformed for an empty key.
Result<Generation> overlay(const Generation& base, std::span<const Document> documents,
                           Origin origin);

// Adds or replaces digests by role and name, oldest out over limits::digests_kept. One whose role
// or name is over limits::file_name_bytes is not kept: its file is read again next time.
void set_digests(Generation& generation, std::span<const FileDigest> digests);

struct KeyChange {
    std::string key = {};
    std::string value = {};
};

// The keys whose counting value differs in `now`, sorted; a key that is gone has an empty value.
std::vector<KeyChange> changed_keys(const Generation& before, const Generation& now);

// One line per counting value, sorted: `KEY=VALUE`, with backslash, newline and carriage return
// escaped as \\ \n \r, and `=` in a key as \=. The form of `dialtone show config` and of the
// file that hooks get.
std::string key_value_line(std::string_view key, std::string_view value);  // without its newline
std::string key_value_lines(const Generation& generation);

}  // namespace dialtone

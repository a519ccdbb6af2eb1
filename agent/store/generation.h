// SPDX-License-Identifier: Apache-2.0
//
// A generation is the phone's whole configuration, with who set each value, where it came from
// and the digests of the files it was made of. Generations are never changed, only followed by
// the next one; the record (record.h) says which one is active.
//
// On disk: one file "DTGN" in the frame of tlv.h, closed by a SHA-256 of everything before it.
// Unknown tags survive a rewrite: they are kept in `unknown` and written again.
//
//     1 number   u32                              once
//     2 source   kind:u8 url                      once
//     3 proof    u8                               once
//     4 item     origin:u8 key:short value        sorted by key, then origin
//     5 digest   role:short name:short sha256     oldest first
//
// where short is a text after its length as u16.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/proposal.h"
#include "agent/result.h"
#include "agent/store/tlv.h"

namespace dialtone {

struct Item {
    std::string key = {};
    Origin origin = Origin::file;
    std::string value = {};
    bool operator==(const Item&) const = default;
};

struct Generation {
    uint32_t number = 0;           // 0: the empty generation a new phone starts with
    Source source = {};            // whom a trial asks
    Proof proof = Proof::none;     // of the weakest document since the last stronger one
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

std::vector<uint8_t> encode_generation(const Generation& generation);

// Errors: truncated, corrupt, unsupported (a version from the future), too_big, malformed; the
// position is the offset in the file.
Result<Generation> decode_generation(std::span<const uint8_t> bytes);

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

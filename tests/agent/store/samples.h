// SPDX-License-Identifier: Apache-2.0
//
// A generation and a record with something in every place, and ways to spoil their files.
#pragma once

#include <string>
#include <vector>

#include "agent/generation.h"
#include "agent/store/record.h"
#include "agent/store/tlv.h"

namespace dialtone {

inline Sha256 sum_of(uint8_t first) {
    Sha256 sum = {};
    for (uint8_t& octet : sum)
        octet = first++;
    return sum;
}

inline Generation a_generation() {
    return {.number = 7,
            .source = {SourceKind::static_server, "http://user:word@10.0.0.5/gs?token=1"},
            .proof = Proof::key,
            .items = {{"P2", Origin::profile, "admin"},
                      {"P270", Origin::file, "Account=name\nline two\\"},
                      {"P47", Origin::file, "sip.example"},
                      {"P47", Origin::operator_, ""},
                      {"P8", Origin::acs, std::string("\0\xff", 2)}},
            .digests = {{"mac-xml", "cfg000b82273b89.xml", sum_of(1)},
                        {"common-xml", "cfg.xml", sum_of(99)}},
            .unknown = {{77, {1, 2, 3}}, {200, {}}}};
}

// Every member, also those that same_meaning() leaves out.
inline bool same(const Generation& one, const Generation& other) {
    return one.number == other.number && one.source == other.source && one.proof == other.proof &&
           one.items == other.items && one.digests == other.digests && one.unknown == other.unknown;
}

inline Record a_record() {
    return {.sequence = 41,
            .active = 8,
            .other = 7,
            .trial = TrialState::trying,
            .trial_boots = 2,
            .hooks_due = true,
            .refused = {{sum_of(5), 2, 1'763'700'000}, {sum_of(6), 1, -1}},
            .unknown = {{90, {0xff, 0xff, 0xff, 0xff}}}};
}

// A file in the frame of tlv.h made of bytes that no encoder would write, its checksum right.
inline std::vector<uint8_t> sealed(std::string_view magic, std::span<const Tlv> tlvs) {
    TlvWriter out(magic, 1);
    for (const Tlv& tlv : tlvs)
        out.put(tlv.tag, tlv.value);
    return out.seal();
}

// Sets or adds one value.
[[nodiscard]] inline Status set_item(Generation& generation, std::string_view key, Origin origin,
                                     std::string_view value) {
    Document document;
    document.entries.push_back({std::string(key), std::string(value)});
    generation = TRY(overlay(generation, std::span(&document, 1), origin));
    return {};
}

}  // namespace dialtone

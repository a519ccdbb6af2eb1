// SPDX-License-Identifier: Apache-2.0
//
// What the first release, 0.1.0, makes of a durable file: it goes by the frame and the values, and
// refuses a whole file for one value that it does not know. Written from that release's rules and
// not with the reader of today, so that it stays what it is.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "agent/store/tlv.h"

namespace dialtone {

struct FirstReleaseTag {
    uint8_t tag;
    uint32_t most;      // in a file
    uint32_t shortest;  // bytes of its value
    uint32_t longest;
    uint8_t highest;  // first byte
};

inline bool first_release_reads(std::span<const uint8_t> file, std::string_view magic,
                                uint32_t longest_file, std::span<const FirstReleaseTag> tags) {
    auto in = TlvReader::open(file, magic, 1, longest_file);
    if (!in) return false;
    std::array<uint32_t, 256> seen = {};
    uint32_t unknown_tags = 0;
    uint32_t unknown_bytes = 0;
    while (const auto tlv = in->next()) {
        const auto bytes = static_cast<uint32_t>(tlv->value.size());
        const FirstReleaseTag* known = nullptr;
        for (const FirstReleaseTag& one : tags)
            known = one.tag == tlv->tag ? &one : known;
        if (known == nullptr) {
            unknown_bytes += tlv_head_bytes + bytes;
            if (++unknown_tags > 32 || unknown_bytes > 2048) return false;
            continue;
        }
        if (++seen[tlv->tag] > known->most) return false;
        if (bytes < known->shortest || bytes > known->longest) return false;
        if (tlv->value[0] > known->highest) return false;
    }
    for (const FirstReleaseTag& one : tags) {
        if (one.most == 1 && seen[one.tag] != 1) return false;
    }
    return true;
}

inline bool first_release_reads_generation(std::span<const uint8_t> file) {
    constexpr FirstReleaseTag tags[] = {
        {.tag = 1, .most = 1, .shortest = 4, .longest = 4, .highest = 255},
        {.tag = 2, .most = 1, .shortest = 1, .longest = 1 << 20, .highest = 6},
        {.tag = 3, .most = 1, .shortest = 1, .longest = 1, .highest = 2},
        {.tag = 4, .most = 8192, .shortest = 4, .longest = 3 + 128 + 8192, .highest = 3},
        {.tag = 5, .most = 16, .shortest = 36, .longest = 36 + 2 * 255, .highest = 0},
    };
    return first_release_reads(file, "DTGN", 2 * 1024 * 1024, tags);
}

inline bool first_release_reads_record(std::span<const uint8_t> file) {
    constexpr FirstReleaseTag tags[] = {
        {.tag = 1, .most = 1, .shortest = 4, .longest = 4, .highest = 255},
        {.tag = 2, .most = 1, .shortest = 4, .longest = 4, .highest = 255},
        {.tag = 3, .most = 1, .shortest = 4, .longest = 4, .highest = 255},
        {.tag = 4, .most = 1, .shortest = 1, .longest = 1, .highest = 2},
        {.tag = 5, .most = 1, .shortest = 1, .longest = 1, .highest = 255},
        {.tag = 6, .most = 1, .shortest = 1, .longest = 1, .highest = 1},
        {.tag = 7, .most = 8, .shortest = 41, .longest = 41, .highest = 255},
    };
    return first_release_reads(file, "DTRC", 4 * 1024, tags);
}

}  // namespace dialtone

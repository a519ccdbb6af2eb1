// SPDX-License-Identifier: Apache-2.0
#include "sim/world/catalogue.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace dialtone::sim {
namespace {

constexpr uint32_t sector_bytes = 512;

uint64_t hash_of(std::span<const uint8_t> bytes) {
    uint64_t hash = bytes.size();
    uint64_t word = 0;
    for (; bytes.size() >= sizeof(word); bytes = bytes.subspan(sizeof(word))) {
        std::memcpy(&word, bytes.data(), sizeof(word));
        hash = mix_bits(hash ^ word);
    }
    word = 0;
    if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
    return mix_bits(hash ^ word);
}

// How far a write of so many bytes may have come.
std::vector<uint32_t> tear_points(uint32_t count) {
    std::vector<uint32_t> points = {0, 1, count / 4, count / 2, count / 4 * 3, count - 1};
    if (count > sector_bytes) {
        points.push_back(sector_bytes);
        points.push_back((count - 1) / sector_bytes * sector_bytes);
    }
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
    return points;
}

using Bytes = std::span<const uint8_t>;

// Whatever stood in that sector of the medium before: neither zeros nor the file's.
uint8_t stale_byte(uint32_t at) {
    return static_cast<uint8_t>(0x5a ^ (at * 7));
}

// `head` to `at`, and from there on what `tail` holds at the same place.
std::vector<uint8_t> joined(Bytes head, uint32_t at, Bytes tail) {
    std::vector<uint8_t> out(head.begin(), head.begin() + at);
    if (tail.size() > at) out.insert(out.end(), tail.begin() + at, tail.end());
    return out;
}

}  // namespace

void NumberIndex::grow() {
    std::vector<Place> before(places_.size() * 2);
    before.swap(places_);
    for (const Place& place : before) {
        if (place.number == 0) continue;
        uint32_t at = first_place(place.hash);
        while (places_[at].number != 0)
            at = next_place(at);
        places_[at] = place;
    }
}

Catalogue::Catalogue() {
    contents_.resize(1);  // no_file
    const ContentId empty = intern({});
    assert(empty == empty_file);
}

NameId Catalogue::name_id(std::string_view name) {
    const auto place = std::find(names_.begin(), names_.end(), name);
    if (place != names_.end()) return static_cast<NameId>(place - names_.begin());
    assert(names_.size() < image_names);
    names_.emplace_back(name);
    return static_cast<NameId>(names_.size() - 1);
}

ContentId Catalogue::intern(std::span<const uint8_t> bytes) {
    const auto fresh = static_cast<ContentId>(contents_.size());
    const ContentId id = index_.find_or_add(hash_of(bytes), fresh, [&](ContentId known) {
        return std::ranges::equal(contents_[known], bytes);
    });
    if (id == fresh) contents_.emplace_back(bytes.begin(), bytes.end());
    return id;
}

const std::vector<ContentId>& Catalogue::tears(ContentId before, ContentId now) {
    const auto [place, is_new] = tears_.try_emplace(uint64_t{before} << 32 | now);
    if (!is_new) return place->second;
    const std::vector<uint8_t> old_bytes = contents_[before];
    const std::vector<uint8_t> new_bytes = contents_[now];
    const auto count = static_cast<uint32_t>(new_bytes.size());
    const std::vector<uint8_t> zeros(count);
    std::vector<uint8_t> stale(count);
    for (uint32_t at = 0; at < count; ++at)
        stale[at] = stale_byte(at);
    // The old bytes with the new length: the size is written apart from the data.
    std::vector<uint8_t> old_resized = old_bytes;
    old_resized.resize(count);

    std::vector<ContentId> torn;
    for (uint32_t at : count == 0 ? std::vector<uint32_t>() : tear_points(count)) {
        for (const Bytes tail :
             {Bytes(), Bytes(zeros), Bytes(stale), Bytes(old_bytes), Bytes(old_resized)})
            torn.push_back(intern(joined(new_bytes, at, tail)));
        // Sectors reach the medium in any order: the end without the beginning.
        for (const Bytes head : {Bytes(zeros), Bytes(stale), Bytes(old_resized)})
            torn.push_back(intern(joined(head, at, new_bytes)));
    }
    torn.push_back(empty_file);
    std::sort(torn.begin(), torn.end());
    torn.erase(std::unique(torn.begin(), torn.end()), torn.end());
    std::erase_if(torn, [&](ContentId one) { return one == before || one == now; });
    place->second = std::move(torn);
    return place->second;
}

}  // namespace dialtone::sim

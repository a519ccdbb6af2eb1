// SPDX-License-Identifier: Apache-2.0
//
// File names and file contents by number. Equal contents have equal numbers, so that an image of a
// whole disk is a handful of numbers, and comparing two images costs nothing. Numbers are given by
// comparing bytes: no two contents ever share one, whatever their hashes are.
//
// Who calls it: everything of `dialtone-lab crash`.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dialtone::sim {

using ContentId = uint32_t;
inline constexpr ContentId no_file = 0;     // of a name that is not there
inline constexpr ContentId empty_file = 1;  // a file without a byte

using NameId = uint32_t;
inline constexpr uint32_t image_names = 16;

// What a disk holds, by name.
struct Image {
    std::array<ContentId, image_names> files = {};
    bool operator==(const Image&) const = default;
};

// Finds numbers by a hash of what they stand for; whoever asks decides what is the same.
class NumberIndex {
  public:
    NumberIndex() : places_(1024) {}

    // The number for which `same` holds, or `fresh`, which is kept from now on. Numbers start at 1.
    template <typename Same>
    uint32_t find_or_add(uint64_t hash, uint32_t fresh, Same same) {
        uint32_t at = first_place(hash);
        for (; places_[at].number != 0; at = next_place(at)) {
            if (places_[at].hash == hash && same(places_[at].number)) return places_[at].number;
        }
        places_[at] = {hash, fresh};
        if (++count_ > places_.size() / 2) grow();
        return fresh;
    }

  private:
    struct Place {
        uint64_t hash = 0;
        uint32_t number = 0;
    };
    // The number of places is a power of two.
    uint32_t last_place() const { return static_cast<uint32_t>(places_.size()) - 1; }
    uint32_t first_place(uint64_t hash) const { return static_cast<uint32_t>(hash) & last_place(); }
    uint32_t next_place(uint32_t at) const { return (at + 1) & last_place(); }
    void grow();

    std::vector<Place> places_;
    uint32_t count_ = 0;
};

class Catalogue {
  public:
    Catalogue();

    // At most image_names of them.
    NameId name_id(std::string_view name);
    const std::string& name(NameId id) const { return names_[id]; }
    uint32_t name_count() const { return static_cast<uint32_t>(names_.size()); }

    ContentId intern(std::span<const uint8_t> bytes);
    // Stays where it is for as long as the catalogue lives.
    std::span<const uint8_t> bytes(ContentId id) const { return contents_[id]; }

    // What may be left of a write of `now` over `before` that power went away in; without the two
    // themselves. docs/testing.md lists the cases.
    const std::vector<ContentId>& tears(ContentId before, ContentId now);

  private:
    NumberIndex index_ = {};
    std::vector<std::vector<uint8_t>> contents_ = {};
    std::vector<std::string> names_ = {};
    std::map<uint64_t, std::vector<ContentId>> tears_ = {};  // by both numbers
};

// A number that is as good as random and always the same for the same one.
constexpr uint64_t mix_bits(uint64_t number) {
    number = (number ^ (number >> 32)) * 0x9e37'79b9'7f4a'7c15;
    number = (number ^ (number >> 29)) * 0xbf58'476d'1ce4'e5b9;
    return number ^ (number >> 32);
}

}  // namespace dialtone::sim

// SPDX-License-Identifier: Apache-2.0
//
// How a durable file keeps the value of an enumeration, so that a release that has never heard of
// the value still reads the file whole. codec.cpp and record.cpp have a form for each of theirs.
//
// The values that a tag T could have in the first release are all it ever has. A value that came
// later is written twice:
//
//     T         the first release's value that stands in for it
//     128 + T   stamp:u32 value:u8    the value itself
//
// The stamp is the number of the generation, or the sequence of the record, in which the two were
// written together. A release that does not know the value goes by T and keeps 128 + T as an
// unknown tag, also into files whose T it chose itself; there the stamp is another one, and what
// 128 + T says counts no longer. So a value that is weaker than it stood in for never comes back
// with the strength of an older file.
//
// Whoever adds a value raises `highest` and leaves the rest of the form alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/store/tlv.h"
#include "agent/unknown_tag.h"

namespace dialtone {

struct EnumForm {
    uint8_t tag = 0;            // T, below 127
    uint8_t first_highest = 0;  // the highest value in T
    uint8_t highest = 0;        // the highest value this release knows
    uint8_t stands_in = 0;      // in T for every value above first_highest
};

// What tag T has for `value`; also how a byte in T that is none of the first release's is read.
uint8_t first_release_value(const EnumForm& form, uint8_t value);

// Writes 128 + T if `value` needs it.
void put_later_value(TlvWriter& out, const EnumForm& form, uint8_t value, uint32_t stamp);

// What 128 + T among the `unknown` tags of a file with this stamp says, nothing if it says nothing
// that this release knows. It leaves the list when it is known or belongs to another stamp.
std::optional<uint8_t> take_later_value(std::vector<UnknownTag>& unknown, const EnumForm& form,
                                        uint32_t stamp);

// What of a file this release could not take as it was written, in words for the journal.
class LaterParts {
  public:
    // `what` has the `value`, which is not known, and was taken for `taken_as`.
    void unknown_value(std::string_view what, uint32_t value, std::string_view taken_as);
    void add(std::string_view words);
    // A tag for which there was no room.
    void dropped_tag() { ++dropped_tags_; }
    // Empty when everything was taken.
    std::string words() const;

  private:
    std::string words_ = {};
    uint32_t dropped_tags_ = 0;
};

}  // namespace dialtone

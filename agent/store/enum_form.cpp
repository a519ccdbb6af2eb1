// SPDX-License-Identifier: Apache-2.0
#include "agent/store/enum_form.h"

#include <cassert>

namespace dialtone {
namespace {

uint8_t later_tag(const EnumForm& form) {
    assert(form.tag < tlv_seal_tag - 128);
    return static_cast<uint8_t>(128 + form.tag);
}

}  // namespace

uint8_t first_release_value(const EnumForm& form, uint8_t value) {
    return value <= form.first_highest ? value : form.stands_in;
}

void put_later_value(TlvWriter& out, const EnumForm& form, uint8_t value, uint32_t stamp) {
    assert(value <= form.highest);
    if (value <= form.first_highest) return;
    out.put(later_tag(form), ByteWriter().u32(stamp).u8(value).view());
}

std::optional<uint8_t> take_later_value(std::vector<UnknownTag>& unknown, const EnumForm& form,
                                        uint32_t stamp) {
    std::optional<uint8_t> found;
    std::erase_if(unknown, [&](const UnknownTag& one) {
        if (one.tag != later_tag(form)) return false;
        ByteReader in(one.value);
        const uint32_t its_stamp = in.u32();
        const uint8_t value = in.u8();
        if (!in.whole()) return false;
        if (its_stamp != stamp) return true;
        if (value > form.highest) return false;
        if (value > form.first_highest) found = value;
        return true;
    });
    return found;
}

void LaterParts::unknown_value(std::string_view what, uint32_t value, std::string_view taken_as) {
    add(std::string(what) + " " + std::to_string(value) + " is not known and counts as " +
        std::string(taken_as));
}

void LaterParts::add(std::string_view words) {
    if (!words_.empty()) words_ += ", ";
    words_ += words;
}

std::string LaterParts::words() const {
    if (dropped_tags_ == 0) return words_;
    return words_ + (words_.empty() ? "" : ", ") + std::to_string(dropped_tags_) +
           " of its parts are more than can be kept";
}

}  // namespace dialtone

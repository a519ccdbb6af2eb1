// SPDX-License-Identifier: Apache-2.0
#include "agent/store/tlv.h"

#include <algorithm>
#include <cassert>

#include "agent/digest.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

uint32_t length_at(std::span<const uint8_t> file, uint32_t at) {
    return ByteReader(file.subspan(at + 1, sizeof(uint32_t))).u32();
}

// Checks that the values follow one another without a gap up to the seal, and that the seal is the
// end. Returns the offset of the seal's digest.
Result<uint32_t> find_seal(std::span<const uint8_t> file) {
    const auto file_bytes = static_cast<uint32_t>(file.size());
    uint32_t at = tlv_preface_bytes;
    while (true) {
        const Position where = Position::at_offset(at);
        if (file_bytes - at < tlv_head_bytes)
            return fail(ErrorCode::truncated, "the file ends before its checksum", where);
        const uint8_t tag = file[at];
        const uint32_t length = length_at(file, at);
        at += tlv_head_bytes;
        if (length > file_bytes - at)
            return fail(ErrorCode::truncated, "the file ends inside a value", where);
        if (tag != tlv_seal_tag) {
            at += length;
            continue;
        }
        if (length != sizeof(Sha256))
            return fail(ErrorCode::corrupt, "the checksum has a wrong length", where);
        if (at + length != file_bytes)
            return fail(ErrorCode::corrupt, "there are bytes after the checksum", where);
        return at;
    }
}

}  // namespace

ByteWriter& ByteWriter::u8(uint8_t number) {
    bytes_.push_back(number);
    return *this;
}

ByteWriter& ByteWriter::u16(uint16_t number) {
    const uint8_t octets[] = {static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number)};
    return bytes(octets);
}

ByteWriter& ByteWriter::u32(uint32_t number) {
    const uint8_t octets[] = {static_cast<uint8_t>(number >> 24),
                              static_cast<uint8_t>(number >> 16), static_cast<uint8_t>(number >> 8),
                              static_cast<uint8_t>(number)};
    return bytes(octets);
}

ByteWriter& ByteWriter::u64(uint64_t number) {
    return u32(static_cast<uint32_t>(number >> 32)).u32(static_cast<uint32_t>(number));
}

ByteWriter& ByteWriter::bytes(std::span<const uint8_t> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
}

ByteWriter& ByteWriter::text(std::string_view text) {
    return bytes({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

ByteWriter& ByteWriter::short_text(std::string_view text) {
    assert(text.size() <= UINT16_MAX);
    return u16(static_cast<uint16_t>(text.size())).text(text);
}

TlvWriter::TlvWriter(std::string_view magic, uint8_t version) {
    assert(magic.size() == tlv_magic_bytes);
    out_.text(magic).u8(version);
}

void TlvWriter::put(uint8_t tag, std::span<const uint8_t> value) {
    assert(tag != tlv_seal_tag);
    out_.u8(tag).u32(static_cast<uint32_t>(value.size())).bytes(value);
}

std::vector<uint8_t> TlvWriter::seal() {
    out_.u8(tlv_seal_tag).u32(sizeof(Sha256));
    out_.bytes(sha256_of(out_.view()));
    return out_.take();
}

uint64_t ByteReader::number(uint32_t octets) {
    uint64_t value = 0;
    for (uint8_t octet : bytes(octets))
        value = value << 8 | octet;
    return value;
}

uint8_t ByteReader::u8() {
    return static_cast<uint8_t>(number(1));
}
uint16_t ByteReader::u16() {
    return static_cast<uint16_t>(number(2));
}
uint32_t ByteReader::u32() {
    return static_cast<uint32_t>(number(4));
}
uint64_t ByteReader::u64() {
    return number(8);
}

std::span<const uint8_t> ByteReader::bytes(uint32_t count) {
    if (count > rest_.size()) {
        overrun_ = true;
        rest_ = {};
        return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
}

std::string_view ByteReader::short_text() {
    const auto taken = bytes(u16());
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
}

std::string_view ByteReader::rest_as_text() {
    const auto taken = bytes(static_cast<uint32_t>(rest_.size()));
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
}

Result<TlvReader> TlvReader::open(std::span<const uint8_t> file, std::string_view magic,
                                  uint8_t version, uint32_t limit_bytes) {
    if (file.size() > limit_bytes)
        return fail(ErrorCode::too_big,
                    "the file is longer than " + std::to_string(limit_bytes) + " bytes",
                    Position::at_offset(limit_bytes));
    if (file.size() < tlv_preface_bytes)
        return fail(ErrorCode::truncated, "the file ends before its version",
                    Position::at_offset(static_cast<uint32_t>(file.size())));
    if (!std::equal(magic.begin(), magic.end(), file.begin()))
        return fail(ErrorCode::malformed, "the file does not begin as one of the agent's does",
                    Position::at_offset(0));
    const uint8_t found = file[tlv_magic_bytes];
    if (found == 0 || found > version)
        return fail(ErrorCode::unsupported,
                    "the file has version " + std::to_string(found) + ", this agent reads up to " +
                        std::to_string(version),
                    Position::at_offset(tlv_magic_bytes));

    const uint32_t digest_at = TRY(find_seal(file));
    const Sha256 sum = sha256_of(file.first(digest_at));
    if (!std::equal(sum.begin(), sum.end(), file.begin() + digest_at))
        return fail(ErrorCode::corrupt, "the checksum does not hold",
                    Position::at_offset(digest_at));
    return TlvReader(file);
}

std::optional<Tlv> TlvReader::next() {
    if (file_[at_] == tlv_seal_tag) return {};
    Tlv tlv{.tag = file_[at_], .offset = at_};
    const uint32_t length = length_at(file_, at_);
    tlv.value = file_.subspan(at_ + tlv_head_bytes, length);
    at_ += tlv_head_bytes + length;
    return tlv;
}

bool keep_unknown(std::vector<UnknownTag>& unknown, const Tlv& tlv) {
    uint64_t all_bytes = tlv_head_bytes + tlv.value.size();
    for (const UnknownTag& one : unknown)
        all_bytes += tlv_head_bytes + one.value.size();
    if (unknown.size() >= limits::unknown_tags_kept || all_bytes > limits::unknown_tag_bytes)
        return false;
    unknown.push_back({tlv.tag, std::vector<uint8_t>(tlv.value.begin(), tlv.value.end())});
    return true;
}

void put_unknown(TlvWriter& out, std::span<const UnknownTag> unknown) {
    for (const UnknownTag& one : unknown)
        out.put(one.tag, one.value);
}

Status see_once(uint32_t& seen, const Tlv& tlv) {
    const uint32_t bit = 1U << tlv.tag;
    if ((seen & bit) != 0)
        return fail(ErrorCode::malformed, "tag " + std::to_string(tlv.tag) + " is there twice",
                    Position::at_offset(tlv.offset));
    seen |= bit;
    return {};
}

}  // namespace dialtone

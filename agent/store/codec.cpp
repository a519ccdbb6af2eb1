// SPDX-License-Identifier: Apache-2.0
#include "agent/store/codec.h"

#include <algorithm>
#include <cassert>

#include "agent/limits.h"
#include "agent/store/enum_form.h"
#include "agent/store/tlv.h"

namespace dialtone {
namespace {

constexpr std::string_view magic = "DTGN";
constexpr uint8_t version = 1;

enum Tag : uint8_t { number_tag = 1, source_tag, proof_tag, item_tag, digest_tag };
constexpr uint32_t tags_needed = 1U << number_tag | 1U << source_tag | 1U << proof_tag;

// The frame, the origin and the length of the key.
static_assert(item_overhead_bytes == tlv_head_bytes + 1 + 2);

// The largest generation that is ever written can also be read.
constexpr uint32_t digest_bytes =
    tlv_head_bytes + 2 * (2 + limits::file_name_bytes) + sizeof(Sha256);
static_assert(limits::generation_items_bytes + limits::digests_kept * digest_bytes +
                  2 * limits::url_bytes + limits::unknown_tag_bytes + 1024 <=
              limits::generation_bytes);

constexpr EnumForm source_form = {
    .tag = source_tag,
    .first_highest = static_cast<uint8_t>(SourceKind::handset),
    .highest = static_cast<uint8_t>(SourceKind::handset),
    .stands_in = static_cast<uint8_t>(SourceKind::dhcp),
};
constexpr EnumForm proof_form = {
    .tag = proof_tag,
    .first_highest = static_cast<uint8_t>(Proof::tls),
    .highest = static_cast<uint8_t>(Proof::signed_),
    .stands_in = static_cast<uint8_t>(Proof::tls),
};
constexpr auto highest_origin = static_cast<uint8_t>(Origin::operator_);

// A generation on its way out of a file.
struct Reading {
    Generation generation = {};
    uint32_t seen = 0;             // tags that stand there once
    uint8_t origin_read = 0;       // of the last item, as it stands in the file
    uint32_t unknown_origins = 0;  // items that count as a file's
    LaterParts later = {};
};

std::unexpected<Error> refuse(ErrorCode code, std::string detail, const Tlv& tlv) {
    return fail(code, std::move(detail), Position::at_offset(tlv.offset));
}

Status take_number(Reading& reading, const Tlv& tlv) {
    ByteReader in(tlv.value);
    reading.generation.number = in.u32();
    if (!in.whole()) return refuse(ErrorCode::malformed, "the number is not one", tlv);
    return {};
}

Status take_source(Reading& reading, const Tlv& tlv) {
    ByteReader in(tlv.value);
    const uint8_t value = in.u8();
    Source& source = reading.generation.source;
    source.url = in.rest_as_text();
    if (!in.whole()) return refuse(ErrorCode::malformed, "the source is not one", tlv);
    source.kind = static_cast<SourceKind>(first_release_value(source_form, value));
    if (value > source_form.first_highest)
        reading.later.unknown_value("its source", value, source_name(source.kind));
    return {};
}

Status take_proof(Reading& reading, const Tlv& tlv) {
    ByteReader in(tlv.value);
    const uint8_t value = in.u8();
    if (!in.whole()) return refuse(ErrorCode::malformed, "the proof is not one", tlv);
    Proof& proof = reading.generation.proof;
    proof = static_cast<Proof>(first_release_value(proof_form, value));
    if (value > proof_form.first_highest)
        reading.later.unknown_value("its proof", value, proof_name(proof));
    return {};
}

// Items stand in the order of keys and, as far as one key goes, of the origins in the file.
bool in_order(const Reading& reading, const Item& item, uint8_t origin) {
    const std::vector<Item>& items = reading.generation.items;
    if (items.empty()) return true;
    const int keys = std::string_view(items.back().key).compare(item.key);
    return keys < 0 || (keys == 0 && reading.origin_read < origin);
}

Status take_item(Reading& reading, const Tlv& tlv) {
    ByteReader in(tlv.value);
    const uint8_t origin = in.u8();
    Item item;
    item.key = in.short_text();
    item.value = in.rest_as_text();
    if (!in.whole()) return refuse(ErrorCode::malformed, "an item is not one", tlv);
    if (Status fine = check_item(item.key, item.value); !fine)
        return refuse(fine.error().code, std::move(fine.error().detail), tlv);
    if (!in_order(reading, item, origin))
        return refuse(ErrorCode::malformed, "the items are not in order", tlv);
    std::vector<Item>& items = reading.generation.items;
    if (items.size() == limits::config_entries)
        return refuse(ErrorCode::too_big, "there are too many items", tlv);
    reading.origin_read = origin;
    if (origin > highest_origin) {
        if (!items.empty() && items.back().key == item.key) {
            reading.later.dropped_tag();
            return {};
        }
        ++reading.unknown_origins;
    }
    item.origin = origin > highest_origin ? Origin::file : static_cast<Origin>(origin);
    items.push_back(std::move(item));
    return {};
}

Status take_digest(Reading& reading, const Tlv& tlv) {
    ByteReader in(tlv.value);
    FileDigest digest;
    digest.role = in.short_text();
    digest.name = in.short_text();
    const auto sum = in.bytes(sizeof(Sha256));
    if (!in.whole()) return refuse(ErrorCode::malformed, "a digest is not one", tlv);
    std::copy(sum.begin(), sum.end(), digest.sha256.begin());
    if (digest.role.size() > limits::file_name_bytes ||
        digest.name.size() > limits::file_name_bytes) {
        reading.later.dropped_tag();
        return {};
    }
    if (reading.generation.digest(digest.role, digest.name) != nullptr)
        return refuse(ErrorCode::malformed, "a file has two digests", tlv);
    std::vector<FileDigest>& digests = reading.generation.digests;
    digests.push_back(std::move(digest));
    if (digests.size() > limits::digests_kept) {
        digests.erase(digests.begin());
        reading.later.dropped_tag();
    }
    return {};
}

Status take_tag(Reading& reading, const Tlv& tlv) {
    switch (tlv.tag) {
        case number_tag:
            TRY(see_once(reading.seen, tlv));
            return take_number(reading, tlv);
        case source_tag:
            TRY(see_once(reading.seen, tlv));
            return take_source(reading, tlv);
        case proof_tag:
            TRY(see_once(reading.seen, tlv));
            return take_proof(reading, tlv);
        case item_tag:
            return take_item(reading, tlv);
        case digest_tag:
            return take_digest(reading, tlv);
        default:
            if (!keep_unknown(reading.generation.unknown, tlv)) reading.later.dropped_tag();
            return {};
    }
}

void take_later_values(Generation& generation) {
    const uint32_t stamp = generation.number;
    if (const auto kind = take_later_value(generation.unknown, source_form, stamp))
        generation.source.kind = static_cast<SourceKind>(*kind);
    if (const auto proof = take_later_value(generation.unknown, proof_form, stamp))
        generation.proof = static_cast<Proof>(*proof);
}
}  // namespace

std::vector<uint8_t> encode_generation(const Generation& generation) {
    assert(std::is_sorted(generation.items.begin(), generation.items.end(), stands_before));
    TlvWriter out(magic, version);
    out.put(number_tag, ByteWriter().u32(generation.number).view());
    const auto kind = static_cast<uint8_t>(generation.source.kind);
    const uint8_t first_kind = first_release_value(source_form, kind);
    out.put(source_tag, ByteWriter().u8(first_kind).text(generation.source.url).view());
    const auto proof = static_cast<uint8_t>(generation.proof);
    out.put(proof_tag, ByteWriter().u8(first_release_value(proof_form, proof)).view());
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
    put_later_value(out, source_form, kind, generation.number);
    put_later_value(out, proof_form, proof, generation.number);
    put_unknown(out, generation.unknown);
    return out.seal();
}

Result<Generation> decode_generation(std::span<const uint8_t> bytes, std::string* remark) {
    TlvReader in = TRY(TlvReader::open(bytes, magic, version, limits::generation_bytes));
    Reading reading;
    while (const auto tlv = in.next())
        TRY(take_tag(reading, *tlv));
    if (reading.seen != tags_needed)
        return fail(ErrorCode::malformed, "the number, the source or the proof is not there");
    take_later_values(reading.generation);
    if (reading.unknown_origins > 0)
        reading.later.add("the origin of " + std::to_string(reading.unknown_origins) +
                          " of its values is not known and counts as file");
    if (remark != nullptr) *remark = reading.later.words();
    return std::move(reading.generation);
}

}  // namespace dialtone

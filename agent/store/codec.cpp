// SPDX-License-Identifier: Apache-2.0
#include "agent/store/codec.h"

#include <algorithm>
#include <cassert>

#include "agent/limits.h"
#include "agent/store/tlv.h"

namespace dialtone {
namespace {

constexpr std::string_view magic = "DTGN";
constexpr uint8_t version = 1;

enum Tag : uint8_t { number_tag = 1, source_tag, proof_tag, item_tag, digest_tag };
constexpr uint32_t tags_needed = 1U << number_tag | 1U << source_tag | 1U << proof_tag;

// The frame, the origin and the length of the key.
static_assert(item_overhead_bytes == tlv_head_bytes + 1 + 2);

std::unexpected<Error> refuse(ErrorCode code, std::string detail, const Tlv& tlv) {
    return fail(code, std::move(detail), Position::at_offset(tlv.offset));
}

Status take_source(Generation& generation, const Tlv& tlv) {
    ByteReader in(tlv.value);
    const uint8_t kind = in.u8();
    generation.source.url = in.rest_as_text();
    if (!in.whole() || kind > static_cast<uint8_t>(SourceKind::handset))
        return refuse(ErrorCode::malformed, "the source is not one", tlv);
    generation.source.kind = static_cast<SourceKind>(kind);
    return {};
}

Status take_proof(Generation& generation, const Tlv& tlv) {
    ByteReader in(tlv.value);
    const uint8_t proof = in.u8();
    if (!in.whole() || proof > static_cast<uint8_t>(Proof::tls))
        return refuse(ErrorCode::malformed, "the proof is not one", tlv);
    generation.proof = static_cast<Proof>(proof);
    return {};
}

Status take_item(Generation& generation, const Tlv& tlv) {
    ByteReader in(tlv.value);
    const uint8_t origin = in.u8();
    Item item;
    item.key = in.short_text();
    item.value = in.rest_as_text();
    if (!in.whole() || origin > static_cast<uint8_t>(Origin::operator_))
        return refuse(ErrorCode::malformed, "an item is not one", tlv);
    item.origin = static_cast<Origin>(origin);
    if (Status fine = check_item(item.key, item.value); !fine)
        return refuse(fine.error().code, std::move(fine.error().detail), tlv);
    if (!generation.items.empty() && !stands_before(generation.items.back(), item))
        return refuse(ErrorCode::malformed, "the items are not in order", tlv);
    if (generation.items.size() == limits::config_entries)
        return refuse(ErrorCode::too_big, "there are too many items", tlv);
    generation.items.push_back(std::move(item));
    return {};
}

Status take_digest(Generation& generation, const Tlv& tlv) {
    ByteReader in(tlv.value);
    FileDigest digest;
    digest.role = in.short_text();
    digest.name = in.short_text();
    const auto sum = in.bytes(sizeof(Sha256));
    if (!in.whole()) return refuse(ErrorCode::malformed, "a digest is not one", tlv);
    std::copy(sum.begin(), sum.end(), digest.sha256.begin());
    if (digest.role.size() > limits::file_name_bytes ||
        digest.name.size() > limits::file_name_bytes)
        return refuse(ErrorCode::too_big, "the name of a digest is too long", tlv);
    if (generation.digest(digest.role, digest.name) != nullptr)
        return refuse(ErrorCode::malformed, "a file has two digests", tlv);
    if (generation.digests.size() == limits::digests_kept)
        return refuse(ErrorCode::too_big, "there are too many digests", tlv);
    generation.digests.push_back(std::move(digest));
    return {};
}

Status take_tag(Generation& generation, uint32_t& seen, const Tlv& tlv) {
    switch (tlv.tag) {
        case number_tag: {
            TRY(see_once(seen, tlv));
            ByteReader in(tlv.value);
            generation.number = in.u32();
            if (!in.whole()) return refuse(ErrorCode::malformed, "the number is not one", tlv);
            return {};
        }
        case source_tag:
            TRY(see_once(seen, tlv));
            return take_source(generation, tlv);
        case proof_tag:
            TRY(see_once(seen, tlv));
            return take_proof(generation, tlv);
        case item_tag:
            return take_item(generation, tlv);
        case digest_tag:
            return take_digest(generation, tlv);
        default:
            return keep_unknown(generation.unknown, tlv);
    }
}

}  // namespace

std::vector<uint8_t> encode_generation(const Generation& generation) {
    assert(std::is_sorted(generation.items.begin(), generation.items.end(), stands_before));
    TlvWriter out(magic, version);
    out.put(number_tag, ByteWriter().u32(generation.number).view());
    const auto kind = static_cast<uint8_t>(generation.source.kind);
    out.put(source_tag, ByteWriter().u8(kind).text(generation.source.url).view());
    out.put(proof_tag, ByteWriter().u8(static_cast<uint8_t>(generation.proof)).view());
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
    put_unknown(out, generation.unknown);
    return out.seal();
}

Result<Generation> decode_generation(std::span<const uint8_t> bytes) {
    TlvReader in = TRY(TlvReader::open(bytes, magic, version, limits::generation_bytes));
    Generation generation;
    uint32_t seen = 0;
    while (const auto tlv = in.next())
        TRY(take_tag(generation, seen, *tlv));
    if (seen != tags_needed)
        return fail(ErrorCode::malformed, "the number, the source or the proof is not there");
    return generation;
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the two copies of the boot record: as they are, and as what lies inside copies
// whose checksum is right. Whatever they hold, one answer comes out, and never the choice to
// write over the copy that counts.
#include <cstdint>
#include <cstdlib>

#include "agent/store/record.h"
#include "agent/store/tlv.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

void try_copy(std::span<const uint8_t> copy) {
    const auto record = decode_record(copy);
    if (!record) {
        demand(!record.error().detail.empty());
        return;
    }
    const auto again = decode_record(encode_record(*record));
    demand(again.has_value());
    demand(*again == *record);
}

void try_choice(std::span<const uint8_t> first, std::span<const uint8_t> second) {
    const std::span<const uint8_t> copies[] = {first, second};
    const RecordChoice choice = choose_record(copies);
    demand(choice.next_copy < limits::record_copies);
    demand(choice.broken <= limits::record_copies);
    const auto kept = decode_record(copies[choice.next_copy ^ 1U]);
    demand(kept ? *kept == choice.record : choice.record == Record{});
}

std::vector<uint8_t> sealed_copy(ByteReader& in) {
    TlvWriter out("DTRC", 1);
    while (const uint8_t tag = in.u8()) {
        if (tag != tlv_seal_tag) out.put(tag, in.bytes(in.u8()));
    }
    return out.seal();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::span<const uint8_t> bytes(data, size);
    try_copy(bytes);
    try_choice(bytes.first(size / 2), bytes.subspan(size / 2));

    ByteReader in(bytes);
    const std::vector<uint8_t> first = sealed_copy(in);
    const std::vector<uint8_t> second = sealed_copy(in);
    try_copy(first);
    try_choice(first, second);
    try_choice(first, bytes);
    try_choice(bytes, second);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the file of a generation. As nearly all of them fail at the checksum, they are also
// taken for what lies inside a file whose checksum is right. What can be read is written and read
// again without a change.
#include <cstdint>
#include <cstdlib>

#include "agent/generation.h"
#include "agent/store/codec.h"
#include "agent/store/tlv.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

void try_file(std::span<const uint8_t> file) {
    const auto generation = decode_generation(file);
    if (!generation) {
        demand(!generation.error().detail.empty());
        demand(generation.error().where.number <= file.size());
        return;
    }
    const std::vector<uint8_t> once = encode_generation(*generation);
    const auto again = decode_generation(once);
    demand(again.has_value());
    demand(again->number == generation->number && again->same_meaning(*generation));
    demand(again->unknown == generation->unknown);
    demand(encode_generation(*again) == once);

    for (const Item& item : generation->items) {
        demand(generation->find(item.key, item.origin) == &item);
        demand(generation->find(item.key)->origin >= item.origin);
    }
    demand(changed_keys(*generation, *again).empty());
    for (const KeyChange& change : changed_keys(Generation{}, *generation))
        demand(generation->find(change.key)->value == change.value);
    demand(key_value_lines(*generation).empty() == generation->items.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    try_file({data, size});

    ByteReader in({data, size});
    TlvWriter out("DTGN", 1);
    while (const uint8_t tag = in.u8()) {
        if (tag != tlv_seal_tag) out.put(tag, in.bytes(in.u16()));
    }
    try_file(out.seal());
    return 0;
}

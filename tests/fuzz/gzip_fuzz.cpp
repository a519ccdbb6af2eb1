// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as gzip: the decoder gives what zlib gives and refuses what zlib refuses, in whatever
// pieces the bytes come, and never more at a time than it was allowed to. The first byte of the
// input says how large the pieces are.
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "agent/transfer/gzip.h"

using namespace dialtone;

namespace {

constexpr size_t decoded_at_most = 1024 * 1024;
constexpr uint8_t header_check_flag = 0x02;  // zlib compares that sum, too

void demand(bool holds) {
    if (!holds) std::abort();
}

struct Decoded {
    bool holds = true;
    bool is_whole = false;
    std::vector<uint8_t> bytes = {};
};

Decoded decoded(std::span<const uint8_t> input, size_t piece_bytes, size_t room) {
    const auto decoder = std::make_unique<GzipDecoder>();
    Decoded result;
    while (!input.empty() && result.bytes.size() < decoded_at_most) {
        const auto piece = input.first(std::min(piece_bytes, input.size()));
        input = input.subspan(piece.size());
        decoder->give(piece);
        do {
            const size_t before = result.bytes.size();
            result.holds = decoder->decode(room, result.bytes);
            demand(result.bytes.size() - before <= room);
            if (!result.holds) return result;
        } while (decoder->has_more() && result.bytes.size() < decoded_at_most);
    }
    result.is_whole = decoder->is_whole();
    return result;
}

// One member after the other, as gzip(1) reads them.
Decoded decoded_by_zlib(std::span<const uint8_t> input) {
    Decoded result;
    z_stream stream = {};
    demand(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
    stream.next_in = const_cast<uint8_t*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    result.is_whole = input.empty();
    while (stream.avail_in > 0 && result.bytes.size() < decoded_at_most) {
        uint8_t room[4096];
        stream.next_out = room;
        stream.avail_out = sizeof room;
        const int made = inflate(&stream, Z_NO_FLUSH);
        result.bytes.insert(result.bytes.end(), room, room + sizeof room - stream.avail_out);
        result.is_whole = made == Z_STREAM_END;
        if (made == Z_STREAM_END) {
            if (stream.avail_in == 0 || *stream.next_in != 0x1f) break;
            inflateReset(&stream);
        } else if (made != Z_OK) {
            result.holds = made == Z_BUF_ERROR;
            break;
        }
    }
    inflateEnd(&stream);
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const std::span<const uint8_t> input(data + 1, size - 1);
    const Decoded whole = decoded(input, SIZE_MAX, 16 * 1024);
    const Decoded pieces = decoded(input, size_t{data[0]} + 1, 7);
    const Decoded expected = decoded_by_zlib(input);
    if (whole.bytes.size() >= decoded_at_most || pieces.bytes.size() >= decoded_at_most) return 0;
    demand(whole.holds == pieces.holds && whole.is_whole == pieces.is_whole);
    demand(whole.bytes == pieces.bytes);
    const size_t both = std::min(whole.bytes.size(), expected.bytes.size());
    demand(std::equal(whole.bytes.begin(), whole.bytes.begin() + static_cast<ptrdiff_t>(both),
                      expected.bytes.begin()));
    const bool has_header_check = input.size() > 3 && (input[3] & header_check_flag) != 0;
    if (expected.holds && expected.is_whole) {
        demand(whole.holds && whole.is_whole && whole.bytes == expected.bytes);
    } else if (!has_header_check) {
        demand(!whole.holds || !whole.is_whole);
    }
    return 0;
}

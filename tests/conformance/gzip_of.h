// SPDX-License-Identifier: Apache-2.0
//
// Bytes in gzip as servers make it: by zlib.
#pragma once

#include <zlib.h>

#include <string>

namespace dialtone {

inline std::string gzip_of(const std::string& text, int level = Z_DEFAULT_COMPRESSION) {
    z_stream stream = {};
    if (deflateInit2(&stream, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return {};
    std::string bytes(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
    stream.avail_out = static_cast<uInt>(bytes.size());
    deflate(&stream, Z_FINISH);
    bytes.resize(stream.total_out);
    deflateEnd(&stream);
    return bytes;
}

}  // namespace dialtone

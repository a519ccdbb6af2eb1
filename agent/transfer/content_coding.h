// SPDX-License-Identifier: Apache-2.0
//
// The field Content-Encoding of an HTTP answer (RFC 9110 8.4). Requests ask for "identity", and
// there are servers that compress all the same. Called by the worlds.
#pragma once

#include <cstdint>
#include <string_view>

namespace dialtone {

enum class ContentCoding : uint8_t {
    none,   // the body is the file
    gzip,   // GzipDecoder makes the file of it
    other,  // nothing here makes the file of it: another coding, or more than one
};

// `fields`: the values of all such fields, with commas between them. What is no known coding is
// taken for none: charsets and the like stand in this field by mistake, and the file is as it is.
// With the type of a gzip file the file itself is compressed and meant to stay so.
ContentCoding content_coding(std::string_view fields, std::string_view content_type);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/content_coding.h"

#include <doctest/doctest.h>

using namespace dialtone;

namespace {

struct Row {
    std::string_view fields;
    std::string_view type;
    ContentCoding coding;
};

TEST_CASE("what Content-Encoding says decides how a body is read") {
    using enum ContentCoding;
    const Row rows[] = {
        {"", "", none},
        {"identity", "", none},
        {"gzip", "", gzip},
        {"GZip", "text/xml", gzip},
        {" x-gzip ", "text/xml", gzip},
        {"identity, gzip", "", gzip},
        {"gzip,,", "", gzip},
        {"deflate", "", other},
        {"br", "", other},
        {"zstd", "", other},
        {"compress", "", other},
        {"X-Compress", "", other},
        {"dcb", "", other},
        {"gzip, br", "", other},
        {"gzip, gzip", "", other},
        {"br, x-gzip", "application/gzip", other},
        // What is no coding at all.
        {"utf-8", "", none},
        {"aws-chunked", "", none},
        {"none, binary", "", none},
        {"utf-8, gzip", "", gzip},
        {"gzipped", "", none},
        {"gz ip", "", none},
        {",,,", "", none},
        // A file that is gzip itself.
        {"gzip", "application/gzip", none},
        {"gzip", "Application/X-GZIP; q=1", none},
        {"", "application/gzip", none},
    };
    for (const Row& row : rows) {
        CAPTURE(row.fields);
        CAPTURE(row.type);
        CHECK(content_coding(row.fields, row.type) == row.coding);
    }
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/content_range.h"

#include <doctest/doctest.h>

using namespace dialtone;

namespace {

bool is(const ContentRange& range, int64_t first, int64_t last, int64_t total) {
    return range.first == first && range.last == last && range.total == total;
}

}  // namespace

TEST_CASE("Content-Range says which part of how much") {
    CHECK(is(parse_content_range("bytes 0-0/1"), 0, 0, 1));
    CHECK(is(parse_content_range("bytes 40-99/100"), 40, 99, 100));
    CHECK(is(parse_content_range("Bytes 40-99/*"), 40, 99, -1));
    CHECK(is(parse_content_range("bytes */100"), -1, -1, 100));
}

TEST_CASE("bad input: a Content-Range that cannot be says nothing") {
    const char* fields[] = {"",
                            "bytes",
                            "bytes ",
                            "bytes 0-0",
                            "bytes 5-4/10",
                            "bytes 5-/9",
                            "bytes -5/9",
                            "bytes 0-10/10",
                            "bytes 0-1/x",
                            "bytes +0-1/9",
                            "bytes 0-1/",
                            "items 0-1/9",
                            "bytes 0-1/9, 2",
                            "bytes -1--1/9",
                            "bytes 0 - 1/9",
                            "bytes *",
                            "bytes 0-1/-1",
                            "bytes */",
                            "bytes 0x1-2/99",
                            "bytes=0-1/9",
                            "bytes 99999999999999999999-99999999999999999999/*"};
    for (const char* field : fields) {
        CAPTURE(field);
        const ContentRange range = parse_content_range(field);
        CHECK(range.first == -1);
        CHECK(range.last == -1);
    }
}

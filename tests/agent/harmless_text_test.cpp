// SPDX-License-Identifier: Apache-2.0
#include "agent/harmless_text.h"

#include <doctest/doctest.h>

using namespace dialtone;

TEST_CASE("what people write is shown as it is") {
    for (const char* text : {"front desk", "caf\xc3\xa9", "\xe5\x8f\xb0", "\xf0\x9f\x98\x80",
                             "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"})
        CHECK(harmless(text) == text);
}

TEST_CASE("bad input: what controls a terminal or turns a line around is escaped") {
    struct Row {
        std::string_view text;
        std::string_view shown;
    };
    constexpr Row rows[] = {
        {"a\x1b[2Jb", "a\\x1B[2Jb"},
        {"a\x7f", "a\\x7F"},
        {"a\tb\nc\r", "a\\tb\\nc\\r"},
        {"a\xc2\x9b", "a\\xC2\\x9B"},         // C1: CSI
        {"\xe2\x80\xae", "\\xE2\\x80\\xAE"},  // right-to-left override
        {"\xe2\x81\xa6", "\\xE2\\x81\\xA6"},  // an isolate
        {"\xe2\x80\xa8", "\\xE2\\x80\\xA8"},  // line separator
        {"\x9b", "\\x9B"},
        {"\xc3", "\\xC3"},
    };
    for (const Row& row : rows)
        CHECK(harmless(row.text) == row.shown);
}

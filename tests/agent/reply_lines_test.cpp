// SPDX-License-Identifier: Apache-2.0
#include "agent/reply_lines.h"

#include <doctest/doctest.h>

#include "agent/limits.h"

using namespace dialtone;

TEST_CASE("lines within their bounds stay as they are") {
    const std::vector<std::string> lines(limits::reply_lines,
                                         std::string(limits::reply_line_bytes, 'x'));
    CHECK(bounded_lines(lines) == lines);
    CHECK(bounded_lines({}).empty());
    CHECK(bounded_lines({"", "gr\xc3\xbc\xc3\x9f"})[1] == "gr\xc3\xbc\xc3\x9f");
}

TEST_CASE("a line is one line, whatever was in it") {
    CHECK(bounded_lines({"a\nb\r\tc\x7f"})[0] == "a b  c ");
}

TEST_CASE("a line over its bound is cut between two letters, and shows it") {
    const std::string filler(limits::reply_line_bytes - 4, 'x');
    CHECK(bounded_lines({filler + "\xc3\xbcyyyy"})[0] == filler + "...");
    CHECK(bounded_lines({filler + "y\xc3\xbcyyyy"})[0] == filler + "y...");
}

TEST_CASE("lines over their number are left out, and the last one says how many") {
    const std::vector<std::string> lines(limits::reply_lines + 5, "x");
    const auto bounded = bounded_lines(lines);
    CHECK(bounded.size() == limits::reply_lines);
    CHECK(bounded.back() == "... and 6 more lines");
}

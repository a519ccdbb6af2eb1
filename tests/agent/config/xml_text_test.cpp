// SPDX-License-Identifier: Apache-2.0
#include "agent/config/xml_text.h"

#include <doctest/doctest.h>

using namespace dialtone;

TEST_CASE("what XML has no place for is written as a question mark") {
    CHECK(xml_escaped(std::string_view("a\0b\x01\x1F\x7F", 6)) == "a?b??\x7F");
    CHECK(xml_escaped("\xFF\xC3(\xED\xA0\x80") ==
          "?"
          "?("
          "?"
          "?"
          "?");
    CHECK(xml_escaped("\xEF\xBF\xBE\xEF\xBF\xBF\xEF\xBF\xBD") == "??\xEF\xBF\xBD");
}

// SPDX-License-Identifier: Apache-2.0
#include "agent/config/utf8.h"

#include <doctest/doctest.h>

using namespace dialtone;

TEST_CASE("text of all UTF-8 lengths is valid to its end") {
    for (const std::string_view text :
         {"", "plain ASCII of more than eight bytes", "M\xC3\xBCller", "\xE2\x82\xAC 5",
          "\xF0\x9F\x93\x9E", "\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF"}) {
        CHECK(valid_utf8_bytes(text) == text.size());
    }
}

TEST_CASE("overlong forms, surrogates, cut characters and bytes over F4 are not UTF-8") {
    for (const std::string_view bad :
         {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80", "\xFF", "\xC3", "\xE2\x82",
          "\xE2\x28\xA1", "\xF0\x9F\x93"}) {
        CAPTURE(bad.size());
        CHECK(valid_utf8_bytes(std::string("12345678") + std::string(bad)) == 8);
    }
}

TEST_CASE("ISO 8859-1 becomes UTF-8 character by character") {
    CHECK(utf8_from_latin1("M\xFCller \x80\xFF") == "M\xC3\xBCller \xC2\x80\xC3\xBF");
}

TEST_CASE("foreign text is shown cut at a whole character") {
    CHECK(shown("short") == "short");
    CHECK(shown(std::string(39, 'a') + "\xC3\xBC") == std::string(39, 'a'));
    CHECK(shown("ab\xFF") == "ab");
}

// SPDX-License-Identifier: Apache-2.0
#include "agent/text.h"

#include <doctest/doctest.h>

using namespace dialtone;

TEST_CASE("letters are ASCII, and only they change their case") {
    CHECK(lowered("Content-TYPE 1[Z]") == "content-type 1[z]");
    CHECK(lower('\xC4') == '\xC4');
    CHECK(is_letter('Z'));
    CHECK_FALSE(is_letter('['));
    CHECK_FALSE(is_letter('@'));
    CHECK(is_digit('0'));
    CHECK_FALSE(is_digit(':'));
}

TEST_CASE("controls are C0 and DEL") {
    CHECK(is_control('\t'));
    CHECK(is_control('\x7F'));
    CHECK_FALSE(is_control(' '));
    CHECK_FALSE(is_control('\x80'));
}

TEST_CASE("texts are compared without case, whole or from their beginning") {
    CHECK(equals_without_case("TSize", "tsize"));
    CHECK_FALSE(equals_without_case("tsize", "tsize "));
    CHECK(begins_without_case("<!DOCTYPE html>", "<!doctype"));
    CHECK_FALSE(begins_without_case("<!doc", "<!doctype"));
    CHECK(begins_without_case("any", ""));
}

TEST_CASE("blanks at both ends are trimmed, those within stay") {
    CHECK(trimmed(" \ta b\t ") == "a b");
    CHECK(trimmed(" \t").empty());
    CHECK(trimmed("a\r") == "a\r");
    CHECK(trimmed("a \r", " \r") == "a");
}

TEST_CASE("pieces are taken up to the separator, the last one to the end") {
    std::string_view text = "a,,b";
    CHECK(take_piece(text, ',') == "a");
    CHECK(take_piece(text, ',').empty());
    CHECK(take_piece(text, ',') == "b");
    CHECK(text.empty());
    CHECK(take_piece(text, ',').empty());
}

TEST_CASE("a bare name says no place and means nothing to a shell") {
    for (const std::string_view name : {"a", "ring.wav", "0", "A-b_c+d.1"})
        CHECK(is_bare_name(name));
    for (const std::string_view name :
         {"", ".", "..", ".a", "-a", "a/b", "a b", "$a", "a\n", "\xC3\xBC"})
        CHECK(!is_bare_name(name));
}

TEST_CASE("printable is what has a sign or is a blank") {
    CHECK(is_printable("4 Tone File ~"));
    CHECK(is_printable(""));
    for (const std::string_view text : {"\t", "a\x7F", "\xC3\xBC"})
        CHECK(!is_printable(text));
}

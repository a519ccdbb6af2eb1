// SPDX-License-Identifier: Apache-2.0
#include "agent/config/xml_encoding.h"

#include <doctest/doctest.h>

#include <string>

using namespace dialtone;

namespace {

std::string declared(std::string_view name) {
    return "<?xml version=\"1.0\" encoding = \"" + std::string(name) + "\"?>\n";
}

}  // namespace

TEST_CASE("text in UTF-8 stays as it is, whether it says so or not") {
    for (const std::string& head : {std::string(), declared("UTF-8"), declared("utf8")}) {
        std::string converted;
        const std::string text = head + "<a>M\xC3\xBCller</a>";
        const auto utf8 = xml_as_utf8(text, converted);
        REQUIRE(utf8);
        CHECK(*utf8 == text);
        CHECK(converted.empty());
    }
}

TEST_CASE("text that declares ISO 8859-1 or windows-1252 is converted") {
    for (const std::string_view name : {"ISO-8859-1", "iso-8859-1", "windows-1252"}) {
        const std::string head = declared(name);
        std::string converted;
        const auto utf8 = xml_as_utf8(head + "<a>M\xFCller</a>", converted);
        REQUIRE(utf8);
        CHECK(*utf8 == head + "<a>M\xC3\xBCller</a>");
    }
    std::string converted;
    const auto utf8 = xml_as_utf8(declared("windows-1252") + "\x80\x99\x81", converted);
    REQUIRE(utf8);
    CHECK(utf8->ends_with("\xE2\x82\xAC\xE2\x84\xA2\xEF\xBF\xBD"));
}

TEST_CASE("the declaration is found behind blanks and comments") {
    for (const std::string_view before : {"\n", "\xEF\xBB\xBF", "<!-- by hand -->\n"}) {
        std::string converted;
        const auto utf8 =
            xml_as_utf8(std::string(before) + declared("ISO-8859-1") + "\xFC", converted);
        REQUIRE(utf8);
        CHECK(utf8->ends_with("\xC3\xBC"));
    }
}

TEST_CASE("a text of ASCII may declare any encoding") {
    std::string converted;
    const std::string text = declared("GBK") + "<a>x</a>";
    CHECK(xml_as_utf8(text, converted) == text);
}

TEST_CASE("bad input: another encoding is refused by its name, also where its bytes are UTF-8") {
    for (const std::string_view bytes : {"\xC7\xB0\xCC\xA8", "\xC4\xE3\xBA\xC3"}) {
        std::string converted;
        const auto utf8 = xml_as_utf8("\n" + declared("GBK") + std::string(bytes), converted);
        REQUIRE(!utf8);
        CHECK(utf8.error().code == ErrorCode::unsupported);
        CHECK(utf8.error().where == Position::at_line(2));
        CHECK(utf8.error().detail.find("GBK") != std::string::npos);
    }
}

TEST_CASE("bad input: bytes that are not UTF-8 are refused with their line") {
    for (const std::string_view head :
         {"<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<?xml version=\"1.0\"?>", "<!-- -->",
          "<?xml encoding?>"}) {
        CAPTURE(head);
        std::string converted;
        const auto utf8 = xml_as_utf8(std::string(head) + "\n<a>M\xFCller</a>", converted);
        REQUIRE(!utf8);
        CHECK(utf8.error().code == ErrorCode::malformed);
        CHECK(utf8.error().where == Position::at_line(2));
    }
}

// SPDX-License-Identifier: Apache-2.0
#include "agent/config/xml_text.h"

#include <doctest/doctest.h>

#include <string>

#include "agent/limits.h"

using namespace dialtone;

namespace {

struct Case {
    std::string_view text;
    ErrorCode code;
    uint32_t line;
};

void refuses(std::initializer_list<Case> cases) {
    for (const Case& bad : cases) {
        CAPTURE(bad.text);
        const auto status = check_xml(bad.text);
        REQUIRE(!status);
        CHECK(error_code_name(status.error().code) == error_code_name(bad.code));
        CHECK(status.error().where == Position::at_line(bad.line));
        CHECK(!status.error().detail.empty());
    }
}

std::string nested(uint32_t depth) {
    std::string text;
    for (uint32_t i = 0; i < depth; ++i)
        text += "<a>";
    for (uint32_t i = 0; i < depth; ++i)
        text += "</a>";
    return text;
}

}  // namespace

TEST_CASE("what a text may have in it is the caller's to say") {
    const std::string_view text = "<a b='1' c=\"2>\"><d e=''/><d/></a>";
    CHECK(check_xml(text, {.depth = 2, .elements = 3, .attributes = 3}) == 3);
    CHECK(!check_xml(text, {.depth = 1, .elements = 3, .attributes = 3}));
    CHECK(!check_xml(text, {.depth = 2, .elements = 2, .attributes = 3}));
    CHECK(!check_xml(text, {.depth = 2, .elements = 3, .attributes = 2}));
}

TEST_CASE("well-formed XML passes with all that may stand in it") {
    for (const std::string_view good : {
             "<a/>",
             "<a></a>",
             "\xEF\xBB\xBF<?xml version=\"1.0\"?>\r\n<!-- - -> & < --><a b='>' c=\"'/>\" />\n",
             "<a><b>x &amp; y</b ><![CDATA[ <not & a tag> ]]><!----><c d='1'/></a><!-- end -->",
             "<!DOCTYPE a><a>&lt;&gt;&quot;&apos;&#65;&#x41;&#x1F4DE;</a>",
             "<a>\x7F M\xC3\xBCller</a>",
         }) {
        CAPTURE(good);
        CHECK(check_xml(good));
    }
}

TEST_CASE("the elements of a text are counted") {
    const auto elements = check_xml("<a><b/><!-- <c/> --><d><e></e></d></a>");
    REQUIRE(elements);
    CHECK(*elements == 4);
}

TEST_CASE("bad input: XML whose tags do not match is refused with the line of the fault") {
    refuses({{"<a>\n</b>", ErrorCode::malformed, 2},
             {"<a>\n<b>\n</a>", ErrorCode::malformed, 3},
             {"</a>", ErrorCode::malformed, 1},
             {"<a></a>\n</a>", ErrorCode::malformed, 2},
             {"<a <b/></a>", ErrorCode::malformed, 1},
             {"<a></a x='1'>", ErrorCode::malformed, 1},
             {"<a>\n1 < 2</a>", ErrorCode::malformed, 2},
             {"<a><1/></a>", ErrorCode::malformed, 1},
             {"<a><!ELEMENT b></a>", ErrorCode::malformed, 1}});
}

TEST_CASE("bad input: XML that ends early is refused as truncated") {
    refuses({{"<a>\n<b>text\n\n", ErrorCode::truncated, 2},
             {"<a>\n<b", ErrorCode::truncated, 2},
             {"<a>\n<", ErrorCode::truncated, 2},
             {"<a></", ErrorCode::truncated, 1},
             {"<a></a", ErrorCode::truncated, 1},
             {"<a b='1>", ErrorCode::truncated, 1},
             {"<a><!-- ", ErrorCode::truncated, 1},
             {"<a><!-->", ErrorCode::truncated, 1},
             {"<a><![CDATA[x]]", ErrorCode::truncated, 1},
             {"<?xml version=\"1.0\"", ErrorCode::truncated, 1},
             {"<?xml version=\"1.0\"?>", ErrorCode::truncated, 1},
             {"<!DOCTYPE a", ErrorCode::truncated, 1},
             {"", ErrorCode::truncated, 1}});
}

TEST_CASE("bad input: several roots and text outside the root are refused") {
    refuses({{"<a/>\n<a/>", ErrorCode::malformed, 2},
             {"<a></a>\n\nmore", ErrorCode::malformed, 3},
             {"before <a/>", ErrorCode::malformed, 1},
             {"<a/><![CDATA[x]]>", ErrorCode::malformed, 1},
             {"<a/>&amp;", ErrorCode::malformed, 1},
             {"<a/><!DOCTYPE a>", ErrorCode::malformed, 1}});
}

TEST_CASE("bad input: XML that declares entities is refused as unsupported") {
    refuses({{"<?xml version=\"1.0\"?>\n<!DOCTYPE a [\n<!ENTITY b \"c\">]>\n<a>&b;</a>",
              ErrorCode::unsupported, 2}});
}

TEST_CASE("bad input: references to nothing and a lone ampersand are refused") {
    refuses({{"<a>\n&nbsp;</a>", ErrorCode::malformed, 2},
             {"<a>b & c</a>", ErrorCode::malformed, 1},
             {"<a>b&c=1;</a>", ErrorCode::malformed, 1},
             {"<a>&</a>", ErrorCode::malformed, 1},
             {"<a>&;</a>", ErrorCode::malformed, 1},
             {"<a>&#;</a>", ErrorCode::malformed, 1},
             {"<a>&#x;</a>", ErrorCode::malformed, 1},
             {"<a>&#0;</a>", ErrorCode::malformed, 1},
             {"<a>&#8;</a>", ErrorCode::malformed, 1},
             {"<a>&#4A;</a>", ErrorCode::malformed, 1},
             {"<a>&#xD800;</a>", ErrorCode::malformed, 1},
             {"<a>&#x110000;</a>", ErrorCode::malformed, 1},
             {"<a>&#xFFFFFFFF;</a>", ErrorCode::malformed, 1}});
}

TEST_CASE("bad input: NUL and other control characters in XML are refused wherever they stand") {
    for (const char control : {'\0', '\x01', '\x08', '\x0C', '\x1B'}) {
        std::string text = "<a b='1'>\n<!-- --> x <![CDATA[ ]]></a>\n";
        for (uint32_t at = 0; at <= text.size(); ++at) {
            std::string bad = text;
            bad.insert(at, 1, control);
            const auto status = check_xml(bad);
            REQUIRE(!status);
            CHECK(status.error().code == ErrorCode::malformed);
        }
    }
}

TEST_CASE("bad input: XML nested over the limit is refused, at the limit it passes") {
    CHECK(check_xml(nested(limits::config_depth)));
    const auto status = check_xml(nested(limits::config_depth + 1));
    REQUIRE(!status);
    CHECK(status.error().code == ErrorCode::too_big);
    CHECK(!check_xml(nested(100'000)));
}

TEST_CASE("bad input: XML with too many elements is refused") {
    std::string text = "<a>";
    for (uint32_t i = 1; i < limits::config_elements; ++i)
        text += "<b/>";
    CHECK(check_xml(text + "</a>"));
    const auto status = check_xml(text + "<b/></a>");
    REQUIRE(!status);
    CHECK(status.error().code == ErrorCode::too_big);
}

TEST_CASE("UTF-8 text stays as it is, whatever it declares") {
    std::string converted;
    const std::string_view text = "<?xml version='1.0' encoding='ISO-8859-1'?><a>M\xC3\xBCller</a>";
    const auto utf8 = xml_as_utf8(text, converted);
    REQUIRE(utf8);
    CHECK(*utf8 == text);
    CHECK(converted.empty());
}

TEST_CASE("text that declares ISO 8859-1 is converted") {
    for (const std::string_view name : {"ISO-8859-1", "iso-8859-1"}) {
        const std::string head = "<?xml version=\"1.0\" encoding = \"" + std::string(name) + "\"?>";
        std::string converted;
        const auto utf8 = xml_as_utf8(head + "<a>M\xFCller</a>", converted);
        REQUIRE(utf8);
        CHECK(*utf8 == head + "<a>M\xC3\xBCller</a>");
    }
}

TEST_CASE("bad input: bytes that are not UTF-8 are refused with their line") {
    for (const std::string_view head :
         {"<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<?xml version=\"1.0\"?>", "<!-- -->",
          "<?xml encoding?>", "<?xml encoding=\"ISO-8859-15\"?>"}) {
        CAPTURE(head);
        std::string converted;
        const auto utf8 = xml_as_utf8(std::string(head) + "\n<a>M\xFCller</a>", converted);
        REQUIRE(!utf8);
        CHECK(utf8.error().code == ErrorCode::malformed);
        CHECK(utf8.error().where == Position::at_line(2));
    }
}

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

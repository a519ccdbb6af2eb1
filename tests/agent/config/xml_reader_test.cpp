// SPDX-License-Identifier: Apache-2.0
#include "agent/config/xml_reader.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <vector>

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

namespace {

// The pieces of a text, one a word: <a for a start, a> for an end, text as it is.
std::string pieces_of(std::string_view text, uint8_t oddities, std::vector<Warning>* warnings) {
    Remarks remarks;
    XmlReader reader(text, oddities, remarks);
    std::string out;
    for (;;) {
        const auto piece = reader.next();
        if (!piece) {
            out += "! " + std::to_string(piece.error().where.number);
            break;
        }
        if (*piece == XmlPiece::over) break;
        out += *piece == XmlPiece::start ? "<" + std::string(reader.name())
               : *piece == XmlPiece::end ? std::string(reader.name()) + ">"
                                         : reader.text();
        out += ' ';
    }
    if (warnings != nullptr) *warnings = remarks.take();
    return out;
}

}  // namespace

TEST_CASE("a text comes in pieces, with their lines") {
    Remarks remarks;
    XmlReader reader("<a>\n<b c = 'd&amp;'\n e=\"\"/>\n x<![CDATA[&]]>\n</a>", 0, remarks);
    CHECK(*reader.next() == XmlPiece::start);
    CHECK(reader.line() == 1);
    CHECK(*reader.next() == XmlPiece::start);
    CHECK(reader.line() == 2);
    CHECK(reader.attribute("c") == "d&");
    CHECK(reader.attribute("e") == "");
    CHECK(!reader.attribute("d"));
    CHECK(*reader.next() == XmlPiece::end);
    CHECK(reader.name() == "b");
    CHECK(*reader.next() == XmlPiece::text);
    CHECK(reader.line() == 4);
    CHECK(reader.text() == "\n x");
    CHECK(*reader.next() == XmlPiece::text);
    CHECK(reader.text() == "&");
    CHECK(*reader.next() == XmlPiece::end);
    CHECK(reader.line() == 5);
    CHECK(*reader.next() == XmlPiece::over);
    CHECK(reader.elements() == 2);
}

TEST_CASE("what is wrong with a text passes where the caller takes it, with a warning") {
    struct Oddity {
        uint8_t oddities;
        std::string_view text;
        std::string_view pieces;
        uint32_t line;
    };
    for (const Oddity& one : std::initializer_list<Oddity>{
             {stray_markup, "<!-- --><?xml version='1.0'?><a/>", "<a a> ", 1},
             {stray_markup, "<a>\n<?b?></a>", "<a a> ", 2},
             {stray_markup, "<a/>\nx", "<a a> ", 2},
             {stray_markup, "<a><!-- <!-- --></a>", "<a a> ", 1},
             {lone_ampersand, "<a>b&c</a>", "<a b&c a> ", 1},
             {lone_ampersand, "<a>b&nbsp;c</a>", "<a b&nbsp;c a> ", 1},
             {odd_names, "<a><b/c d>x</b/c d></a>", "<a <b/c d x b/c d> a> ", 1},
             {odd_names, "<a b></a_b>", "<a b a b> ", 1},
             {loose_end, "<a>\n<b/>\n<<END OF FILE>>\n", "<a <b b> a> ", 3},
             {loose_end, "<a/>\n</a\n<", "<a a> ", 2},
             {start_as_end, "<a><b>1<b>\n</a>", "<a <b 1 b> a> ", 1}}) {
        CAPTURE(one.text);
        std::vector<Warning> warnings;
        CHECK(pieces_of(one.text, one.oddities, &warnings) == one.pieces);
        REQUIRE(warnings.size() == 1);
        CHECK(warnings[0].where == Position::at_line(one.line));
        const bool passes_strictly = one.oddities == stray_markup && one.line == 1;
        CHECK((pieces_of(one.text, 0, nullptr).find('!') == std::string::npos) ==
              (passes_strictly || one.text.find("<?b?>") != std::string_view::npos));
    }
}

TEST_CASE("the end mark behind a closed root is no oddity") {
    std::vector<Warning> warnings;
    CHECK(pieces_of("<a></a>\n<<END OF FILE>>\n", loose_end, &warnings) == "<a a> ");
    CHECK(warnings.empty());
}

TEST_CASE("bad input: an end mark does not close more than the root") {
    CHECK(pieces_of("<a><b>\n<<END OF FILE>>", loose_end, nullptr) == "<a <b ! 2");
    CHECK(pieces_of("<a>", loose_end, nullptr) == "<a ! 1");
    CHECK(pieces_of("<a><<END", loose_end, nullptr) == "<a ! 1");
}

TEST_CASE("bad input: references that name no character are refused whatever else is taken") {
    CHECK(pieces_of("<a>&#0;</a>", 0xFF, nullptr) == "<a ! 1");
    CHECK(pieces_of("<a>&#xD800;</a>", 0xFF, nullptr) == "<a ! 1");
}

TEST_CASE("bad input: tens of thousands of attributes cost no more than their limit") {
    std::string text = "<a";
    for (uint32_t at = 0; at <= limits::config_attributes; ++at)
        text += " b='1'";
    CHECK(pieces_of(text + "/>", 0xFF, nullptr) == "! 1");
}

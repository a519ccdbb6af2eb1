// SPDX-License-Identifier: Apache-2.0
#include "agent/config/grandstream_xml.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

#include "agent/limits.h"
#include "tests/agent/config/vectors.h"

using namespace dialtone;

namespace {

const Identity phone = {{0x00, 0x0b, 0x82, 0x12, 0x34, 0x56}, "GXP1628", "1.0.2.7"};

std::string file_with(std::string_view config, std::string_view before = "") {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gs_provision version=\"1\">\n" +
           std::string(before) + "<config version=\"1\">\n" + std::string(config) +
           "</config>\n</gs_provision>\n";
}

Document parsed(std::string_view text) {
    auto document = parse_grandstream_xml(text, phone);
    REQUIRE_MESSAGE(document, (document ? "" : describe(document.error())));
    return std::move(*document);
}

Error refused(std::string_view text, const Identity& identity = phone) {
    const auto document = parse_grandstream_xml(text, identity);
    REQUIRE(!document);
    return document.error();
}

std::string value_of(std::string_view config) {
    const Document document = parsed(file_with(config));
    REQUIRE(document.entries.size() == 1);
    return document.entries[0].value;
}

bool says(const Error& error, std::string_view words) {
    return error.detail.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("a plain file becomes a document of its keys in order, with their lines") {
    const Document document = parsed(file_with("<P271>1</P271>\n<P47>sip.example</P47>\n"));
    CHECK(document.format == &grandstream_xml_format);
    CHECK(document.cipher == FileCipher::none);
    CHECK(document.warnings.empty());
    REQUIRE(document.entries.size() == 2);
    CHECK(document.entries[0].key == "P271");
    CHECK(document.entries[0].value == "1");
    CHECK(document.entries[0].line == 4);
    CHECK(document.entries[1].key == "P47");
    CHECK(document.entries[1].value == "sip.example");
    CHECK(document.entries[1].line == 5);
}

TEST_CASE("values are kept as they stand") {
    CHECK(value_of("<P1>  two blanks around  </P1>") == "  two blanks around  ");
    CHECK(value_of("<P1>one\r\ntwo</P1>") == "one\ntwo");
    CHECK(value_of("<P1>M\xC3\xBCller</P1>") == "M\xC3\xBCller");
    CHECK(value_of("<P1>a&amp;b&lt;c&gt;&quot;&apos;&#65;&#x20AC;</P1>") ==
          "a&b<c>\"'A\xE2\x82\xAC");
    CHECK(value_of("<P1><![CDATA[<b> & &amp;]]></P1>") == "<b> & &amp;");
    CHECK(value_of("<P1>a<!-- comment -->b<![CDATA[c]]></P1>") == "abc");
}

TEST_CASE("values of nothing but blanks are empty") {
    for (const std::string_view config :
         {"<P1/>", "<P1></P1>", "<P1> \n\t </P1>", "<P1><![CDATA[ ]]></P1>", "<P1><!-- --></P1>"}) {
        CAPTURE(config);
        CHECK(value_of(config).empty());
    }
}

TEST_CASE("a file without a <mac> element is for every phone") {
    CHECK(parsed(file_with("<P1>1</P1>")).entries.size() == 1);
}

TEST_CASE("the MAC is compared without case and separators") {
    for (const std::string_view mac :
         {"000b82123456", "000B82123456", "00:0B:82:12:34:56", "00-0b-82-12-34-56",
          "000b.8212.3456", "\n  00 0b 82 12 34 56\n"}) {
        CAPTURE(mac);
        const std::string element = "<mac>" + std::string(mac) + "</mac>";
        CHECK(parsed(file_with("<P1>1</P1>", element)).warnings.empty());
    }
}

TEST_CASE("bad input: a file for another phone is refused and both MACs are named") {
    const Error error = refused(file_with("<P1>1</P1>", "\n<mac>00:0B:82:00:00:01</mac>"));
    CHECK(error.code == ErrorCode::foreign_device);
    CHECK(error.where == Position::at_line(4));
    CHECK(says(error, "000b82000001"));
    CHECK(says(error, "000b82123456"));
}

TEST_CASE("bad input: the MAC of another phone is found behind the values and behind our own") {
    const std::string text =
        "<gs_provision><mac>000b82123456</mac><config version=\"1\"><P1>1</P1></config>"
        "<mac>000b82123457</mac></gs_provision>";
    CHECK(refused(text).code == ErrorCode::foreign_device);
}

TEST_CASE("bad input: a <mac> element that holds no MAC is refused") {
    for (const std::string_view mac : {"$MAC", "000b8212345", "000b821234567", "000b8212345g"}) {
        const Error error = refused(file_with("", "<mac>" + std::string(mac) + "</mac>"));
        CHECK(error.code == ErrorCode::malformed);
        CHECK(error.where == Position::at_line(3));
    }
}

TEST_CASE("an empty <mac> element is passed over with a warning") {
    const Document document = parsed(file_with("<P1>1</P1>", "<mac> </mac>"));
    REQUIRE(document.warnings.size() == 1);
    CHECK(document.warnings[0].where == Position::at_line(3));
}

TEST_CASE("a file says whether it is for this phone alone, and its serial") {
    CHECK(parsed(file_with("", "<mac>00:0B:82:12:34:56</mac>")).names_phone);
    CHECK(!parsed(file_with("")).names_phone);
    CHECK(!parsed(file_with("", "<mac></mac>")).names_phone);
    const Document document = parsed(file_with("<serial> 20261130 </serial><P1>1</P1>"));
    CHECK(document.serial == 20'261'130);
    CHECK(document.entries.size() == 1);
    CHECK(document.warnings.empty());
    CHECK(parsed(file_with("<P1>1</P1>")).serial == 0);
}

TEST_CASE("bad input: a serial that is no decimal number is refused with its line") {
    for (std::string_view serial : {"", "-1", "+1", "0x10", "1.5", "1234567890123456789", "hush"}) {
        CAPTURE(serial);
        const Error error = refused(file_with("\n<serial>" + std::string(serial) + "</serial>"));
        CHECK(error.code == ErrorCode::malformed);
        CHECK(error.where == Position::at_line(5));
        CHECK(error.detail == "the serial is no decimal number of at most 18 digits");
    }
}

TEST_CASE("without a phone's identity no MAC is compared") {
    const auto document =
        parse_grandstream_xml(file_with("<P1>1</P1>", "<mac>000b82000001</mac>"), Identity{});
    CHECK(document);
}

TEST_CASE("elements that are not known are passed over with a warning") {
    const Document document = parsed(
        file_with("<P1>1</P1>\n<Px>2</Px>\n<item name=\"a\">3</item>\n<p2>4</p2>", "<model/>"));
    CHECK(document.entries.size() == 1);
    REQUIRE(document.warnings.size() == 4);
    CHECK(document.warnings[0].where == Position::at_line(3));
    CHECK(document.warnings[0].detail == "<model> is not known and was passed over");
    CHECK(document.warnings[1].where == Position::at_line(5));
}

TEST_CASE("warnings are bounded and the last one counts the others") {
    std::string config;
    for (uint32_t i = 0; i < 100; ++i)
        config += "<x/>\n";
    const Document document = parsed(file_with(config));
    REQUIRE(document.warnings.size() == limits::config_warnings);
    CHECK(document.warnings.back().detail == "and 85 more remarks on this file");
}

TEST_CASE("of a key that stands more than once the last value counts, at its own place") {
    const Document document =
        parsed(file_with("<P2>a</P2>\n<P1>b</P1>\n<P2>c</P2>\n<P3>d</P3>\n<P2>e</P2>\n"));
    REQUIRE(document.entries.size() == 3);
    CHECK(document.entries[0].key == "P1");
    CHECK(document.entries[1].key == "P3");
    CHECK(document.entries[2].key == "P2");
    CHECK(document.entries[2].value == "e");
    REQUIRE(document.warnings.size() == 2);
    CHECK(document.warnings[0].where == Position::at_line(6));
    CHECK(document.warnings[0].detail == "P2 stood in line 4 already; the last one counts");
    CHECK(document.warnings[1].where == Position::at_line(8));
}

TEST_CASE("several <config> elements are read one after the other") {
    const Document document = parsed(
        "<gs_provision><config version=\"1\"><P1>1</P1></config>"
        "<config version=\"1\"><P2>2</P2></config></gs_provision>");
    CHECK(document.entries.size() == 2);
}

TEST_CASE("a <config> without a version is read as version 1 with a warning") {
    const Document document = parsed("<gs_provision><config><P1>1</P1></config></gs_provision>");
    CHECK(document.entries.size() == 1);
    CHECK(document.warnings.size() == 1);
}

TEST_CASE("a file that sets nothing is a document without entries") {
    CHECK(parsed(file_with("")).entries.empty());
}

TEST_CASE("a byte order mark and blanks in front are read") {
    CHECK(parsed("\xEF\xBB\xBF" + file_with("<P1>1</P1>")).entries.size() == 1);
    CHECK(parsed("\r\n " + file_with("<P1>1</P1>")).entries.size() == 1);
}

namespace {

std::string version_2(std::string_view items) {
    return "<gs_provision>\n<config version=\"2\">\n" + std::string(items) +
           "</config>\n</gs_provision>\n";
}

}  // namespace

TEST_CASE("a configuration of version 2 has items by name, and items have parts") {
    const Document document =
        parsed(version_2("<item name=\"account.1.enable\">Yes</item>\n"
                         "<item name=\"account.1.codec.choice\">\n"
                         "<part name=\"1\">PCMU</part><part name=\"2\">OPUS</part>\n</item>\n"
                         "<item name='Action URI Support'/>\n<serial>7</serial>\n"));
    CHECK(document.warnings.empty());
    CHECK(document.serial == 7);
    REQUIRE(document.entries.size() == 4);
    CHECK(document.entries[0].key == "account.1.enable");
    CHECK(document.entries[0].value == "Yes");
    CHECK(document.entries[0].line == 3);
    CHECK(document.entries[1].key == "account.1.codec.choice/1");
    CHECK(document.entries[2].key == "account.1.codec.choice/2");
    CHECK(document.entries[2].value == "OPUS");
    CHECK(document.entries[2].line == 5);
    CHECK(document.entries[3].key == "Action URI Support");
    CHECK(document.entries[3].value.empty());
}

TEST_CASE("elements of version 2 that are not known are passed over with a warning") {
    const Document document = parsed(
        version_2("<iitem name=\"a.b\">1</iitem>\n<item name=\"a.c\"><piece>1</piece></item>\n"
                  "<item name=\"a.d\">note<part name=\"1\">x</part></item>\n"));
    REQUIRE(document.entries.size() == 1);
    CHECK(document.entries[0].key == "a.d/1");
    REQUIRE(document.warnings.size() == 3);
    for (uint32_t at = 0; at < 3; ++at)
        CHECK(document.warnings[at].where == Position::at_line(at + 3));
}

TEST_CASE("bad input: a P value of version 2 and an item without a name are refused") {
    const Error mixed = refused(version_2("<P271>1</P271>\n"));
    CHECK(mixed.code == ErrorCode::malformed);
    CHECK(mixed.where == Position::at_line(3));
    CHECK(says(mixed, "P values stand under version=\"1\""));
    for (const std::string_view item :
         {"<item>1</item>", "<item name=\"\">1</item>", "<item name=\"a/b\">1</item>",
          "<item name=\"a\"><part>1</part></item>", "<item name=a.b>1</item>"}) {
        CAPTURE(item);
        CHECK(refused(version_2(item)).code == ErrorCode::malformed);
    }
}

TEST_CASE("bad input: a configuration of an unknown version is refused") {
    for (const std::string_view version : {"", "3", "1.0", "one"}) {
        const Error error = refused("<gs_provision><config version=\"" + std::string(version) +
                                    "\"><P1>1</P1></config></gs_provision>");
        CHECK(error.code == ErrorCode::unsupported);
    }
}

TEST_CASE("bad input: an element inside a value is refused with its line") {
    const Error error = refused(file_with("<P1>a\n<b>c</b></P1>"));
    CHECK(error.code == ErrorCode::malformed);
    CHECK(error.where == Position::at_line(5));
    CHECK(says(error, "<P1> holds an element"));
}

TEST_CASE("no message shows a piece of a value, which may be a password") {
    for (const std::string_view config :
         {"<P34>a<hunter2</P34>", "<P34>a<hunter2>b</P34>", "<P34>a</hunter2>b</P34>",
          "<P34>a&#hunter2;</P34>", "<P34>a<hunter2/></P34>", "hunter2</P34>", "<P34><hunter2>",
          "<P34>a<hunter2 b>", "<P34>a&hunter2"}) {
        CAPTURE(config);
        const Error error = refused(file_with(config));
        CHECK(!says(error, "hunter2"));
        CHECK(error.where.kind == Position::Kind::line);
    }
}

TEST_CASE("text, notes and instructions between elements are passed over with their lines") {
    const Document document =
        parsed(file_with("# note\n<P1>1</P1> -->\n<P2>2</P2>2\n<?ignore <P9>9</P9> ?>\n<P3>3</P3>",
                         "stray") +
               "behind");
    REQUIRE(document.entries.size() == 3);
    REQUIRE(document.warnings.size() == 6);
    const uint32_t lines[] = {3, 4, 5, 6, 7, 10};
    for (uint32_t at = 0; at < 6; ++at) {
        CHECK(document.warnings[at].where == Position::at_line(lines[at]));
        CHECK(document.warnings[at].detail.find("passed over") != std::string::npos);
    }
}

TEST_CASE("no warning shows text that was passed over, which may be a password") {
    const Document document = parsed(file_with("P34>hunter2\n<P34>a&hunter2;b</P34>"));
    REQUIRE(document.warnings.size() == 2);
    for (const Warning& warning : document.warnings)
        CHECK(warning.detail.find("hunter2") == std::string::npos);
}

TEST_CASE("a & that begins no reference stands for itself, with a warning") {
    const Document document =
        parsed(file_with("<P1>e3(a&e(1</P1>\n<P2>&copy; 1 & 2</P2>\n<P3>a&</P3>"));
    REQUIRE(document.entries.size() == 3);
    CHECK(document.entries[0].value == "e3(a&e(1");
    CHECK(document.entries[1].value == "&copy; 1 & 2");
    CHECK(document.entries[2].value == "a&");
    REQUIRE(document.warnings.size() == 4);
    CHECK(document.warnings[0].where == Position::at_line(4));
}

TEST_CASE("a comment in which another one begins is warned about: it may have swallowed a value") {
    const Document document =
        parsed(file_with("<!-- note -- >\n<P34>x</P34>\n<!-- other -->\n<P3>x</P3>"));
    REQUIRE(document.entries.size() == 1);
    REQUIRE(document.warnings.size() == 1);
    CHECK(document.warnings[0].where == Position::at_line(4));
}

TEST_CASE("bad input: a Grandstream file without <config> is refused") {
    CHECK(refused("<gs_provision version=\"1\"/>").code == ErrorCode::malformed);
    CHECK(refused("<gs_provision><P1>1</P1></gs_provision>").code == ErrorCode::malformed);
}

TEST_CASE("bad input: XML with another root is refused as no configuration") {
    const Error error = refused("<?xml version=\"1.0\"?>\n<VOIP_CONFIG_FILE/>");
    CHECK(error.code == ErrorCode::not_a_config);
    CHECK(error.where == Position::at_line(2));
    CHECK(says(error, "<VOIP_CONFIG_FILE>"));
}

TEST_CASE("bad input: an HTML login page is refused as no configuration") {
    const Error error = refused(
        "<!DOCTYPE html>\n<html><head><title>Login</title></head><body><form><input name=user>"
        "</form></body></html>");
    CHECK(error.code == ErrorCode::not_a_config);
    CHECK(says(error, "HTML"));
    CHECK(refused("<html><body>gs_provision</body></html>").code == ErrorCode::not_a_config);
}

TEST_CASE("bad input: an empty file and a blank one are refused as empty") {
    CHECK(refused("").code == ErrorCode::empty);
    CHECK(refused(" \r\n").code == ErrorCode::empty);
}

TEST_CASE("bad input: a Grandstream file in UTF-16 is refused with advice") {
    const std::string text = file_with("<P1>1</P1>");
    std::string little = "\xFF\xFE";
    std::string big = "\xFE\xFF";
    for (const char letter : text) {
        little += letter;
        little += '\0';
        big += '\0';
        big += letter;
    }
    for (const std::string& wide : {little, big, little.substr(2), big.substr(2)}) {
        const Error error = refused(wide);
        CHECK(error.code == ErrorCode::unsupported);
        CHECK(says(error, "UTF-8"));
    }
}

TEST_CASE("bad input: a billion laughs is refused before anything is expanded") {
    const Error error = refused(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE gs_provision [\n<!ENTITY a \"ha\">\n"
        "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>\n"
        "<gs_provision><config version=\"1\"><P1>&b;</P1></config></gs_provision>");
    CHECK(error.code == ErrorCode::unsupported);
    CHECK(says(error, "entities"));
}

TEST_CASE("bad input: a Grandstream file with a broken tag is refused as a whole") {
    const Error error = refused(file_with("<P1>1</P1>\n<P2>2</P3>\n<P4>4</P4>\n"));
    CHECK(error.code == ErrorCode::malformed);
    CHECK(error.where == Position::at_line(5));
    CHECK(refused(file_with("<P1 x=1>1</P1>")).where == Position::at_line(4));
}

TEST_CASE("bad input: a Grandstream file nested too deep is refused") {
    std::string config;
    for (uint32_t i = 0; i < 1000; ++i)
        config += "<x>";
    for (uint32_t i = 0; i < 1000; ++i)
        config += "</x>";
    CHECK(refused(file_with(config)).code == ErrorCode::too_big);
}

TEST_CASE("bad input: a huge Grandstream file is refused by its size") {
    const std::string text = file_with(std::string(limits::config_file_bytes, ' '));
    CHECK(refused(text).code == ErrorCode::too_big);
}

TEST_CASE("bad input: more values than the limit are refused, as many as the limit are read") {
    std::string config;
    for (uint32_t i = 0; i < limits::config_entries; ++i) {
        config += "<P" + std::to_string(i) + ">1</P" + std::to_string(i) + ">\n";
    }
    CHECK(parsed(file_with(config)).entries.size() == limits::config_entries);
    CHECK(refused(file_with(config + "<P1>1</P1>")).code == ErrorCode::too_big);
}

TEST_CASE("bad input: a value over the limit is refused, at the limit it is read") {
    const std::string value(limits::config_value_bytes, 'v');
    CHECK(value_of("<P1>" + value + "</P1>") == value);
    CHECK(refused(file_with("<P1>" + value + "v</P1>")).code == ErrorCode::too_big);
}

TEST_CASE("a name over the limit of keys is none and passed over") {
    const std::string name = "P" + std::string(limits::config_key_bytes, '1');
    const Document document = parsed(file_with("<" + name + ">1</" + name + ">"));
    CHECK(document.entries.empty());
    CHECK(document.warnings.size() == 1);
}

TEST_CASE("bad input: a Grandstream file that ends early is refused wherever it was cut") {
    const std::string text = file_with("<P1>1</P1>\n<P2>&amp;</P2>\n", "<mac>000b82123456</mac>\n");
    const auto end = static_cast<uint32_t>(text.find("</gs_provision>") + 15);
    for (uint32_t size = 0; size < end; ++size) {
        CAPTURE(size);
        CHECK(!parse_grandstream_xml(std::string_view(text).substr(0, size), phone));
    }
    CHECK(parse_grandstream_xml(std::string_view(text).substr(0, end), phone));
}

TEST_CASE("every corruption of one byte gives an error or a whole document") {
    const std::string text = file_with("<P1>a&amp;b</P1>\n<P2><![CDATA[c]]></P2>\n<!-- d -->",
                                       "<mac>000b82123456</mac>\n");
    uint32_t refusals = 0;
    for (uint32_t at = 0; at < text.size(); ++at) {
        for (uint32_t byte = 0; byte < 256; ++byte) {
            std::string corrupt = text;
            corrupt[at] = static_cast<char>(byte);
            const auto document = parse_grandstream_xml(corrupt, phone);
            if (!document) {
                ++refusals;
                REQUIRE(!document.error().detail.empty());
                continue;
            }
            REQUIRE(document->format == &grandstream_xml_format);
            REQUIRE(document->entries.size() <= 2);
        }
    }
    CHECK(refusals > text.size() * 100);
}

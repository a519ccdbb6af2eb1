// SPDX-License-Identifier: Apache-2.0
#include "agent/config/htek_xml.h"

#include <doctest/doctest.h>

#include <string>

using namespace dialtone;

namespace {

const Identity phone = {{0x00, 0x1f, 0xc1, 0x1b, 0x4e, 0x1c}, "UC926", "2.0.4.2"};

std::string file_with(std::string_view values) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<hl_provision version=\"1\">\n"
           "<mac para=\"Mac\"></mac>\n<config version=\"1\">\n" +
           std::string(values) + "</config>\n</hl_provision>\n";
}

}  // namespace

TEST_CASE("an Htek file has P values, and what `para` calls them is no matter") {
    const auto document =
        parse_htek_xml(file_with("<P271 para=\"Account1.Active & more\">1</P271>\n"
                                 "<P8851 para=\"x\" />\n<P42200> x </P42200>\n"),
                       phone);
    REQUIRE(document);
    CHECK(document->format == &htek_xml_format);
    REQUIRE(document->entries.size() == 3);
    CHECK(document->entries[0].key == "P271");
    CHECK(document->entries[0].value == "1");
    CHECK(document->entries[1].value.empty());
    CHECK(document->entries[2].value == " x ");
    CHECK(document->warnings.size() == 1);  // of the empty <mac>
}

TEST_CASE("an Htek file of named elements has their names for keys") {
    const auto document = parse_htek_xml(
        file_with("<Profile1_Sipserver>pbx.example.net:5060</Profile1_Sipserver>\n"
                  "<Profile1_OutboundProxy />\n"
                  "<GlobalConfig_CopyRight>&copy; 2024 &contacts=1</GlobalConfig_CopyRight>\n"),
        phone);
    REQUIRE(document);
    REQUIRE(document->entries.size() == 3);
    CHECK(document->entries[0].key == "Profile1_Sipserver");
    CHECK(document->entries[2].value == "&copy; 2024 &contacts=1");
}

TEST_CASE("bad input: an Htek file for another phone, of another root or of version 2 is refused") {
    const auto code_of = [](std::string_view text) {
        const auto document = parse_htek_xml(text, phone);
        REQUIRE(!document);
        return document.error().code;
    };
    CHECK(code_of("<hl_provision><mac>001fc1000000</mac><config/></hl_provision>") ==
          ErrorCode::foreign_device);
    CHECK(code_of("<gs_provision><config/></gs_provision>") == ErrorCode::not_a_config);
    CHECK(code_of("<hl_provision><config version=\"2\"/></hl_provision>") ==
          ErrorCode::unsupported);
}

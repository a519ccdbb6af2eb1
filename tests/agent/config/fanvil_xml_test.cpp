// SPDX-License-Identifier: Apache-2.0
#include "agent/config/fanvil_xml.h"

#include <doctest/doctest.h>

#include <string>

#include "agent/limits.h"

using namespace dialtone;

namespace {

const Identity phone = {{0x0c, 0x38, 0x3e, 0x07, 0xe1, 0x6c}, "X4", "2.10.2.6887"};

Document parsed(std::string_view text) {
    auto document = parse_fanvil_xml(text, phone);
    REQUIRE_MESSAGE(document, (document ? "" : describe(document.error())));
    return std::move(*document);
}

Error refused(std::string_view text) {
    const auto document = parse_fanvil_xml(text, phone);
    REQUIRE(!document);
    return document.error();
}

}  // namespace

TEST_CASE("elements become the keys that the text format has, blanks for lines") {
    const Document document = parsed(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<VOIP_CONFIG_FILE>\n"
        "<version>2.0002</version>\n<SIP_CONFIG_MODULE>\n<SIP__Port>5060</SIP__Port>\n"
        "<SIP_Line_List>\n<SIP_Line_List_Entry>\n<ID>SIP1</ID>\n"
        "<S.Timer_Expire> 0 </S.Timer_Expire>\n<SRTP_Auth-Tag/>\n"
        "</SIP_Line_List_Entry>\n</SIP_Line_List>\n</SIP_CONFIG_MODULE>\n"
        "</VOIP_CONFIG_FILE>\n");
    CHECK(document.format == &fanvil_xml_format);
    CHECK(document.version == "2.0002");
    CHECK(document.warnings.empty());
    REQUIRE(document.entries.size() == 3);
    CHECK(document.entries[0].key == "SIP CONFIG MODULE/SIP  Port");
    CHECK(document.entries[0].value == "5060");
    CHECK(document.entries[0].line == 5);
    CHECK(document.entries[1].key == "SIP CONFIG MODULE/SIP Line List/SIP1 S.Timer Expire");
    CHECK(document.entries[1].value == "0");
    CHECK(document.entries[1].line == 9);
    CHECK(document.entries[2].key == "SIP CONFIG MODULE/SIP Line List/SIP1 SRTP Auth-Tag");
    CHECK(document.entries[2].value.empty());
}

// Figure 6 of the auto provision guide, as it stands there.
TEST_CASE("the file that the guide shows is taken, each of its oddities with a warning") {
    const Document document = parsed(
        "<VOIP CONFIG FILE>\n<Digests>2.0002</Digests>\n<GLOBAL CONFIG MODULE>\n"
        "<Time_Zone>32<Time_Zone>\n</GLOBAL CONFIG MODULE>\n<AUTOUPDATE CONFIG MODULE>\n"
        "<Auto Image Url> tftp://172.16.6.45/x4.z</Auto Image Url>\n"
        "</AUTOUPDATE CONFIG MODULE>\n</VOIP_CONFIG_FILE>\n</VOIP_CONFICE\n");
    CHECK(document.version == "2.0002");
    REQUIRE(document.entries.size() == 2);
    CHECK(document.entries[0].key == "GLOBAL CONFIG MODULE/Time Zone");
    CHECK(document.entries[0].value == "32");
    CHECK(document.entries[1].key == "AUTOUPDATE CONFIG MODULE/Auto Image Url");
    CHECK(document.entries[1].value == "tftp://172.16.6.45/x4.z");
    REQUIRE(document.warnings.size() == 6);
    const uint32_t lines[] = {1, 3, 4, 6, 7, 10};
    for (uint32_t at = 0; at < 6; ++at)
        CHECK(document.warnings[at].where == Position::at_line(lines[at]));
}

TEST_CASE("a root that is not closed before <<END OF FILE>> is a warning") {
    const Document document =
        parsed("<VOIP_CONFIG_FILE>\n<A_MODULE>\n<B>0</B>\n</A_MODULE>\n<<END OF FILE>>\n");
    CHECK(document.entries.size() == 1);
    REQUIRE(document.warnings.size() == 1);
    CHECK(document.warnings[0].where == Position::at_line(5));
}

TEST_CASE("a slash in the name of an element is a warning") {
    const Document document = parsed(
        "<VOIP_CONFIG_FILE><P_MODULE><Time/Date_Display>1</Time/Date_Display></P_MODULE>"
        "</VOIP_CONFIG_FILE>");
    REQUIRE(document.entries.size() == 1);
    CHECK(document.entries[0].key == "P MODULE/Time/Date Display");
    CHECK(document.warnings.size() == 1);
}

TEST_CASE("bad input: a list's entry without <ID>, and one with elements in it, are refused") {
    const auto with_entry = [](std::string_view inside) {
        return "<VOIP_CONFIG_FILE><A_MODULE>\n<L><L_Entry>" + std::string(inside) +
               "</L_Entry></L></A_MODULE></VOIP_CONFIG_FILE>";
    };
    CHECK(refused(with_entry("<B>1</B>")).where == Position::at_line(2));
    CHECK(refused(with_entry("<ID/><B>1</B>")).code == ErrorCode::malformed);
    CHECK(refused(with_entry("<ID>1</ID><B><C>1</C></B>")).code == ErrorCode::malformed);
    std::string many = "<ID>1</ID>";
    for (uint32_t at = 0; at < limits::config_list_keys; ++at)
        many += "<B" + std::to_string(at) + "/>";
    CHECK(refused(with_entry(many)).code == ErrorCode::too_big);
}

TEST_CASE("bad input: other roots, other phones and files that end early are refused") {
    CHECK(refused("<sysConf/>").code == ErrorCode::not_a_config);
    CHECK(refused("<VOIP_CONFIG_FILE><mac>000b82000000</mac></VOIP_CONFIG_FILE>").code ==
          ErrorCode::foreign_device);
    const std::string whole =
        "<VOIP_CONFIG_FILE><A_MODULE><B>1</B><L><E><ID>1</ID><C>2</C></E></L></A_MODULE>"
        "</VOIP_CONFIG_FILE>";
    CHECK(parse_fanvil_xml(whole, phone));
    for (uint32_t size = 0; size < whole.size(); ++size)
        CHECK(!parse_fanvil_xml(whole.substr(0, size), phone));
}

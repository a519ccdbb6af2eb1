// SPDX-License-Identifier: Apache-2.0
#include "agent/config/fanvil_sysconf.h"

#include <doctest/doctest.h>

#include <string>

using namespace dialtone;

namespace {

const Identity phone = {{0x0c, 0x38, 0x3e, 0x07, 0xe1, 0x6c}, "X4", "2.10.2.6887"};

Document parsed(std::string_view text) {
    auto document = parse_fanvil_sysconf(text, phone);
    REQUIRE_MESSAGE(document, (document ? "" : describe(document.error())));
    return std::move(*document);
}

ErrorCode code_of(std::string_view text) {
    const auto document = parse_fanvil_sysconf(text, phone);
    REQUIRE(!document);
    return document.error().code;
}

}  // namespace

TEST_CASE("sections and numbered groups make the keys of their values") {
    const Document document = parsed(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sysConf>\n<Version>2.0000000000</Version>\n"
        "<net><DHCPOption100-101>0</DHCPOption100-101></net>\n<sip>\n<SIPPort>5060</SIPPort>\n"
        "<line index=\"1\"><PhoneNumber>101</PhoneNumber><Pswd/></line>\n</sip>\n"
        "<dsskey><internal index=\"1\"><Fkey "
        "index=\"2\"><Type>2</Type></Fkey></internal></dsskey>\n"
        "<empty></empty>\n</sysConf>\n");
    CHECK(document.format == &fanvil_sysconf_format);
    CHECK(document.version == "2.0000000000");
    CHECK(document.warnings.empty());
    REQUIRE(document.entries.size() == 5);
    CHECK(document.entries[0].key == "net/DHCPOption100-101");
    CHECK(document.entries[1].key == "sip/SIPPort");
    CHECK(document.entries[1].line == 6);
    CHECK(document.entries[2].key == "sip/line.1/PhoneNumber");
    CHECK(document.entries[2].value == "101");
    CHECK(document.entries[3].key == "sip/line.1/Pswd");
    CHECK(document.entries[4].key == "dsskey/internal.1/Fkey.2/Type");
    for (const Entry& entry : document.entries)
        CHECK(key_has_shape(entry.key, KeyShape::module_path));
}

TEST_CASE("a section that stands twice is one, and of a value that stands twice the last counts") {
    const Document document =
        parsed("<sysConf><vqm><a>1</a></vqm><vqm><b>2</b><a>3</a></vqm></sysConf>");
    REQUIRE(document.entries.size() == 2);
    CHECK(document.entries[0].key == "vqm/b");
    CHECK(document.entries[1].key == "vqm/a");
    CHECK(document.entries[1].value == "3");
    CHECK(document.warnings.size() == 1);
}

TEST_CASE("text beside elements and values outside of sections are warned about") {
    const Document document = parsed("<sysConf>\n<a>note<b>1</b>\nmore</a>\n<c>2</c>\n</sysConf>");
    REQUIRE(document.entries.size() == 1);
    CHECK(document.entries[0].key == "a/b");
    CHECK(document.warnings.size() == 3);
}

TEST_CASE("bad input: other roots, other phones, an index that is none and cut files are refused") {
    CHECK(code_of("<VOIP_CONFIG_FILE/>") == ErrorCode::not_a_config);
    CHECK(code_of("<sysConf><mac>000b82000000</mac></sysConf>") == ErrorCode::foreign_device);
    CHECK(code_of("<sysConf><sip><line index=\"one\"/></sip></sysConf>") == ErrorCode::malformed);
    const std::string whole = "<sysConf><a><b index=\"1\"><c>1</c></b></a></sysConf>";
    CHECK(parse_fanvil_sysconf(whole, phone));
    for (uint32_t size = 0; size < whole.size(); ++size)
        CHECK(!parse_fanvil_sysconf(whole.substr(0, size), phone));
}

TEST_CASE("bad input: names around a value that are too long together are refused") {
    std::string open;
    std::string close;
    for (uint32_t at = 0; at < 20; ++at) {
        open += "<longname>";
        close += "</longname>";
    }
    CHECK(code_of("<sysConf>" + open + "1" + close + "</sysConf>") == ErrorCode::too_big);
}

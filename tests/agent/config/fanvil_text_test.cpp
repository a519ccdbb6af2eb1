// SPDX-License-Identifier: Apache-2.0
#include "agent/config/fanvil_text.h"

#include <doctest/doctest.h>

#include <string>

#include "agent/limits.h"
#include "agent/profile.h"

using namespace dialtone;

namespace {

const std::string head = "<<VOIP CONFIG FILE>>Version:2.0002\n";
const std::string end = "<<END OF FILE>>\n";

std::string file_with(std::string_view body) {
    return head + std::string(body) + end;
}

std::string in_module(std::string_view lines) {
    return file_with("<M MODULE>\n" + std::string(lines));
}

Document parsed(std::string_view text) {
    auto document = parse_fanvil_text(text, {});
    REQUIRE_MESSAGE(document, (document ? "" : describe(document.error())));
    return std::move(*document);
}

Error refused(std::string_view text) {
    const auto document = parse_fanvil_text(text, {});
    REQUIRE(!document);
    return document.error();
}

std::string value_of(std::string_view lines) {
    const Document document = parsed(in_module(lines));
    REQUIRE(document.entries.size() == 1);
    return document.entries[0].value;
}

std::string key_of(std::string_view lines) {
    const Document document = parsed(in_module(lines));
    REQUIRE(document.entries.size() == 1);
    return document.entries[0].key;
}

bool warns(const Document& document, uint32_t line, std::string_view words) {
    for (const Warning& warning : document.warnings) {
        const bool says = warning.detail.find(words) != std::string::npos;
        if (says && warning.where == Position::at_line(line)) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("a text file becomes a document of its keys under module and list, with their lines") {
    const Document document = parsed(
        file_with("\n<SIP CONFIG MODULE>\nSIP  Port          :5060\n--SIP Line List--  :\n"
                  "SIP1 Phone Number  :201\n\n<GLOBAL CONFIG MODULE>\nHost Name          :VOIP\n"));
    CHECK(document.format == &fanvil_text_format);
    CHECK(document.cipher == FileCipher::none);
    CHECK(document.version == "2.0002");
    CHECK(document.warnings.empty());
    REQUIRE(document.entries.size() == 3);
    CHECK(document.entries[0].key == "SIP CONFIG MODULE/SIP  Port");
    CHECK(document.entries[0].value == "5060");
    CHECK(document.entries[0].line == 4);
    CHECK(document.entries[1].key == "SIP CONFIG MODULE/SIP Line List/SIP1 Phone Number");
    CHECK(document.entries[1].value == "201");
    CHECK(document.entries[1].line == 6);
    CHECK(document.entries[2].key == "GLOBAL CONFIG MODULE/Host Name");
}

TEST_CASE("the same file padded, with CR LF, indented or behind a byte order mark is the same") {
    const std::string body[] = {"<M MODULE>", "A  B   :1", "--L--:", "C:2", "<<END OF FILE>>"};
    const std::string plain_head = "<<VOIP CONFIG FILE>>Version:2.0002";
    const std::string to_62 = plain_head + std::string(62 - plain_head.size(), ' ');
    const std::string to_64 = plain_head + std::string(64 - plain_head.size(), ' ');
    for (const std::string& first : {plain_head, to_62, to_64, "\xEF\xBB\xBF" + to_62}) {
        for (const std::string line_end : {"\n", "\r\n", "\r\r\n"}) {
            for (const std::string indent : {"", "  ", "\t"}) {
                std::string text = first + line_end;
                for (const std::string& line : body)
                    text += indent + line + line_end;
                const Document document = parsed(text);
                CHECK(document.version == "2.0002");
                CHECK(document.warnings.empty());
                REQUIRE(document.entries.size() == 2);
                CHECK(document.entries[0].key == "M MODULE/A  B");
                CHECK(document.entries[1].key == "M MODULE/L/C");
                CHECK(document.entries[1].value == "2");
            }
        }
    }
}

TEST_CASE("the first line is read in the forms that servers write") {
    struct Form {
        std::string_view line;
        std::string_view version;
    };
    constexpr Form forms[] = {
        {"<<VOIP CONFIG FILE>>Version:2.0000000000", "2.0000000000"},
        {"<<VOIP CONFIG FILE>>Version:2.4.7.6", "2.4.7.6"},
        {"<<VOIP CONFIG FILE>>Version: 2.0002", "2.0002"},
        {"<<VOIP CONFIG FILE>> version :2.0002", "2.0002"},
        {"<<voip config file>>VERSION:2", "2"},
        {"<<VOIP CONFIG FILE>>Version:", ""},
        {"<<VOIP CONFIG FILE>>", ""},
        {"  \t<<VOIP CONFIG FILE>>Version:3", "3"},
        {"\n\n# made by hand\n## for X4\n<<VOIP CONFIG FILE>>Version:4", "4"},
    };
    for (const Form& form : forms) {
        CAPTURE(form.line);
        const Document document = parsed(std::string(form.line) + "\n<M>\nA:1\n<<END OF FILE>>");
        CHECK(document.version == form.version);
        CHECK(document.entries.size() == 1);
        CHECK(document.warnings.empty());
    }
}

TEST_CASE("something else than a version in the first line is warned about") {
    const Document document = parsed("<<VOIP CONFIG FILE>>Versions of it\n<M>\nA:1\n" + end);
    CHECK(document.version.empty());
    CHECK(warns(document, 1, "no version"));
}

TEST_CASE("the first colon ends the key, and the value may hold anything") {
    CHECK(value_of("Item1 Param :snmk=255.255.0.0:maxl=1440:a@b;c#d\n") ==
          "snmk=255.255.0.0:maxl=1440:a@b;c#d");
    CHECK(value_of("Auto Image Url\t:http://123:123@172.16.6.70:8000/x4.z\n") ==
          "http://123:123@172.16.6.70:8000/x4.z");
    CHECK(value_of("A:<b>\n") == "<b>");
    CHECK(value_of("A:\n").empty());
    CHECK(value_of("A:  1 2 \t\r\n") == "1 2");
}

TEST_CASE("a key keeps its blanks, its = and its slash") {
    CHECK(key_of("Server   Address   :1\n") == "M MODULE/Server   Address");
    CHECK(key_of("SIP1 Use user=phone:1\n") == "M MODULE/SIP1 Use user=phone");
    CHECK(key_of("P1 Busy N/A Line   :0\n") == "M MODULE/P1 Busy N/A Line");
    CHECK(key_of("WAN\tMode:1\n") == "M MODULE/WAN Mode");
}

TEST_CASE("a list holds until the next list or module") {
    const Document document =
        parsed(in_module("--Sidekey Config1--:\nA:1\n-- Net Option --\nA:2\n<N MODULE>\nA:3\n"));
    REQUIRE(document.entries.size() == 3);
    CHECK(document.entries[0].key == "M MODULE/Sidekey Config1/A");
    CHECK(document.entries[1].key == "M MODULE/Net Option/A");
    CHECK(document.entries[2].key == "N MODULE/A");
    CHECK(warns(parsed(in_module("-------\nA:1\n")), 3, "without a name"));
}

TEST_CASE("a file without its end is read with a warning") {
    for (const std::string_view last : {"B:2", "B:2\n"}) {
        const Document document = parsed(head + "<M>\nA:1\n" + std::string(last));
        CHECK(document.entries.size() == 2);
        CHECK(warns(document, 4, "no <<END OF FILE>>"));
    }
}

TEST_CASE("what follows the end is passed over with a warning") {
    const Document document = parsed(in_module("A:1\n") + "\nB:2\nnonsense\n");
    CHECK(document.entries.size() == 1);
    CHECK(document.warnings.size() == 1);
    CHECK(warns(document, 6, "passed over"));
}

TEST_CASE("keys before the first module are passed over with a warning") {
    const Document document = parsed(file_with("PNP Enable :0\nPNP IP :x\n<M>\nA:1\n"));
    REQUIRE(document.entries.size() == 1);
    CHECK(document.entries[0].key == "M/A");
    CHECK(document.warnings.size() == 1);
    CHECK(warns(document, 2, "before the first module"));
}

TEST_CASE("comments are passed over, keys marked with ### with one warning for all") {
    const Document document =
        parsed(in_module("# one\n#0:DHCP; 1:Static\n## two\n###Default Password   :\n"
                         "###Device Cfg File Key:x\nA:1\n"));
    REQUIRE(document.entries.size() == 1);
    CHECK(document.entries[0].key == "M MODULE/A");
    REQUIRE(document.warnings.size() == 1);
    CHECK(document.warnings[0].where == Position::at_line(6));
    CHECK(document.warnings[0].detail.find("left out: 2") != std::string::npos);
}

TEST_CASE("of a text key that stands twice the last value counts, with a warning") {
    const Document document =
        parsed(in_module("A:1\nB:2\nA:3\n--L--:\nA:4\n<M MODULE>\nB:5\nC:6\n"));
    REQUIRE(document.entries.size() == 4);
    CHECK(document.entries[0].key == "M MODULE/A");
    CHECK(document.entries[0].value == "3");
    CHECK(document.entries[1].key == "M MODULE/L/A");
    CHECK(document.entries[2].key == "M MODULE/B");
    CHECK(document.entries[2].value == "5");
    CHECK(document.entries[3].key == "M MODULE/C");
    CHECK(document.warnings.size() == 2);
    CHECK(warns(document, 5, "line 3 already"));
    CHECK(warns(document, 9, "line 4 already"));
}

TEST_CASE("a text that is not UTF-8 is read as ISO 8859-1, with one warning") {
    const Document document = parsed(in_module("A:M\xFCller\nB:B\xFCro\nC:gr\xC3\xBC\xC3\x9F\n"));
    REQUIRE(document.entries.size() == 3);
    CHECK(document.entries[0].value == "M\xC3\xBCller");
    CHECK(document.entries[1].value == "B\xC3\xBCro");
    CHECK(document.entries[2].value == "gr\xC3\xBC\xC3\x9F");
    CHECK(document.warnings.size() == 1);
    CHECK(warns(document, 3, "ISO 8859-1"));
}

TEST_CASE("a file with nothing but its frame is a document without keys") {
    const Document document = parsed(file_with(""));
    CHECK(document.entries.empty());
    CHECK(document.warnings.empty());
}

// Found by the laboratory: a new phone took it for its whole configuration.
TEST_CASE("a text that ends right after its head was cut there, and is refused") {
    for (const char* text : {"<<VOIP CONFIG FILE>>", "<<VOIP CONFIG FILE>>Version:2.0002\r\n\r\n",
                             "<<VOIP CONFIG FILE>>Version:2.0002\n<M MODULE>\n"})
        CHECK(refused(text).code == ErrorCode::truncated);
}

TEST_CASE("every key that a text gives is one that an operator can set") {
    for (const std::string_view lines :
         {"A:1\n", "--L--:\nA:1\n", "P1 N/A:1\n", "/:1\n", "--/--:\n/:1\n", "M\xFC:1\n"}) {
        CHECK(key_has_shape(key_of(lines), KeyShape::module_path));
    }
}

TEST_CASE("the limits of a text file are the last sizes it may have") {
    const std::string longest_key(limits::config_key_bytes - std::string_view("M MODULE/").size(),
                                  'k');
    const std::string longest_value(limits::config_value_bytes, 'v');
    CHECK(value_of(longest_key + ":" + longest_value + "\n") == longest_value);
    const std::string version(limits::config_version_bytes, '1');
    CHECK(parsed("<<VOIP CONFIG FILE>>Version:" + version + "\n" + end).version == version);
}

TEST_CASE("bad input: keys, values, versions and files of text over their limits are refused") {
    const std::string key(limits::config_key_bytes - std::string_view("M MODULE/").size() + 1, 'k');
    const std::string value(limits::config_value_bytes + 1, 'v');
    const std::string version(limits::config_version_bytes + 1, '1');
    Error error = refused(in_module("A:1\n" + key + ":1\n"));
    CHECK(error.code == ErrorCode::too_big);
    CHECK(error.where == Position::at_line(4));
    error = refused(in_module("A:" + value + "\n"));
    CHECK(error.code == ErrorCode::too_big);
    CHECK(error.where == Position::at_line(3));
    // Twice as long once it is UTF-8.
    const std::string wide(limits::config_value_bytes / 2 + 1, '\xFC');
    CHECK(refused(in_module("A:" + wide + "\n")).code == ErrorCode::too_big);
    CHECK(refused("<<VOIP CONFIG FILE>>Version:" + version + "\n").code == ErrorCode::too_big);
    CHECK(refused(head + std::string(limits::config_file_bytes, '\n')).code == ErrorCode::too_big);
    std::string many;
    for (uint32_t i = 0; i <= limits::config_entries; ++i)
        many += std::to_string(i) + ":\n";
    CHECK(refused(in_module(many)).where == Position::at_line(limits::config_entries + 3));
}

TEST_CASE("bad input: a text line of no known kind refuses the file and is named") {
    for (const std::string_view line :
         {"no colon", ":value without a key", "<MODULE", "<>", "<A/B MODULE>", "<<A MODULE>>",
          "<SIP1/AccountEnable>1", "<A> <B>", "<<VOIP CONFIG FILE>>Version:2", "<<", "<", "A:b\x01",
          "A:b\rc"}) {
        CAPTURE(line);
        const Error error = refused(in_module("A:1\n" + std::string(line) + "\nB:2\n"));
        CHECK(error.code == ErrorCode::malformed);
        CHECK(error.where == Position::at_line(4));
    }
    CHECK(refused(in_module(std::string("A:\0b\n", 5))).code == ErrorCode::malformed);
}

TEST_CASE("bad input: a text line that cannot be read is not shown, it may be a password") {
    CHECK(refused(in_module("geheim\n")).detail.find("geheim") == std::string::npos);
}

TEST_CASE("bad input: a text file that was cut is truncated or a beginning, never something else") {
    const std::string whole = in_module("--L--:\nA:1\n<N MODULE>\nB:2\n");
    const Document all = parsed(whole);
    for (uint32_t size = 2; size < whole.size() - 1; ++size) {
        CAPTURE(size);
        const auto document = parse_fanvil_text(std::string_view(whole).substr(0, size), {});
        if (!document) {
            CHECK(document.error().code == ErrorCode::truncated);
            continue;
        }
        CHECK(document->entries.size() <= all.entries.size());
        CHECK(!document->warnings.empty());
    }
}

TEST_CASE("bad input: another kind of file is not taken for a Fanvil text") {
    CHECK(refused("").code == ErrorCode::empty);
    CHECK(refused("<sysConf/>").code == ErrorCode::not_a_config);
    CHECK(refused("<html>").code == ErrorCode::not_a_config);
    CHECK(refused("<GLOBAL CONFIG MODULE>\nA:1\n").code == ErrorCode::not_a_config);
    CHECK(refused("[WAN_Config]\nNetworkMode=0\n").code == ErrorCode::not_a_config);
    CHECK(refused("<<END OF FILE>>\n").code == ErrorCode::not_a_config);
}

TEST_CASE("bad input: ten thousand oddities in a text cost a few warnings") {
    std::string lines;
    for (uint32_t i = 0; i < 5'000; ++i)
        lines += "A:1\n";
    const Document document = parsed(in_module(lines));
    CHECK(document.entries.size() == 1);
    CHECK(document.warnings.size() == limits::config_warnings);
}

TEST_CASE("before the first module a file says for which phone it is, and its serial") {
    const Identity phone = *identity_from_mac("0c383e07e16c");
    const auto own = parse_fanvil_text(
        file_with("mac    :0C:38:3E:07:E1:6C\nSerial :17\n<M MODULE>\nKey :1\n"), phone);
    REQUIRE(own);
    CHECK(own->names_phone);
    CHECK(own->serial == 17);
    CHECK(own->warnings.empty());
    REQUIRE(own->entries.size() == 1);
    const auto common = parse_fanvil_text(in_module("mac :x\nserial :y\n"), phone);
    REQUIRE(common);
    CHECK(!common->names_phone);
    CHECK(common->serial == 0);
    CHECK(common->entries.size() == 2);
}

TEST_CASE("bad input: a file for another phone, or with a serial that is none, is refused") {
    const Identity phone = *identity_from_mac("0c383e07e16c");
    const auto other = parse_fanvil_text(file_with("\nmac :0c383e07e16d\n"), phone);
    REQUIRE(!other);
    CHECK(other.error().code == ErrorCode::foreign_device);
    CHECK(other.error().where == Position::at_line(3));
    CHECK(other.error().detail ==
          "the line \"mac\" names another phone: 0c383e07e16d, this one is 0c383e07e16c");
    CHECK(refused(file_with("serial :last\n")).code == ErrorCode::malformed);
    CHECK(refused(file_with("mac :\n")).code == ErrorCode::malformed);
}

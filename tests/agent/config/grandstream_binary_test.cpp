// SPDX-License-Identifier: Apache-2.0
#include "agent/config/grandstream_binary.h"

#include <doctest/doctest.h>

#include <string>

#include "agent/hex.h"
#include "tests/agent/config/vectors.h"

using namespace dialtone;

namespace {

const Identity phone = {{0x00, 0x0b, 0x82, 0x12, 0x34, 0x56}, "GXP1628", "1.0.2.7"};

// A whole file for `phone` with these values.
std::string file_with(std::string values) {
    std::string file = std::string(4, '\0') + std::string(2, '\0') +
                       std::string("\x00\x0b\x82\x12\x34\x56", 6) + "\r\n\r\n" + values;
    if (file.size() % 2 != 0) file += '\0';
    const auto words = static_cast<uint32_t>(file.size() / 2);
    file[2] = static_cast<char>(words >> 8);
    file[3] = static_cast<char>(words);
    uint32_t sum = 0;
    for (uint32_t at = 0; at < file.size(); at += 2)
        sum += static_cast<uint32_t>(static_cast<uint8_t>(file[at]) << 8 |
                                     static_cast<uint8_t>(file[at + 1]));
    const uint32_t check = 0x10000 - (sum & 0xFFFF);
    file[4] = static_cast<char>(check >> 8);
    file[5] = static_cast<char>(check);
    return file;
}

Document parsed(std::string_view values) {
    auto document = parse_grandstream_binary(file_with(std::string(values)), phone);
    REQUIRE_MESSAGE(document, (document ? "" : describe(document.error())));
    return std::move(*document);
}

Error refused(std::string_view values, const Identity& identity = phone) {
    const auto document = parse_grandstream_binary(file_with(std::string(values)), identity);
    REQUIRE(!document);
    return document.error();
}

}  // namespace

TEST_CASE("files of the public generators are read") {
    // For 000b82123456 with P271 and P270, as six of them write it.
    const auto bytes = *bytes_of_hex(
        "0000001b79f9000b821234560d0a0d0a503237313d3026503237303d4163636f756e742532306e616d6526676e"
        "6b65793d3062383200");
    const auto document = parse_grandstream_binary(test::text_of_bytes(bytes), phone);
    REQUIRE(document);
    CHECK(document->format == &grandstream_binary_format);
    CHECK(document->names_phone);
    CHECK(document->warnings.empty());
    REQUIRE(document->entries.size() == 2);
    CHECK(document->entries[0].key == "P271");
    CHECK(document->entries[0].value == "0");
    CHECK(document->entries[1].key == "P270");
    CHECK(document->entries[1].value == "Account name");
}

TEST_CASE("a + is a blank where values are percent-encoded, and a + where they are not") {
    CHECK(parsed("P3=Desk+1&P34=a%26b&gnkey=0b82").entries[0].value == "Desk 1");
    const Document plain = parsed("P47=sip:+49 30@pbx.example.net&gnkey=0b82");
    CHECK(plain.entries[0].value == "sip:+49 30@pbx.example.net");
    CHECK(parsed("P1359=p%26s%3Dw%25d&P237=10.0.0.5%2Fgs&gnkey=0b82").entries[0].value ==
          "p&s=w%d");
}

TEST_CASE("of a binary key that stands twice the last value counts, and others are passed over") {
    const Document document = parsed("P3=1&mode=2&P3=3&gnkey=0b82");
    REQUIRE(document.entries.size() == 1);
    CHECK(document.entries[0].value == "3");
    CHECK(document.warnings.size() == 2);
}

TEST_CASE("a file without gnkey behind its values is read with a warning") {
    CHECK(parsed("P3=1").warnings.size() == 1);
    CHECK(parsed("gnkey=0b82&P3=1").warnings.size() == 1);
}

TEST_CASE("bad input: a binary file of another phone is refused as foreign") {
    Identity other = phone;
    other.mac[5] = 0x57;
    CHECK(refused("P3=1&gnkey=0b82", other).code == ErrorCode::foreign_device);
}

TEST_CASE("bad input: a value without a key, or that is no text, is refused and not shown") {
    for (const std::string_view values :
         {"hunter2&gnkey=0b82", "P3=%00hunter2&gnkey=0b82", "P3=%FFhunter2&gnkey=0b82"}) {
        const Error error = refused(values);
        CHECK(error.code == ErrorCode::malformed);
        CHECK(error.where.kind == Position::Kind::offset);
        CHECK(error.detail.find("hunter2") == std::string::npos);
    }
}

TEST_CASE("bad input: a binary file that was cut or altered in any byte is none, or says so") {
    const std::string whole = file_with("P3=1&P34=x&gnkey=0b82");
    for (uint32_t size = 0; size < whole.size(); ++size)
        CHECK(!parse_grandstream_binary(whole.substr(0, size), phone));
    for (uint32_t at = 0; at < whole.size(); ++at) {
        std::string altered = whole;
        altered[at] = static_cast<char>(altered[at] ^ 0x41);
        CHECK(!parse_grandstream_binary(altered, phone));
    }
}

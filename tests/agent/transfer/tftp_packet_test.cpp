// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/tftp_packet.h"

#include <doctest/doctest.h>

#include "agent/limits.h"

using namespace dialtone;

namespace {

std::vector<uint8_t> octets(std::string_view text) {
    return {text.begin(), text.end()};
}

std::string text_of(const std::vector<uint8_t>& bytes) {
    return {bytes.begin(), bytes.end()};
}

Result<TftpOptions> options_of(std::string_view text) {
    const auto bytes = octets(text);
    return read_tftp_options(bytes, {.block_bytes = 1428, .window_blocks = 16});
}

Result<std::string> name_of_url(std::string_view text) {
    return tftp_file_name(*parse_url(text, Scheme::tftp));
}

using namespace std::string_view_literals;

}  // namespace

TEST_CASE("a read request is octet mode with four options, or with none") {
    const TftpOptions asked = {.block_bytes = 1428, .window_blocks = 16};
    CHECK(text_of(tftp_read_request("gs/cfg.xml", &asked)) ==
          "\0\1gs/cfg.xml\0octet\0blksize\0"
          "1428\0tsize\0"
          "0\0timeout\0"
          "1\0windowsize\0"
          "16\0"sv);
    CHECK(text_of(tftp_read_request("f", nullptr)) == "\0\1f\0octet\0"sv);
    const std::string longest(limits::tftp_name_bytes, 'n');
    CHECK(tftp_read_request(longest, &asked).size() <= 512);
}

TEST_CASE("acknowledgements and errors are written as RFC 1350 has them") {
    CHECK(text_of(tftp_acknowledgement(0x1234)) == "\0\4\x12\x34"sv);
    CHECK(text_of(tftp_error(TftpError::unknown_transfer_id, "no")) == "\0\5\0\5no\0"sv);
}

TEST_CASE("data, error and option acknowledgement are told apart") {
    const auto data = octets("\0\3\1\2abc"sv);
    const TftpPacket block = read_tftp_packet(data);
    CHECK(block.kind == TftpPacket::Kind::data);
    CHECK(block.number == 0x0102);
    CHECK(block.rest.size() == 3);
    const auto error = octets("\0\5\0\1gone\0"sv);
    CHECK(read_tftp_packet(error).kind == TftpPacket::Kind::error);
    CHECK(read_tftp_packet(error).number == 1);
    const auto options = octets("\0\6"sv);
    CHECK(read_tftp_packet(options).kind == TftpPacket::Kind::option_ack);
}

TEST_CASE("bad input: TFTP packets that are too short or of another kind are none") {
    for (std::string_view text :
         {""sv, "\0"sv, "\0\3"sv, "\0\3\0"sv, "\0\5\0"sv, "\0\1f\0octet\0"sv, "\0\2f\0octet\0"sv,
          "\0\4\0\1"sv, "\0\7\0\1"sv, "\3\0\0\1"sv}) {
        const auto bytes = octets(text);
        CHECK(read_tftp_packet(bytes).kind == TftpPacket::Kind::other);
    }
}

TEST_CASE("options may come in any order and case, and smaller than asked") {
    const auto agreed =
        options_of("WindowSize\0004\0BLKSIZE\000512\0tsize\00070000\0timeout\0001\0"sv);
    REQUIRE(agreed);
    CHECK(agreed->block_bytes == 512);
    CHECK(agreed->window_blocks == 4);
    CHECK(agreed->file_bytes == 70000);
    const auto none = options_of("");
    REQUIRE(none);
    CHECK(none->block_bytes == 512);
    CHECK(none->window_blocks == 1);
    CHECK(none->file_bytes == 0);
}

TEST_CASE("bad input: TFTP options over what was asked, unasked, doubled or broken are refused") {
    for (std::string_view text :
         {"blksize\0001429\0"sv, "blksize\0007\0"sv, "blksize\000\0"sv, "blksize\000-1\0"sv,
          "blksize\00099999999999999999999\0"sv, "windowsize\00017\0"sv, "windowsize\0000\0"sv,
          "tsize\00099999999999999\0"sv, "tsize\000 5\0"sv, "timeout\0000\0"sv,
          "timeout\000256\0"sv, "utimeout\0001\0"sv, "multicast\000\0"sv, "\0\0"sv,
          "blksize\000512\0blksize\000512\0"sv, "blksize"sv, "blksize\0"sv, "blksize\000512"sv,
          "blksize\000512x\0"sv}) {
        CAPTURE(text);
        CHECK(!options_of(text));
    }
}

TEST_CASE("bad input: the words of a TFTP error are bounded and printable") {
    const auto bytes = octets("no\x1b[2J\xff way\0more"sv);
    CHECK(read_tftp_words(bytes) == "no?[2J? way");
    const auto endless = octets(std::string(5000, 'x'));
    CHECK(read_tftp_words(endless).size() == limits::tftp_words_bytes);
}

TEST_CASE("the first slash of a TFTP address is not part of the file's name, a second one is") {
    CHECK(*name_of_url("tftp://h/cfg.xml") == "cfg.xml");
    CHECK(*name_of_url("tftp://h/gs/cfg.xml") == "gs/cfg.xml");
    CHECK(*name_of_url("tftp://h//srv/tftp/cfg.xml") == "/srv/tftp/cfg.xml");
    CHECK(*name_of_url("tftp://h/my%20phone.xml?token=1") == "my phone.xml");
    CHECK(*name_of_url("tftp://h/cfg.xml;mode=octet") == "cfg.xml");
}

TEST_CASE("bad input: TFTP names that are empty, too long or hold control characters are refused") {
    for (std::string_view text :
         {"tftp://h", "tftp://h/", "tftp://h/folder/", "tftp://h/;mode=octet"})
        CHECK(name_of_url(text).error().code == ErrorCode::empty);
    const std::string path(limits::tftp_name_bytes + 1, 'n');
    CHECK(name_of_url("tftp://h/" + path).error().code == ErrorCode::too_big);
    CHECK(name_of_url("tftp://h/a%00b").error().code == ErrorCode::bad_usage);
    CHECK(name_of_url("tftp://h/a%0ab").error().code == ErrorCode::bad_usage);
}

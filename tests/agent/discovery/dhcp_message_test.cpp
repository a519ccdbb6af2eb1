// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/dhcp_message.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/vendor_options.h"
#include "tests/agent/discovery/dhcp_captures.h"

using namespace dialtone;
using namespace dialtone::test;

namespace {

constexpr uint8_t mac[6] = {0x00, 0x0b, 0x82, 0x12, 0x34, 0x56};

std::vector<uint8_t> inform_bytes(std::string_view vendor_class = "Grandstream GXP1628") {
    constexpr uint8_t requested[] = {1, 3, 66, 43};
    DhcpInform inform = {.mac = mac};
    inform.xid = 0x12345678;
    inform.seconds = 258;
    inform.own_address = {{192, 0, 2, 7}, 4};
    inform.requested = requested;
    inform.vendor_class = vendor_class;
    return dhcp_inform(inform);
}

// A server's message: the fixed fields, and what follows.
std::vector<uint8_t> message(std::vector<uint8_t> options) {
    std::vector<uint8_t> bytes(240);
    bytes[0] = 2;
    const std::vector<uint8_t> cookie = {99, 130, 83, 99};
    std::copy(cookie.begin(), cookie.end(), bytes.begin() + 236);
    bytes.insert(bytes.end(), options.begin(), options.end());
    return bytes;
}

std::string text(std::span<const uint8_t> value) {
    return {value.begin(), value.end()};
}

std::string words(const Result<DhcpReply>& reply) {
    return reply ? "read" : describe(reply.error());
}

}  // namespace

TEST_CASE("a DHCPINFORM has the phone's own address, its MAC and the options a server looks at") {
    const auto bytes = inform_bytes();
    CHECK(hex_of(std::span(bytes).first(16)) == "010106001234567801020000c0000207");
    CHECK(hex_of(std::span(bytes).subspan(28, 16)) == "000b8212345600000000000000000000");
    CHECK(std::all_of(bytes.begin() + 44, bytes.begin() + 236, [](uint8_t b) { return b == 0; }));
    CHECK(hex_of(std::span(bytes).subspan(236, 53)) ==
          "63825363"                                    // cookie
          "350108"                                      // DHCPINFORM
          "3d0701000b82123456"                          // client identifier
          "39020240"                                    // 576 bytes
          "3c134772616e6473747265616d2047585031363238"  // vendor class
          "3704010342"                                  // requested: 1, 3, 66
          "2bff0000000000");                            // 43, end, padding
}

TEST_CASE("a DHCPINFORM of a phone that an ACS may manage has its identity in option 125") {
    Identity identity = *identity_from_mac("000B82123456");
    identity.model = "GXP1628";
    const auto own = own_vendor_option(identity);
    DhcpInform inform = {.mac = mac, .vendor_identity = own};
    const auto bytes = dhcp_inform(inform);
    CHECK(hex_of(std::span(bytes).subspan(256, 38)) ==
          "7d24"                          // option 125, 36 bytes
          "00000de91f"                    // the Broadband Forum's part, 31 bytes
          "0106303030423832"              // OUI
          "020c303030423832313233343536"  // serial number
          "030747585031363238");          // product class
}

TEST_CASE("a model's name that is too long for the option is cut") {
    Identity identity = *identity_from_mac("000B82123456");
    identity.model = std::string(300, 'm');
    const auto own = own_vendor_option(identity);
    CHECK(own.size() == 5U + 8 + 14 + 2 + limits::cwmp_code_bytes);
    CHECK(own[4] == own.size() - 5);
}

TEST_CASE("a DHCPINFORM without a vendor class sends none, and is padded to 300 bytes") {
    const auto bytes = inform_bytes("");
    CHECK(bytes.size() == 300);
    CHECK(hex_of(std::span(bytes).subspan(240, 22)) ==
          "350108"
          "3d0701000b82123456"
          "39020240"
          "37040103422b");
    CHECK(bytes[262] == 255);
}

TEST_CASE("a vendor class of any length fits the one option it has") {
    const auto bytes = inform_bytes(std::string(2'000, 'v'));
    CHECK(bytes.size() < 576);
    CHECK(bytes[256] == 60);
    CHECK(bytes[257] == 255);
    CHECK(bytes[258 + 255] == 55);
}

TEST_CASE("an answer belongs to a inform by transaction and MAC address") {
    const auto bytes = *bytes_of_hex(kea_ack);
    CHECK(answers_dhcp(bytes, 0xa4617368, captured_mac));
    CHECK(!answers_dhcp(bytes, 0xa4617369, captured_mac));
    CHECK(!answers_dhcp(bytes, 0xa4617368, mac));
    CHECK(!answers_dhcp(inform_bytes(), 0x12345678, mac));  // a client's
    CHECK(!answers_dhcp({}, 0, captured_mac));
    CHECK(!answers_dhcp(std::span(bytes).first(43), 0xa4617368, captured_mac));
}

TEST_CASE("the answers of dnsmasq, ISC dhcpd, kea and udhcpd are read") {
    const auto dnsmasq = read_dhcp_reply(*bytes_of_hex(dnsmasq_ack));
    REQUIRE(dnsmasq);
    CHECK(dnsmasq->type == DhcpType::ack);
    CHECK(address_text(dnsmasq->server) == "198.18.77.2");
    CHECK(text(dnsmasq->value_of(66)) == std::string("http://198.18.77.2/prov/cfg.xml\0", 32));
    CHECK(hex_of(dnsmasq->value_of(150)) == "c6124d02");
    CHECK(dnsmasq->value_of(43).size() == 33);
    CHECK(dnsmasq->options.size() == 11);

    const auto isc = read_dhcp_reply(*bytes_of_hex(isc_dhcpd_ack));
    REQUIRE(isc);
    CHECK(text(isc->value_of(66)) == "https://user:pass@198.18.77.2:8443/prov/%MA/");
    CHECK(text(isc->value_of(160)) == "http://198.18.77.2/x");
    CHECK(isc->value_of(150).size() == 8);

    const auto kea = read_dhcp_reply(*bytes_of_hex(kea_ack));
    REQUIRE(kea);
    CHECK(text(kea->value_of(66)) == "tftp://198.18.77.2:69/a/b/");
    CHECK(text(kea->value_of(160)) == "http://kea/$MAC.cfg");

    const auto udhcpd = read_dhcp_reply(*bytes_of_hex(udhcpd_ack));
    REQUIRE(udhcpd);
    CHECK(text(udhcpd->value_of(66)) == "tftp.example.net");
    CHECK(udhcpd->has(43));
    CHECK(!udhcpd->has(120));
    CHECK(udhcpd->value_of(120).empty());
}

TEST_CASE("pieces of one option are joined in the order they came") {
    const auto reply = read_dhcp_reply(message({66, 2, 'a', 'b', 0, 53, 1, 5, 66, 1, 'c', 255}));
    REQUIRE(reply);
    CHECK(text(reply->value_of(66)) == "abc");
    CHECK(reply->type == DhcpType::ack);
    CHECK(reply->options.size() == 2);
}

TEST_CASE("options in file and sname are read when the message says so, file first") {
    for (uint8_t overload = 0; overload <= 4; ++overload) {
        CAPTURE(overload);
        auto bytes = message({52, 1, overload, 66, 1, 'a', 255});
        const std::vector<uint8_t> in_file = {66, 1, 'b', 255};
        const std::vector<uint8_t> in_sname = {66, 1, 'c', 255};
        std::copy(in_file.begin(), in_file.end(), bytes.begin() + 108);
        std::copy(in_sname.begin(), in_sname.end(), bytes.begin() + 44);
        const auto reply = read_dhcp_reply(bytes);
        REQUIRE(reply);
        const char* const expected[] = {"a", "ab", "ac", "abc", "a"};
        CHECK(text(reply->value_of(66)) == expected[overload]);
    }
}

TEST_CASE("a message may end without its end option, and carry anything behind it") {
    CHECK(read_dhcp_reply(message({53, 1, 5}))->type == DhcpType::ack);
    CHECK(read_dhcp_reply(message({53, 1, 5, 255, 66, 200, 1}))->type == DhcpType::ack);
    CHECK(read_dhcp_reply(message({}))->type == DhcpType::none);
}

TEST_CASE("bad input: DHCP options that lie about their length refuse the whole message") {
    CHECK(words(read_dhcp_reply(message({53, 1, 5, 66, 9, 'a', 'b'}))) ==
          "offset 243: option 66 ends behind the message");
    CHECK(words(read_dhcp_reply(message({53, 1, 5, 66}))) ==
          "offset 243: option 66 ends behind the message");
    CHECK(words(read_dhcp_reply(message({66, 255, 'a'}))) ==
          "offset 240: option 66 ends behind the message");
    auto bytes = message({52, 1, 1, 255});
    std::fill_n(bytes.begin() + 108, 128, uint8_t{0});
    bytes[230] = 66;
    bytes[231] = 5;
    CHECK(words(read_dhcp_reply(bytes)) == "offset 230: option 66 ends behind its field 'file'");
    bytes[242] = 2;
    bytes[44] = 66;
    bytes[45] = 63;
    CHECK(words(read_dhcp_reply(bytes)) == "offset 44: option 66 ends behind its field 'sname'");
}

TEST_CASE("bad input: a DHCP message cut off anywhere is refused or read as far as it is whole") {
    const auto bytes = *bytes_of_hex(isc_dhcpd_ack);
    const auto whole = read_dhcp_reply(bytes);
    REQUIRE(whole);
    for (uint32_t size = 0; size < bytes.size(); ++size) {
        CAPTURE(size);
        const auto reply = read_dhcp_reply(std::span(bytes).first(size));
        if (size < 240) CHECK(!reply);
        if (!reply) continue;
        for (const DhcpOption& option : reply->options)
            CHECK(text(option.value) == text(whole->value_of(option.code)));
    }
}

TEST_CASE("bad input: a DHCP message that is none, BOOTP's, or a client's is refused") {
    CHECK(words(read_dhcp_reply({})) == "shorter than the head of a DHCP message");
    CHECK(words(read_dhcp_reply(inform_bytes())) == "not a server's message");
    auto bytes = message({255});
    bytes[236] = 0;
    CHECK(words(read_dhcp_reply(bytes)) == "offset 236: BOOTP without DHCP options");
}

TEST_CASE("bad input: a DHCP message of 60 kB, a thousand options or an endless one is refused") {
    CHECK(words(read_dhcp_reply(std::vector<uint8_t>(60'000, 2))) == "more than 1500 bytes");
    std::vector<uint8_t> many;
    for (uint8_t code = 1; code <= limits::dhcp_options + 1; ++code)
        many.insert(many.end(), {code == 52 ? uint8_t{200} : code, 0});
    CHECK(words(read_dhcp_reply(message(many))) == "offset 368: more than 64 options");
    std::vector<uint8_t> endless;
    for (uint32_t i = 0; i < 5; ++i) {
        endless.insert(endless.end(), {66, 250});
        endless.resize(endless.size() + 250, 'x');
    }
    REQUIRE(endless.size() + 240 <= limits::dhcp_message_bytes);
    CHECK(words(read_dhcp_reply(message(endless))) ==
          "offset 1248: option 66 has more than 1024 bytes");
}

TEST_CASE("bad input: a DHCP message with its type twice or in two bytes has none") {
    CHECK(read_dhcp_reply(message({53, 1, 5, 53, 1, 5}))->type == DhcpType::none);
    CHECK(read_dhcp_reply(message({53, 2, 5, 5}))->type == DhcpType::none);
    CHECK(read_dhcp_reply(message({54, 3, 1, 2, 3}))->server.octet_count == 0);
}

TEST_CASE("bad input: overload inside an overloaded DHCP field opens no further one") {
    auto bytes = message({52, 1, 1, 255});
    const std::vector<uint8_t> in_file = {52, 1, 2, 255};
    std::copy(in_file.begin(), in_file.end(), bytes.begin() + 108);
    bytes[44] = 66;  // would be an option that lies
    bytes[45] = 200;
    CHECK(read_dhcp_reply(bytes));
}

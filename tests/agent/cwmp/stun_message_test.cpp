// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/stun_message.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "agent/digest.h"
#include "agent/hex.h"
#include "agent/limits.h"

using namespace dialtone;

namespace {

using A = StunAttribute;

constexpr StunTransaction transaction = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
const StunEndpoint v4 = {{{192, 0, 2, 1}, 4}, 32'853};
const StunEndpoint v6 = {{{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}, 16}, 1};

std::vector<uint8_t> bytes_of(std::string_view hex) {
    std::string digits;
    std::ranges::copy_if(hex, std::back_inserter(digits), [](char one) { return one != ' '; });
    return *bytes_of_hex(digits);
}

std::string refusal(const std::vector<uint8_t>& bytes) {
    const auto message = read_stun(bytes);
    return message ? "" : message.error().detail;
}

}  // namespace

TEST_CASE("HMAC is that of RFC 2202 and RFC 4231") {
    CHECK(hex_of(hmac_sha1(std::string(20, '\x0b'), "Hi There")) ==
          "b617318655057264e28bc0b6fb378c8ef146be00");
    CHECK(hex_of(hmac_sha1("Jefe", "what do ya want for nothing?")) ==
          "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    CHECK(hex_of(hmac_sha1(std::string(80, '\xaa'),
                           "Test Using Larger Than Block-Size Key - Hash Key First")) ==
          "aa4ae5e15272d00e95705637ce8a3b55ed402112");
    CHECK(hex_of(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("a Binding Request has the attributes of TR-069 Annex G, byte for byte") {
    StunWriter writer(StunType::binding_request, transaction);
    writer.add(A::connection_request_binding, connection_request_binding_value);
    writer.add(A::binding_change, std::string_view());
    writer.add(A::username, std::string_view("phone"));
    CHECK(hex_of(writer.take()) ==
          "00010028"
          "0102030405060708090a0b0c0d0e0f10"
          "c0010014"
          "64736c666f72756d2e6f72672f54522d31313120"
          "c0020000"
          "00060008"
          "70686f6e65202020");
}

TEST_CASE("what is written is read") {
    StunWriter writer(StunType::binding_request, transaction);
    writer.add(A::connection_request_binding, connection_request_binding_value);
    writer.add(A::response_address, v4);
    writer.add(A::username, std::string_view("user"));
    writer.add_integrity("secret");
    const auto bytes = writer.take();
    const auto message = read_stun(bytes);
    REQUIRE(message);
    CHECK(message->type == 1);
    CHECK(message->transaction == transaction);
    CHECK(message->response_address == v4);
    CHECK(message->username == "user");
    CHECK(message->has_connection_request_binding);
    CHECK(!message->has_binding_change);
    CHECK(has_integrity(bytes, *message, "secret"));
    CHECK(!has_integrity(bytes, *message, "Secret"));
    CHECK(!has_integrity(bytes, *message, ""));
}

TEST_CASE("the integrity of a message is the HMAC of what comes before, padded to 64 bytes") {
    StunWriter writer(StunType::binding_request, transaction);
    writer.add(A::username, std::string_view("user"));
    writer.add_integrity("secret");
    const auto bytes = writer.take();
    std::vector<uint8_t> text(bytes.begin(), bytes.begin() + 28);
    CHECK(text[3] == 32);
    text.resize(64);
    const std::string_view key = "secret";
    const Sha1 right = hmac_sha1({reinterpret_cast<const uint8_t*>(key.data()), key.size()}, text);
    CHECK(std::ranges::equal(right, std::span(bytes).last(20)));
}

TEST_CASE("a response says where the phone is seen, by either attribute") {
    for (const StunEndpoint& endpoint : {v4, v6}) {
        StunWriter writer(StunType::binding_response, transaction);
        writer.add(A::mapped_address, endpoint);
        const auto message = read_stun(writer.take());
        REQUIRE(message);
        CHECK(message->mapped_address == endpoint);
    }
    // RFC 5769 2.2: 192.0.2.1 port 32853, behind the cookie.
    const auto masked =
        bytes_of("0101000c 2112a442 b7e7a701bc34d686fa87dfae 00200008 0001a147 e112a643");
    const auto message = read_stun(masked);
    REQUIRE(message);
    CHECK(message->mapped_address == v4);
    // RFC 5769 2.3: 2001:db8:1234:5678:11:2233:4455:6677.
    const auto masked_v6 = bytes_of(
        "01010018 2112a442 b7e7a701bc34d686fa87dfae 00200014 0002a147 0113a9faa5d3f179bc25f4b5"
        "bed2b9d9");
    CHECK(address_text(read_stun(masked_v6)->mapped_address->address) ==
          "2001:db8:1234:5678:11:2233:4455:6677");
}

TEST_CASE("of both the masked address counts, which no gateway rewrites") {
    const auto both = bytes_of(
        "01010018 2112a442 b7e7a701bc34d686fa87dfae 00200008 0001a147 e112a643"
        "00010008 00010001 0a000001");
    CHECK(read_stun(both)->mapped_address == v4);
}

TEST_CASE("an error is read with its words, as far as they can be shown") {
    StunWriter writer(StunType::binding_error, transaction);
    const std::string value("\0\0\4\1Unauthor\x1b\xffized", 18);
    writer.add(A::error_code, value);
    const auto message = read_stun(writer.take());
    REQUIRE(message);
    CHECK(message->error == 401);
    CHECK(message->error_words == "Unauthorized  ");
}

TEST_CASE("attributes that nobody has to understand are passed over, others are told") {
    const auto optional = bytes_of("01010008 000000000000000000000000 00000000 8022 0001 61000000");
    CHECK(!read_stun(optional)->has_unknown);
    const auto needed = bytes_of("01010008 000000000000000000000000 00000000 0030 0001 61000000");
    CHECK(read_stun(needed)->has_unknown);
}

TEST_CASE("what follows the integrity does not count") {
    StunWriter writer(StunType::binding_response, transaction);
    writer.add_integrity("secret");
    writer.add(A::mapped_address, v4);
    const auto message = read_stun(writer.take());
    REQUIRE(message);
    CHECK(!message->mapped_address);
}

TEST_CASE("bad input: what is no message is refused") {
    const char* const all[] = {
        "",
        "00",
        "0001000000000000000000000000000000000000ff",
        "00010000000000000000000000000000000000",             // 19 bytes
        "4001000000000000000000000000000000000000",           // no type of STUN
        "0001000400000000000000000000000000000000",           // longer than it is
        "000100030000000000000000000000000000000000ff00",     // no multiple of four
        "0001000400000000000000000000000000000000 00060001",  // an attribute without its value
        "0001000800000000000000000000000000000000 0006ffff 00000000",
        "0101000800000000000000000000000000000000 00010004 00010001",           // no address
        "0101000c00000000000000000000000000000000 00010008 00030001 01020304",  // no family
        "0101000c00000000000000000000000000000000 00010008 00020001 01020304",  // IPv6 of 4 bytes
        "0111000800000000000000000000000000000000 00090004 00000101",           // error 101
        "0111000800000000000000000000000000000000 00090004 00000464",  // error 500 by 4.100
        "0111000400000000000000000000000000000000 00090000",
        "0001000800000000000000000000000000000000 00080004 00000000",  // short integrity
        "0001000800000000000000000000000000000000 00030000 00030000",  // empty CHANGE-REQUEST
    };
    for (const char* hex : all) {
        CAPTURE(hex);
        CHECK(!refusal(bytes_of(hex)).empty());
    }
}

TEST_CASE("bad input: a message that is too long or has too many attributes is refused") {
    StunWriter many(StunType::binding_request, transaction);
    for (uint32_t i = 0; i <= limits::stun_attributes; ++i)
        many.add(A::binding_change, std::string_view());
    CHECK(refusal(many.take()) == "it has too many attributes");
    StunWriter large(StunType::binding_request, transaction);
    large.add(A::username, std::string_view(std::string(limits::stun_message_bytes, 'x')));
    CHECK(refusal(large.take()) == "it is too long");
}

TEST_CASE(
    "bad input: a message that is cut anywhere, or of which any byte is another, has no "
    "integrity") {
    StunWriter writer(StunType::binding_response, transaction);
    writer.add(A::mapped_address, v4);
    writer.add_integrity("secret");
    const auto whole = writer.take();
    for (uint32_t at = 0; at < whole.size(); ++at) {
        CAPTURE(at);
        CHECK(!read_stun(std::span(whole).first(at)));
        auto other = whole;
        other[at] ^= 1;
        const auto message = read_stun(other);
        CHECK(!(message && has_integrity(other, *message, "secret")));
    }
}

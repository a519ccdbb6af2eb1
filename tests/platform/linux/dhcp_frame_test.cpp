// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/dhcp_frame.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "agent/limits.h"

namespace dialtone {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr Address phone = {{192, 0, 2, 7}, 4};

// The checksum of RFC 1071, folded after each word.
uint16_t sum_of(std::span<const uint8_t> bytes) {
    uint32_t sum = 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
        sum += static_cast<uint32_t>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<uint16_t>(sum);
}

void put16(Bytes& packet, size_t offset, uint32_t value) {
    packet[offset] = static_cast<uint8_t>(value >> 8);
    packet[offset + 1] = static_cast<uint8_t>(value);
}

// So that the IP header holds again after a test has changed it.
void seal_ip(Bytes& packet) {
    const uint32_t head_bytes = (packet[0] & 0x0fU) * 4;
    put16(packet, 10, 0);
    put16(packet, 10, 0xffffU - sum_of(std::span(packet).first(head_bytes)));
}

void seal_udp(Bytes& packet) {
    put16(packet, 26, 0);
    Bytes summed(packet.begin() + 12, packet.begin() + 20);
    summed.insert(summed.end(), {0, 17, packet[24], packet[25]});
    summed.insert(summed.end(), packet.begin() + 20, packet.end());
    put16(packet, 26, 0xffffU - sum_of(summed));
}

// A server's answer to `phone`, whole and sound.
Bytes answer(const Bytes& message) {
    Bytes packet = make_dhcp_frame({{192, 0, 2, 1}, 4}, message);
    std::copy_n(phone.octets, 4, packet.begin() + 16);
    put16(packet, 20, 67);
    put16(packet, 22, 68);
    seal_ip(packet);
    seal_udp(packet);
    return packet;
}

std::string refusal(const Bytes& packet, bool udp_sum_is_made = true) {
    const auto frame = read_dhcp_frame(packet, udp_sum_is_made);
    return frame ? "" : frame.error().detail;
}

TEST_CASE("a DHCP frame goes from port 68 to everybody's port 67 with checksums that hold") {
    for (const Bytes& message : {Bytes{1}, Bytes{1, 2}, Bytes(300, 0xff), Bytes{}}) {
        const Bytes frame = make_dhcp_frame(phone, message);
        REQUIRE(frame.size() == dhcp_frame_head_bytes + message.size());
        CHECK(sum_of(std::span(frame).first(20)) == 0xffff);
        CHECK(Bytes(frame.begin() + 12, frame.begin() + 24) ==
              Bytes{192, 0, 2, 7, 255, 255, 255, 255, 0, 68, 0, 67});
        Bytes again = frame;
        seal_udp(again);
        CHECK(again == frame);
        CHECK(std::equal(message.begin(), message.end(), frame.begin() + 28, frame.end()));
    }
}

TEST_CASE("a UDP checksum that comes to nothing is sent as all ones") {
    for (uint32_t tail = 0; tail < 0x10000; ++tail) {
        const Bytes message = {static_cast<uint8_t>(tail >> 8), static_cast<uint8_t>(tail)};
        const Bytes frame = make_dhcp_frame(phone, message);
        if ((frame[26] | frame[27]) == 0) FAIL("a checksum of zero says that there is none");
    }
}

TEST_CASE("a phone without an address asks from 0.0.0.0") {
    const Bytes frame = make_dhcp_frame({}, Bytes{1});
    CHECK(Bytes(frame.begin() + 12, frame.begin() + 16) == Bytes(4, 0));
}

TEST_CASE("a message over the limit is cut before it is sent") {
    const Bytes frame = make_dhcp_frame(phone, Bytes(limits::dhcp_message_bytes + 9));
    CHECK(frame.size() == dhcp_frame_head_bytes + limits::dhcp_message_bytes);
}

TEST_CASE("a server's answer is read, with padding behind it and options in its IP header") {
    Bytes packet = answer({7, 8, 9});
    packet.insert(packet.end(), 17, 0xee);
    auto frame = read_dhcp_frame(packet, true);
    REQUIRE(frame);
    CHECK(Bytes(frame->message.begin(), frame->message.end()) == Bytes{7, 8, 9});
    CHECK(address_text(frame->from) == "192.0.2.1");

    packet = answer({7, 8, 9});
    packet[0] = 0x46;
    packet.insert(packet.begin() + 20, {1, 1, 1, 1});
    put16(packet, 2, static_cast<uint32_t>(packet.size()));
    seal_ip(packet);
    frame = read_dhcp_frame(packet, true);
    REQUIRE(frame);
    CHECK(frame->message.size() == 3);
}

TEST_CASE("a checksum that is not made yet, or that the server leaves out, is not looked at") {
    Bytes packet = answer({7, 8, 9});
    put16(packet, 26, 0x1234);
    CHECK(refusal(packet, false).empty());
    CHECK(refusal(packet, true) == "the UDP checksum does not hold");
    put16(packet, 26, 0);
    CHECK(refusal(packet, true).empty());
}

TEST_CASE("bad input: a DHCP packet that ends anywhere before its end") {
    const Bytes whole = answer({7, 8, 9});
    for (size_t size = 0; size < whole.size(); ++size) {
        const Bytes packet(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
        CHECK_FALSE(refusal(packet).empty());
    }
}

TEST_CASE("bad input: lengths in a DHCP packet's headers that lie") {
    struct Lie {
        size_t offset;
        uint32_t value;
        const char* words;
    };
    constexpr Lie lies[] = {
        {2, 0, "the IP length is shorter than the headers"},
        {2, 27, "the IP length is shorter than the headers"},
        {2, 30, "the UDP length is longer than the packet"},
        {2, 32, "the IP length is longer than the packet"},
        {2, 65535, "the IP length is longer than the packet"},
        {24, 0, "the UDP length is shorter than the header"},
        {24, 7, "the UDP length is shorter than the header"},
        {24, 12, "the UDP length is longer than the packet"},
        {24, 65535, "the UDP length is longer than the packet"},
        {24, 10, "the UDP checksum does not hold"},
    };
    for (const Lie& lie : lies) {
        Bytes packet = answer({7, 8, 9});
        put16(packet, lie.offset, lie.value);
        seal_ip(packet);
        CHECK(refusal(packet) == lie.words);
    }
    Bytes longest = answer({7, 8, 9});
    longest[0] = 0x4f;  // a header of 60 bytes in a packet of 31
    CHECK(refusal(longest) == "the packet ends within its headers");
    longest[0] = 0x44;
    CHECK(refusal(longest) == "the packet has no IPv4 header");
    longest[0] = 0x65;
    CHECK(refusal(longest) == "the packet has no IPv4 header");
}

TEST_CASE("bad input: packets that are no DHCP answer") {
    struct Change {
        size_t offset;
        uint32_t value;
        const char* words;
    };
    constexpr Change changes[] = {
        {8, 0x4006, "the packet is no UDP"},
        {6, 0x2000, "the packet is a fragment"},
        {6, 0x0001, "the packet is a fragment"},
        {20, 68, "not from a DHCP server to a client"},
        {22, 67, "not from a DHCP server to a client"},
    };
    for (const Change& change : changes) {
        Bytes packet = answer({7, 8, 9});
        put16(packet, change.offset, change.value);
        seal_ip(packet);
        CHECK(refusal(packet) == change.words);
    }
    Bytes broken = answer({7, 8, 9});
    broken[12] ^= 1;
    CHECK(refusal(broken) == "the IP checksum does not hold");
}

TEST_CASE("bad input: a DHCP answer over the limit") {
    CHECK(refusal(answer(Bytes(limits::dhcp_message_bytes))).empty());
    Bytes packet = answer(Bytes(limits::dhcp_message_bytes));
    packet.push_back(0);
    put16(packet, 2, static_cast<uint32_t>(packet.size()));
    put16(packet, 24, static_cast<uint32_t>(packet.size() - 20));
    seal_ip(packet);
    CHECK(refusal(packet, false) == "the message is too long");
}

}  // namespace
}  // namespace dialtone

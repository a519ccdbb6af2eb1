// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/dhcp_frame.h"

#include <algorithm>

#include "agent/limits.h"

namespace dialtone {
namespace {

constexpr uint8_t udp = 17;
constexpr uint32_t ip_head_bytes = 20;
constexpr uint32_t udp_head_bytes = 8;
constexpr uint16_t dont_fragment = 0x4000;
constexpr uint16_t fragment_bits = 0x3fff;  // more fragments, and the offset
constexpr uint8_t time_to_live = 64;

// Offsets in the IP header, then in the UDP header.
constexpr uint32_t at_total_length = 2, at_fragment = 6, at_ttl = 8, at_protocol = 9, at_sum = 10,
                   at_source = 12, at_destination = 16;
constexpr uint32_t at_source_port = 0, at_destination_port = 2, at_udp_length = 4, at_udp_sum = 6;

uint16_t get16(std::span<const uint8_t> bytes, size_t offset) {
    return static_cast<uint16_t>(bytes[offset] << 8 | bytes[offset + 1]);
}

void put16(std::span<uint8_t> bytes, size_t offset, uint32_t value) {
    bytes[offset] = static_cast<uint8_t>(value >> 8);
    bytes[offset + 1] = static_cast<uint8_t>(value);
}

// One's complement sum, not folded: 2^16 words fit.
uint32_t sum_of(std::span<const uint8_t> bytes) {
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < bytes.size(); i += 2)
        sum += get16(bytes, i);
    if (bytes.size() % 2 != 0) sum += static_cast<uint32_t>(bytes.back() << 8);
    return sum;
}

uint16_t folded(uint32_t sum) {
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>(sum);
}

// Of the datagram and the pseudo header that goes before it.
uint16_t udp_sum(std::span<const uint8_t> ip_head, std::span<const uint8_t> datagram) {
    const auto addresses = ip_head.subspan(at_source, 8);
    return folded(sum_of(addresses) + udp + static_cast<uint32_t>(datagram.size()) +
                  sum_of(datagram));
}

Status check_ip_head(std::span<const uint8_t> head, size_t packet_bytes) {
    const uint16_t total_bytes = get16(head, at_total_length);
    if (total_bytes < head.size() + udp_head_bytes) {
        return fail(ErrorCode::malformed, "the IP length is shorter than the headers");
    }
    if (total_bytes > packet_bytes) {
        return fail(ErrorCode::truncated, "the IP length is longer than the packet");
    }
    if (folded(sum_of(head)) != 0xffff) {
        return fail(ErrorCode::malformed, "the IP checksum does not hold");
    }
    if (head[at_protocol] != udp) return fail(ErrorCode::unsupported, "the packet is no UDP");
    if ((get16(head, at_fragment) & fragment_bits) == 0) return {};
    return fail(ErrorCode::unsupported, "the packet is a fragment");
}

Result<std::span<const uint8_t>> checked_ip_head(std::span<const uint8_t> packet) {
    if (packet.size() < ip_head_bytes + udp_head_bytes) {
        return fail(ErrorCode::truncated, "the packet ends within its headers");
    }
    const uint32_t head_bytes = (packet[0] & 0x0fU) * 4;
    if (packet[0] >> 4 != 4 || head_bytes < ip_head_bytes) {
        return fail(ErrorCode::malformed, "the packet has no IPv4 header");
    }
    if (head_bytes + udp_head_bytes > packet.size()) {
        return fail(ErrorCode::truncated, "the packet ends within its headers");
    }
    const auto head = packet.first(head_bytes);
    TRY(check_ip_head(head, packet.size()));
    return head;
}

}  // namespace

std::vector<uint8_t> make_dhcp_frame(const Address& from, std::span<const uint8_t> message) {
    const auto kept = message.first(std::min<size_t>(message.size(), limits::dhcp_message_bytes));
    std::vector<uint8_t> frame(dhcp_frame_head_bytes + kept.size());
    const auto head = std::span(frame).first(ip_head_bytes);
    head[0] = 0x45;
    put16(head, at_total_length, static_cast<uint32_t>(frame.size()));
    put16(head, at_fragment, dont_fragment);
    head[at_ttl] = time_to_live;
    head[at_protocol] = udp;
    if (from.octet_count == 4) std::copy_n(from.octets, 4, head.begin() + at_source);
    std::fill_n(head.begin() + at_destination, 4, uint8_t{255});
    put16(head, at_sum, 0xffffU - folded(sum_of(head)));

    const auto datagram = std::span(frame).subspan(ip_head_bytes);
    put16(datagram, at_source_port, dhcp_client_port);
    put16(datagram, at_destination_port, dhcp_server_port);
    put16(datagram, at_udp_length, static_cast<uint32_t>(datagram.size()));
    std::copy(kept.begin(), kept.end(), datagram.begin() + udp_head_bytes);
    const uint32_t sum = 0xffffU - udp_sum(head, datagram);
    put16(datagram, at_udp_sum, sum == 0 ? 0xffff : sum);  // 0 would say that there is none
    return frame;
}

Result<DhcpFrame> read_dhcp_frame(std::span<const uint8_t> packet, bool udp_sum_is_made) {
    const auto head = TRY(checked_ip_head(packet));
    const auto rest = packet.first(get16(head, at_total_length)).subspan(head.size());
    if (get16(rest, at_source_port) != dhcp_server_port ||
        get16(rest, at_destination_port) != dhcp_client_port) {
        return fail(ErrorCode::unsupported, "not from a DHCP server to a client");
    }
    const uint16_t udp_bytes = get16(rest, at_udp_length);
    if (udp_bytes < udp_head_bytes) {
        return fail(ErrorCode::malformed, "the UDP length is shorter than the header");
    }
    if (udp_bytes > rest.size()) {
        return fail(ErrorCode::truncated, "the UDP length is longer than the packet");
    }
    const auto datagram = rest.first(udp_bytes);
    const bool has_sum = get16(datagram, at_udp_sum) != 0;
    if (has_sum && udp_sum_is_made && udp_sum(head, datagram) != 0xffff) {
        return fail(ErrorCode::malformed, "the UDP checksum does not hold");
    }
    if (udp_bytes - udp_head_bytes > limits::dhcp_message_bytes) {
        return fail(ErrorCode::too_big, "the message is too long");
    }
    DhcpFrame frame;
    std::copy_n(head.begin() + at_source, 4, frame.from.octets);
    frame.from.octet_count = 4;
    frame.message = datagram.subspan(udp_head_bytes);
    return frame;
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a packet that a packet socket has seen: a DHCP message that is read lies inside the
// packet and within its bound. The same bytes with lengths, ports and checksums put right reach
// what stands behind those; and as a message of the phone's own they make a sound packet.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "agent/limits.h"
#include "platform/linux/dhcp_frame.h"

using namespace dialtone;

namespace {

using Bytes = std::vector<uint8_t>;

constexpr size_t at_ip_sum = 10, at_ports = 20;

void demand(bool holds) {
    if (!holds) std::abort();
}

void put16(Bytes& packet, size_t offset, size_t value) {
    packet[offset] = static_cast<uint8_t>(value >> 8);
    packet[offset + 1] = static_cast<uint8_t>(value);
}

uint16_t sum_of(std::span<const uint8_t> bytes) {
    uint32_t sum = 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
        sum += static_cast<uint32_t>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<uint16_t>(sum);
}

Result<DhcpFrame> read(const Bytes& packet, bool udp_sum_is_made) {
    auto frame = read_dhcp_frame(packet, udp_sum_is_made);
    if (!frame) {
        demand(!frame.error().detail.empty());
        return frame;
    }
    demand(frame->from.octet_count == 4);
    demand(frame->message.size() <= limits::dhcp_message_bytes);
    demand(frame->message.data() >= packet.data() + dhcp_frame_head_bytes);
    demand(frame->message.data() + frame->message.size() <= packet.data() + packet.size());
    return frame;
}

// The packet's IP header as it is, but with a checksum that holds.
void read_sealed(Bytes packet) {
    const size_t head_bytes = packet.empty() ? 0 : size_t{packet[0] & 0x0fU} * 4;
    if (head_bytes < 20 || packet.size() < head_bytes) return;
    put16(packet, at_ip_sum, 0);
    put16(packet, at_ip_sum, 0xffffU - sum_of(std::span(packet).first(head_bytes)));
    const bool read_without_sum = read(packet, false).has_value();
    demand(!read(packet, true) || read_without_sum);
}

// What the phone sends it would read, were it from the other port.
void send(const Bytes& message) {
    Bytes packet = make_dhcp_frame({{192, 0, 2, 7}, 4}, message);
    demand(sum_of(std::span(packet).first(20)) == 0xffff);
    demand(!read(packet, true));
    std::swap(packet[at_ports + 1], packet[at_ports + 3]);
    const auto frame = read(packet, true);
    demand(frame && frame->from == Address{{192, 0, 2, 7}, 4});
    const size_t kept = std::min<size_t>(message.size(), limits::dhcp_message_bytes);
    demand(std::ranges::equal(frame->message, std::span(message).first(kept)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const Bytes bytes(data, data + size);
    demand(!read(bytes, true) || read(bytes, false));
    read_sealed(bytes);
    send(bytes);
    return 0;
}

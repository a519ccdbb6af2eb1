// SPDX-License-Identifier: Apache-2.0
//
// A DHCP message in its IPv4 and UDP headers, as a packet socket sends and receives it: RFC 791,
// 768, 1071. Pure. Called by dhcp_socket.cpp.
//
// What arrives was put there by anybody on the link, and no kernel has looked at it before.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "agent/address.h"
#include "agent/result.h"

namespace dialtone {

inline constexpr uint16_t dhcp_server_port = 67;
inline constexpr uint16_t dhcp_client_port = 68;
inline constexpr uint32_t dhcp_frame_head_bytes = 20 + 8;  // of IP without options, of UDP

struct DhcpFrame {
    Address from = {};
    std::span<const uint8_t> message = {};  // a view into the packet
};

// `message` from port 68 of `from` (IPv4; no address gives 0.0.0.0) to port 67 of everybody on the
// link. At most limits::dhcp_message_bytes.
std::vector<uint8_t> make_dhcp_frame(const Address& from, std::span<const uint8_t> message);

// `packet` begins with the IP header and may end with padding. `udp_sum_is_made`: the sender's
// system has put the checksum in; virtual links hand packets over before that.
// Errors: unsupported for what is no whole UDP datagram from port 67 to port 68; truncated and
// malformed for lengths that lie and checksums that do not hold; too_big.
Result<DhcpFrame> read_dhcp_frame(std::span<const uint8_t> packet, bool udp_sum_is_made);

}  // namespace dialtone

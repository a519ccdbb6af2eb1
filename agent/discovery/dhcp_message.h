// SPDX-License-Identifier: Apache-2.0
//
// The bytes of DHCP for IPv4: the DHCPINFORM that asks, and what servers answer (RFC 951, 2131,
// 2132; options in `file` and `sname` and options in several pieces by RFC 3396). Called by the
// DHCP engine only; nothing here has a state, and nothing here knows what an option means.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "agent/address.h"
#include "agent/result.h"

namespace dialtone {

// RFC 2132 9.6. Values that do not stand here may arrive.
enum class DhcpType : uint8_t { none = 0, offer = 2, ack = 5, nak = 6, inform = 8 };

// The options that the message itself needs.
enum DhcpCode : uint8_t {
    dhcp_pad = 0,
    dhcp_overload = 52,
    dhcp_type = 53,
    dhcp_server_identifier = 54,
    dhcp_requested = 55,
    dhcp_message_size = 57,
    dhcp_vendor_class = 60,
    dhcp_client_identifier = 61,
    dhcp_vendor_identity = 125,
    dhcp_end = 255,
};

struct DhcpInform {
    uint32_t xid = 0;
    uint16_t seconds = 0;      // since the first try
    Address own_address = {};  // IPv4
    std::span<const uint8_t, 6> mac;
    std::span<const uint8_t> requested = {};        // codes, at most 254
    uint16_t message_bytes = 576;                   // the longest answer that is taken
    std::string_view vendor_class = {};             // cut to limits::dhcp_vendor_class_bytes
    std::span<const uint8_t> vendor_identity = {};  // option 125, at most 255 bytes
};

// A DHCPINFORM, padded to the 300 bytes below which relays drop a message.
std::vector<uint8_t> dhcp_inform(const DhcpInform& inform);

// A server's message that carries this transaction and this MAC address. Reads nothing behind them.
bool answers_dhcp(std::span<const uint8_t> bytes, uint32_t xid, std::span<const uint8_t, 6> mac);

struct DhcpOption {
    uint8_t code = 0;
    std::vector<uint8_t> value = {};  // its pieces joined
};

struct DhcpReply {
    DhcpType type = DhcpType::none;
    Address server = {};                   // option 54, or no address
    std::vector<DhcpOption> options = {};  // each code once, in the order they came

    // Nothing, also for an option without a value, if there is no such option.
    std::span<const uint8_t> value_of(uint8_t code) const;
    bool has(uint8_t code) const;
};

// A message is read whole or refused: behind a wrong length nothing can be trusted.
// Errors: truncated (shorter than its head, or an option that ends behind its field), malformed
// (not a server's message with DHCP options), too_big (over limits::dhcp_*).
Result<DhcpReply> read_dhcp_reply(std::span<const uint8_t> bytes);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// IP addresses as the agent sees them: octets and text, nothing of the operating system.
// Used by everything that names a peer.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dialtone {

struct Address {
    uint8_t octets[16] = {};
    uint8_t octet_count = 0;  // 4 or 16; 0: no address
    // As numbers: every packet's sender is compared, and byte by byte costs ten times as much.
    constexpr bool operator==(const Address& other) const {
        using Numbers = std::array<uint64_t, 2>;
        return octet_count == other.octet_count &&
               std::bit_cast<Numbers>(octets) == std::bit_cast<Numbers>(other.octets);
    }
};

// Dotted decimal, or RFC 5952 text; empty for no address. An IPv6 address mapped from IPv4 is
// written as IPv4.
std::string address_text(const Address& address);

// The same inside a URL or a SIP header: IPv6 in brackets.
std::string address_in_url(const Address& address);

// Dotted decimal with four parts, or RFC 4291 text without brackets and zone. Nothing else: no
// name, no port, no leading zeros.
std::optional<Address> parse_address(std::string_view text);

// 224.0.0.0/4 or ff00::/8.
bool is_multicast(const Address& address);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// The agent's addresses as the system's, and back. Called by the sockets of this folder.
#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "agent/address.h"

namespace dialtone {

struct SocketAddress {
    sockaddr_storage storage = {};
    socklen_t length_bytes = sizeof(sockaddr_storage);

    sockaddr* generic() { return reinterpret_cast<sockaddr*>(&storage); }
    const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// `address` has 4 or 16 octets. An IPv6 address that means something on one link only gets
// `interface_index` for its zone; 0 leaves the link to the system.
SocketAddress socket_address(const Address& address, uint16_t port, uint32_t interface_index);

// Every address of a family, by octet count.
SocketAddress any_address(uint8_t octet_count, uint16_t port);

// No address for a family that is neither IPv4 nor IPv6.
Address address_in(const SocketAddress& address);
uint16_t port_in(const SocketAddress& address);

}  // namespace dialtone

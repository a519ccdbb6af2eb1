// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/socket_address.h"

#include <netinet/in.h>
#include <string.h>

namespace dialtone {
namespace {

// fe80::/10, and multicast whose scope is the link or less.
bool is_of_one_link(const Address& address) {
    const uint8_t first = address.octets[0], second = address.octets[1];
    if (first == 0xfe) return (second & 0xc0) == 0x80;
    return first == 0xff && (second & 0x0f) <= 2;
}

}  // namespace

SocketAddress socket_address(const Address& address, uint16_t port, uint32_t interface_index) {
    SocketAddress made;
    if (address.octet_count == 4) {
        auto& four = reinterpret_cast<sockaddr_in&>(made.storage);
        four.sin_family = AF_INET;
        four.sin_port = htons(port);
        ::memcpy(&four.sin_addr, address.octets, 4);
        made.length_bytes = sizeof four;
        return made;
    }
    auto& six = reinterpret_cast<sockaddr_in6&>(made.storage);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    ::memcpy(&six.sin6_addr, address.octets, 16);
    if (is_of_one_link(address)) six.sin6_scope_id = interface_index;
    made.length_bytes = sizeof six;
    return made;
}

SocketAddress any_address(uint8_t octet_count, uint16_t port) {
    Address any;
    any.octet_count = octet_count;
    return socket_address(any, port, 0);
}

Address address_in(const SocketAddress& address) {
    Address found;
    if (address.storage.ss_family == AF_INET) {
        const auto& four = reinterpret_cast<const sockaddr_in&>(address.storage);
        ::memcpy(found.octets, &four.sin_addr, 4);
        found.octet_count = 4;
    } else if (address.storage.ss_family == AF_INET6) {
        const auto& six = reinterpret_cast<const sockaddr_in6&>(address.storage);
        ::memcpy(found.octets, &six.sin6_addr, 16);
        found.octet_count = 16;
    }
    return found;
}

uint16_t port_in(const SocketAddress& address) {
    if (address.storage.ss_family == AF_INET) {
        return ntohs(reinterpret_cast<const sockaddr_in&>(address.storage).sin_port);
    }
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_port);
}

}  // namespace dialtone

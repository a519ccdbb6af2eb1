// SPDX-License-Identifier: Apache-2.0
//
// By which interface something came to a socket that every interface of the machine leads to.
// Another interface is another network, with other people on it. Called by the sockets that have a
// port of the phone's own.
#pragma once

#include <sys/socket.h>

#include <cstdint>

namespace dialtone {

// Whoever holds the socket wants to know it from now on. Accepted connections inherit it.
void ask_for_way_in(int descriptor, uint8_t octet_count);

// The interface of a datagram, and of an accepted connection; 0: not said.
uint32_t way_in(msghdr& message);
uint32_t way_in(int connection, uint8_t octet_count);

// This machine's own programs come by the loopback interface. `interface_index` 0: all are welcome.
bool is_welcome(uint32_t way, uint32_t interface_index);

}  // namespace dialtone

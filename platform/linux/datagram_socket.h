// SPDX-License-Identifier: Apache-2.0
//
// SocketKind::datagram: UDP, unconnected. Multicast leaves by the agent's interface, one hop far.
// What waits to be read waits in the kernel; a datagram over limits::datagram_bytes is left out
// whole, so that nobody takes its beginning for all of it.
#pragma once

#include <memory>

#include "platform/linux/socket.h"

namespace dialtone {

class DatagramSocket final : public Socket {
  public:
    // `interface_index` 0: the system's routes decide where multicast goes. Errors: io; "port 5060
    // is taken" is one: whoever holds a port keeps it.
    static Result<std::unique_ptr<Socket>> open(const OpenSocket& wanted, uint32_t interface_index);

    DatagramSocket(const OpenSocket& wanted, Descriptor descriptor, uint32_t interface_index)
        : Socket(wanted.socket, std::move(descriptor)),
          octet_count_(wanted.octet_count),
          interface_index_(interface_index) {}

    Result<std::optional<Event>> take(uint32_t ready, std::span<uint8_t> buffer) override;
    Status send(const DatagramOut& datagram) override;

  private:
    uint8_t octet_count_;
    uint32_t interface_index_;
};

}  // namespace dialtone

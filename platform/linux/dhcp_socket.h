// SPDX-License-Identifier: Apache-2.0
//
// SocketKind::dhcp: the DHCP messages of the agent's interface, beside the phone's DHCP client,
// who holds the port. A packet socket (packet(7)) with a filter in the kernel; dhcp_frame.h reads
// and writes the headers.
//
// Needs CAP_NET_RAW, which account.cpp keeps.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "platform/linux/background_close.h"
#include "platform/linux/socket.h"

namespace dialtone {

class DhcpSocket final : public Socket {
  public:
    // Errors: io, in words that name the interface or the capability.
    static Result<std::unique_ptr<Socket>> open(const OpenSocket& wanted,
                                                const std::string& interface);

    DhcpSocket(RequestId id, Descriptor descriptor, std::string interface, uint32_t index)
        : Socket(id, std::move(descriptor)), interface_(std::move(interface)), index_(index) {}
    ~DhcpSocket() override { close_in_background(take_descriptor()); }

    // A packet that cannot be read is no event.
    Result<std::optional<Event>> take(uint32_t ready, std::span<uint8_t> buffer) override;

    // From the address the interface has at that moment. Where the datagram is addressed to does
    // not matter.
    Status send(const DatagramOut& datagram) override;

  private:
    std::string interface_;
    uint32_t index_;
};

}  // namespace dialtone

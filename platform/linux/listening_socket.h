// SPDX-License-Identifier: Apache-2.0
//
// SocketKind::listener: TCP on one port. Each accepted connection goes to the ConnectionOwner,
// which numbers it or closes it at once.
#pragma once

#include <memory>

#include "platform/linux/socket.h"

namespace dialtone {

class ConnectionOwner {
  public:
    // Takes over the connection; 0 when there is no room for it.
    virtual RequestId admit(Descriptor connection) = 0;

  protected:
    ~ConnectionOwner() = default;
};

class ListeningSocket final : public Socket {
  public:
    // `owner` must outlive the socket. `interface_index`: who comes by another one is turned away;
    // 0: nobody is. Errors: io, "port 5060 is taken" for one.
    static Result<std::unique_ptr<Socket>> open(const OpenSocket& wanted, uint32_t interface_index,
                                                ConnectionOwner& owner);

    ListeningSocket(const OpenSocket& wanted, Descriptor descriptor, uint32_t interface_index,
                    ConnectionOwner& owner)
        : Socket(wanted.socket, std::move(descriptor)),
          octet_count_(wanted.octet_count),
          interface_index_(interface_index),
          owner_(owner) {}

    Result<std::optional<Event>> take(uint32_t ready, std::span<uint8_t> buffer) override;

  private:
    uint8_t octet_count_;
    uint32_t interface_index_;
    ConnectionOwner& owner_;
};

}  // namespace dialtone

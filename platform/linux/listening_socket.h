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
    // `owner` must outlive the socket. Errors: io, "port 5060 is taken" for one.
    static Result<std::unique_ptr<Socket>> open(const OpenSocket& wanted, ConnectionOwner& owner);

    ListeningSocket(RequestId id, Descriptor descriptor, ConnectionOwner& owner)
        : Socket(id, std::move(descriptor)), owner_(owner) {}

    Result<std::optional<Event>> take(uint32_t ready, std::span<uint8_t> buffer) override;

  private:
    ConnectionOwner& owner_;
};

}  // namespace dialtone

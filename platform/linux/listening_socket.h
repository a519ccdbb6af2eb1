// SPDX-License-Identifier: Apache-2.0
//
// SocketKind::listener: TCP on one port. Each connection is shown to the doorkeeper, who gives it
// a number or closes it at once.
#pragma once

#include <memory>

#include "platform/linux/socket.h"

namespace dialtone {

class Doorkeeper {
  public:
    // Takes over the connection; 0 when there is no room for it.
    virtual RequestId admit(Descriptor connection) = 0;

  protected:
    ~Doorkeeper() = default;
};

class ListeningSocket final : public Socket {
  public:
    // `door` must outlive the socket. Errors: io, "port 5060 is taken" for one.
    static Result<std::unique_ptr<Socket>> open(const OpenSocket& wanted, Doorkeeper& door);

    ListeningSocket(RequestId id, Descriptor descriptor, Doorkeeper& door)
        : Socket(id, std::move(descriptor)), door_(door) {}

    Result<std::optional<Event>> take(uint32_t ready, std::span<uint8_t> buffer) override;

  private:
    Doorkeeper& door_;
};

}  // namespace dialtone

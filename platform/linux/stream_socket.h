// SPDX-License-Identifier: Apache-2.0
//
// A TCP connection: SocketKind::connection, which the agent asked for, or one that a listener
// accepted. Bytes come as they arrive, a buffer full at a time; what the peer does not take yet is
// kept up to limits::stream_out_bytes.
#pragma once

#include <memory>
#include <vector>

#include "platform/linux/socket.h"

namespace dialtone {

class StreamSocket final : public Socket {
  public:
    // Starts to connect. Errors: io, "port 5060 is taken" for one.
    static Result<std::unique_ptr<Socket>> connect_to(const OpenSocket& wanted,
                                                      uint32_t interface_index);

    // `is_connected`: an accepted one, for which no Connected is told.
    StreamSocket(RequestId id, Descriptor descriptor, bool is_connected)
        : Socket(id, std::move(descriptor)), is_connected_(is_connected) {}

    uint32_t wanted_events() const override;
    Result<std::optional<Event>> take(uint32_t ready, std::span<uint8_t> buffer) override;
    Status send(const BytesOut& bytes) override;

  private:
    Status push();

    bool is_connected_;
    std::vector<uint8_t> out_ = {};  // not yet taken by the kernel
};

}  // namespace dialtone

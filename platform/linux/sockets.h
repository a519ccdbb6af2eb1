// SPDX-License-Identifier: Apache-2.0
//
// UDP sockets by the agent's numbers: OpenSocket, CloseSocket, DatagramOut; DatagramIn and
// SocketFailed come back. A socket that failed is closed. What waits to be read waits in the
// kernel, so nothing is queued here.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "agent/effect.h"
#include "agent/limits.h"
#include "platform/linux/descriptor.h"
#include "platform/linux/loop.h"

namespace dialtone {

class Sockets final : public Part, private Watcher {
  public:
    explicit Sockets(Loop& loop) : loop_(loop) {}
    ~Sockets() override;

    void open(const OpenSocket& wanted);
    void close(RequestId socket);
    void send(const DatagramOut& datagram);

    bool deliver(Instant now, EventSink& sink) override;

  private:
    struct Entry {
        RequestId socket = 0;
        uint8_t octet_count = 4;
        Descriptor descriptor = {};
        bool readable = false;
    };
    struct Failure {
        RequestId socket = 0;
        std::string reason = {};
    };

    void ready(int descriptor, uint32_t events) override;
    Entry* find(RequestId socket);
    void fail(RequestId socket, std::string reason);
    bool receive(Entry& entry, Instant now, EventSink& sink);

    Loop& loop_;
    std::vector<Entry> entries_;
    std::vector<Failure> failures_;
    std::array<uint8_t, limits::datagram_bytes> buffer_ = {};
};

}  // namespace dialtone

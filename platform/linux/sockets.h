// SPDX-License-Identifier: Apache-2.0
//
// The agent's sockets by its numbers: OpenSocket, CloseSocket, DatagramOut and BytesOut;
// DatagramIn, Connected, Accepted, BytesIn and SocketFailed come back. A socket that failed is
// closed. What waits to be read waits in the kernel, so nothing is queued here.
//
// Bounds: limits::sockets that the agent opened, and limits::accepted connections that others
// opened; further ones are closed at once.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/effect.h"
#include "agent/limits.h"
#include "platform/linux/listening_socket.h"
#include "platform/linux/loop.h"
#include "platform/linux/socket.h"

namespace dialtone {

class Sockets final : public Part, private Watcher, private ConnectionOwner {
  public:
    // `interface` is the agent's: multicast and DHCP are spoken there. Empty: multicast goes where
    // the system's routes say, and DHCP cannot be spoken.
    Sockets(Loop& loop, std::string interface) : loop_(loop), interface_(std::move(interface)) {}
    ~Sockets() override;

    void open(const OpenSocket& wanted);
    // Says that there is no such socket, and why.
    void refuse(RequestId socket, std::string reason) {
        fail_socket(socket, std::move(reason), false);
    }
    void close(RequestId socket);
    // Ignored when there is no such socket, because it failed before the agent knew.
    void send(const DatagramOut& datagram);
    void send(const BytesOut& bytes);

    bool deliver(Instant now, EventSink& sink) override;

  private:
    struct Entry {
        std::unique_ptr<Socket> socket = {};
        uint32_t watched = 0;  // for which events
        uint32_t ready = 0;    // events that epoll reported and take() was not called for yet
    };
    struct Failure {
        RequestId socket = 0;
        std::string reason = {};
        bool opened = false;
    };

    void ready(int descriptor, uint32_t events) override;
    RequestId admit(Descriptor connection) override;
    Result<std::unique_ptr<Socket>> make(const OpenSocket& wanted);
    bool add(std::unique_ptr<Socket> socket);
    Entry* find(RequestId socket);
    size_t count_accepted() const;
    void fail_socket(RequestId socket, std::string reason, bool opened);
    void update_watch(RequestId socket, const Status& status);
    bool take_turn(RequestId socket, Instant now, EventSink& sink);

    Loop& loop_;
    std::string interface_;
    std::vector<Entry> entries_;
    std::vector<Failure> failures_;
    RequestId last_accepted_ = 0;
    std::array<uint8_t, limits::datagram_bytes> buffer_ = {};
};

}  // namespace dialtone

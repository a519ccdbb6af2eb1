// SPDX-License-Identifier: Apache-2.0
//
// One socket of the agent, whatever its kind. The kinds are datagram_socket, stream_socket,
// listening_socket and dhcp_socket; sockets.cpp owns them, watches them and closes them.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "agent/effect.h"
#include "agent/event.h"
#include "agent/result.h"
#include "platform/common/descriptor.h"

namespace dialtone {

class Socket {
  public:
    Socket(RequestId id, Descriptor descriptor) : id_(id), descriptor_(std::move(descriptor)) {}
    virtual ~Socket() = default;
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    RequestId id() const { return id_; }
    int descriptor() const { return descriptor_.get(); }

    // What it waits for, as epoll_ctl(2) takes it.
    virtual uint32_t wanted_events() const { return EPOLLIN; }

    // Called once each time epoll says `ready`; while more waits to be read epoll says it again.
    // Returns an event, whose bytes are in `buffer`, or nothing. After an error the socket cannot
    // be used any more; the error's detail is the reason that the agent gets.
    virtual Result<std::optional<Event>> take(uint32_t ready, std::span<uint8_t> buffer) = 0;

    // Errors: as take().
    virtual Status send(const DatagramOut&) {
        return fail(ErrorCode::unsupported, "a datagram on a socket that takes none");
    }
    virtual Status send(const BytesOut&) {
        return fail(ErrorCode::unsupported, "bytes on a socket that takes none");
    }

  protected:
    // For a kind that is closed in another way than the others.
    Descriptor take_descriptor() { return std::move(descriptor_); }

  private:
    RequestId id_;
    Descriptor descriptor_;
};

// A failure in the system's words.
std::unexpected<Error> fail_with_errno(int number);

// Binds to `port` of every address. 0 is any, and binds nothing. Errors: io, in words that name
// the port.
Status bind_port(int descriptor, uint8_t octet_count, uint16_t port);

}  // namespace dialtone

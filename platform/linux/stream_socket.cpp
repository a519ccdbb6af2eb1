// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/stream_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "agent/limits.h"
#include "platform/linux/socket_address.h"

namespace dialtone {
namespace {

bool is_for_later(int number) {
    return number == EAGAIN || number == EINTR;
}

}  // namespace

Result<std::unique_ptr<Socket>> StreamSocket::connect_to(const OpenSocket& wanted,
                                                         uint32_t interface_index) {
    if (wanted.to.octet_count != wanted.octet_count) {
        return fail(ErrorCode::unsupported, "an address of the other IP version");
    }
    const int family = wanted.octet_count == 4 ? AF_INET : AF_INET6;
    Descriptor made(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!made.is_open()) return fail_with_errno(errno);
    // The port of a connection that was just closed is free again; a listener's stays its own.
    const int on = 1;
    ::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    TRY(bind_port(made.get(), wanted.octet_count, wanted.port));
    const SocketAddress to = socket_address(wanted.to, wanted.to_port, interface_index);
    if (::connect(made.get(), to.generic(), to.length_bytes) < 0 && errno != EINPROGRESS) {
        return fail_with_errno(errno);
    }
    return std::make_unique<StreamSocket>(wanted.socket, std::move(made), false);
}

uint32_t StreamSocket::wanted_events() const {
    if (!is_connected_) return EPOLLOUT;
    return out_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT;
}

Result<std::optional<Event>> StreamSocket::take(uint32_t ready, std::span<uint8_t> buffer) {
    if (!is_connected_) {
        int number = 0;
        socklen_t length_bytes = sizeof number;
        ::getsockopt(descriptor(), SOL_SOCKET, SO_ERROR, &number, &length_bytes);
        if (number != 0) return fail_with_errno(number);
        is_connected_ = true;
        TRY(push());
        return Connected{id()};
    }
    if ((ready & EPOLLOUT) != 0) TRY(push());
    if ((ready & ~static_cast<uint32_t>(EPOLLOUT)) == 0) return std::nullopt;
    const ssize_t count = ::recv(descriptor(), buffer.data(), buffer.size(), 0);
    if (count < 0 && is_for_later(errno)) return std::nullopt;
    if (count < 0) return fail_with_errno(errno);
    if (count == 0) return fail(ErrorCode::io, "the peer ended the connection");
    return BytesIn{id(), buffer.first(static_cast<size_t>(count))};
}

Status StreamSocket::send(const BytesOut& bytes) {
    out_.insert(out_.end(), bytes.bytes.begin(), bytes.bytes.end());
    if (is_connected_) TRY(push());
    if (out_.size() <= limits::stream_out_bytes) return {};
    return fail(ErrorCode::too_big, "the peer does not take what is sent");
}

Status StreamSocket::push() {
    if (out_.empty()) return {};
    const ssize_t count = ::send(descriptor(), out_.data(), out_.size(), MSG_NOSIGNAL);
    if (count < 0 && !is_for_later(errno)) return fail_with_errno(errno);
    if (count > 0) out_.erase(out_.begin(), out_.begin() + count);
    return {};
}

}  // namespace dialtone

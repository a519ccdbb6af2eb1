// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/listening_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "agent/limits.h"
#include "platform/linux/socket_address.h"
#include "platform/linux/way_in.h"

namespace dialtone {
namespace {

constexpr uint32_t refused_at_once = 16;  // in one turn, so that other sockets get theirs

// The error is of one connection, which is gone already: the listener itself works.
bool is_of_one_client(int number) {
    constexpr int numbers[] = {EAGAIN,       EINTR,       ECONNABORTED, ENETDOWN,
                               EPROTO,       ENOPROTOOPT, EHOSTDOWN,    ENONET,
                               EHOSTUNREACH, EOPNOTSUPP,  ENETUNREACH,  EPERM};
    for (int one : numbers) {
        if (number == one) return true;
    }
    return false;
}

}  // namespace

Result<std::unique_ptr<Socket>> ListeningSocket::open(const OpenSocket& wanted,
                                                      uint32_t interface_index,
                                                      ConnectionOwner& owner) {
    const int family = wanted.octet_count == 4 ? AF_INET : AF_INET6;
    Descriptor made(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!made.is_open()) return fail_with_errno(errno);
    const int on = 1;
    // Connections of the life before a reboot stay in TIME_WAIT for a minute and would keep the
    // port. Two listeners still exclude each other.
    ::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (family == AF_INET6) ::setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (interface_index != 0) ask_for_way_in(made.get(), wanted.octet_count);
    TRY(bind_port(made.get(), wanted.octet_count, wanted.port));
    if (::listen(made.get(), limits::accepted) < 0) {
        if (errno != EADDRINUSE) return fail_with_errno(errno);
        return fail(ErrorCode::io, "port " + std::to_string(wanted.port) + " is taken");
    }
    return std::make_unique<ListeningSocket>(wanted, std::move(made), interface_index, owner);
}

Result<std::optional<Event>> ListeningSocket::take(uint32_t, std::span<uint8_t>) {
    for (uint32_t i = 0; i < refused_at_once; ++i) {
        SocketAddress from;
        Descriptor connection(::accept4(descriptor(), from.generic(), &from.length_bytes,
                                        SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!connection.is_open() && is_of_one_client(errno)) return std::nullopt;
        if (!connection.is_open()) return fail_with_errno(errno);
        if (!is_welcome(way_in(connection.get(), octet_count_), interface_index_)) continue;
        const RequestId number = owner_.admit(std::move(connection));
        if (number != 0) return Accepted{id(), number, address_in(from), port_in(from)};
    }
    return std::nullopt;
}

}  // namespace dialtone

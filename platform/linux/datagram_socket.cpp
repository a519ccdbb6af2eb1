// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/datagram_socket.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "platform/linux/socket_address.h"
#include "platform/linux/way_in.h"

namespace dialtone {
namespace {

constexpr int multicast_hops = 1;  // the servers that are asked so are on the phone's own link

// The network drops datagrams; these are its ways to do so before they left.
bool is_loss(int number) {
    return number == EAGAIN || number == ENOBUFS || number == EINTR;
}

void steer_multicast(int descriptor, uint8_t octet_count, uint32_t interface_index) {
    if (octet_count == 4) {
        ip_mreqn way = {};
        way.imr_ifindex = static_cast<int>(interface_index);
        if (interface_index != 0) {
            ::setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &way, sizeof way);
        }
        ::setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_TTL, &multicast_hops,
                     sizeof multicast_hops);
        return;
    }
    const auto way = static_cast<int>(interface_index);
    if (way != 0) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_MULTICAST_IF, &way, sizeof way);
    ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &multicast_hops,
                 sizeof multicast_hops);
}

}  // namespace

Result<std::unique_ptr<Socket>> DatagramSocket::open(const OpenSocket& wanted,
                                                     uint32_t interface_index) {
    const int family = wanted.octet_count == 4 ? AF_INET : AF_INET6;
    Descriptor made(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!made.is_open()) return fail_with_errno(errno);
    const int on = 1;
    if (family == AF_INET6) ::setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    steer_multicast(made.get(), wanted.octet_count, interface_index);
    if (wanted.port != 0 && interface_index != 0) ask_for_way_in(made.get(), wanted.octet_count);
    TRY(bind_port(made.get(), wanted.octet_count, wanted.port));
    return std::make_unique<DatagramSocket>(wanted, std::move(made), interface_index);
}

Result<std::optional<Event>> DatagramSocket::take(uint32_t, std::span<uint8_t> buffer) {
    SocketAddress from;
    iovec place = {buffer.data(), buffer.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(in_pktinfo))];
    msghdr message = {};
    message.msg_name = from.generic();
    message.msg_namelen = from.length_bytes;
    message.msg_iov = &place;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    // MSG_TRUNC gives the datagram's real size.
    const ssize_t count = ::recvmsg(descriptor(), &message, MSG_TRUNC);
    if (count < 0 || static_cast<size_t>(count) > buffer.size()) return std::nullopt;
    from.length_bytes = message.msg_namelen;
    if (!is_welcome(way_in(message), interface_index_)) return std::nullopt;
    return DatagramIn{id(), address_in(from), port_in(from),
                      buffer.first(static_cast<size_t>(count))};
}

Status DatagramSocket::send(const DatagramOut& datagram) {
    if (octet_count_ != datagram.to.octet_count) {
        return fail(ErrorCode::unsupported, "an address of the other IP version");
    }
    const SocketAddress to = socket_address(datagram.to, datagram.to_port, interface_index_);
    const ssize_t count = ::sendto(descriptor(), datagram.bytes.data(), datagram.bytes.size(),
                                   MSG_NOSIGNAL, to.generic(), to.length_bytes);
    if (count < 0 && !is_loss(errno)) return fail_with_errno(errno);
    return {};
}

}  // namespace dialtone

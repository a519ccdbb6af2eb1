// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <utility>

#include "platform/world.h"

namespace dialtone {
namespace {

// Of the socket's kind; the length of what was filled in.
socklen_t fill_address(const Address& address, uint16_t port, sockaddr_storage& storage) {
    if (address.octet_count == 4) {
        auto& four = reinterpret_cast<sockaddr_in&>(storage);
        four.sin_family = AF_INET;
        four.sin_port = htons(port);
        ::memcpy(&four.sin_addr, address.octets, 4);
        return sizeof four;
    }
    auto& six = reinterpret_cast<sockaddr_in6&>(storage);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    ::memcpy(&six.sin6_addr, address.octets, 16);
    return sizeof six;
}

void read_address(const sockaddr_storage& storage, DatagramIn& datagram) {
    if (storage.ss_family == AF_INET) {
        const auto& four = reinterpret_cast<const sockaddr_in&>(storage);
        ::memcpy(datagram.from.octets, &four.sin_addr, 4);
        datagram.from.octet_count = 4;
        datagram.from_port = ntohs(four.sin_port);
        return;
    }
    const auto& six = reinterpret_cast<const sockaddr_in6&>(storage);
    ::memcpy(datagram.from.octets, &six.sin6_addr, 16);
    datagram.from.octet_count = 16;
    datagram.from_port = ntohs(six.sin6_port);
}

// The network drops datagrams; these are its ways to do so before they left.
bool is_loss(int number) {
    return number == EAGAIN || number == ENOBUFS || number == EINTR;
}

}  // namespace

Sockets::~Sockets() {
    for (const Entry& entry : entries_)
        loop_.forget(entry.descriptor.get());
}

Sockets::Entry* Sockets::find(RequestId socket) {
    for (Entry& entry : entries_) {
        if (entry.socket == socket) return &entry;
    }
    return nullptr;
}

void Sockets::fail(RequestId socket, std::string reason) {
    close(socket);
    failures_.push_back({socket, std::move(reason)});
}

void Sockets::open(const OpenSocket& wanted) {
    close(wanted.socket);
    if (entries_.size() >= limits::sockets) return fail(wanted.socket, "too many sockets are open");
    const int family = wanted.octet_count == 4 ? AF_INET : AF_INET6;
    Entry entry = {.socket = wanted.socket, .octet_count = wanted.octet_count};
    entry.descriptor.reset(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int descriptor = entry.descriptor.get();
    if (descriptor < 0) return fail(wanted.socket, ::strerror(errno));
    const int on = 1;
    if (family == AF_INET6) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (!loop_.watch(descriptor, EPOLLIN, *this)) return fail(wanted.socket, ::strerror(errno));
    entries_.push_back(std::move(entry));
}

void Sockets::close(RequestId socket) {
    Entry* entry = find(socket);
    if (entry == nullptr) return;
    loop_.forget(entry->descriptor.get());
    entries_.erase(entries_.begin() + (entry - entries_.data()));
}

void Sockets::send(const DatagramOut& datagram) {
    const Entry* entry = find(datagram.socket);
    if (entry == nullptr) return;
    if (entry->octet_count != datagram.to.octet_count) {
        return fail(datagram.socket, "an address of the other IP version");
    }
    sockaddr_storage to = {};
    const socklen_t length = fill_address(datagram.to, datagram.to_port, to);
    const ssize_t count =
        ::sendto(entry->descriptor.get(), datagram.bytes.data(), datagram.bytes.size(),
                 MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), length);
    if (count < 0 && !is_loss(errno)) fail(datagram.socket, ::strerror(errno));
}

void Sockets::ready(int descriptor, uint32_t) {
    for (Entry& entry : entries_) {
        if (entry.descriptor.get() == descriptor) entry.readable = true;
    }
}

bool Sockets::receive(Entry& entry, Instant now, EventSink& sink) {
    sockaddr_storage from = {};
    socklen_t length = sizeof from;
    // MSG_TRUNC gives the datagram's real size: what is longer than the limit is left out whole.
    const ssize_t count = ::recvfrom(entry.descriptor.get(), buffer_.data(), buffer_.size(),
                                     MSG_TRUNC, reinterpret_cast<sockaddr*>(&from), &length);
    // The loop says again when there is more, so that a flood leaves the others their turn.
    entry.readable = false;
    if (count < 0 || static_cast<size_t>(count) > buffer_.size()) return false;
    DatagramIn datagram = {.socket = entry.socket};
    read_address(from, datagram);
    datagram.bytes = {buffer_.data(), static_cast<size_t>(count)};
    sink.take(now, datagram);
    return true;
}

bool Sockets::deliver(Instant now, EventSink& sink) {
    if (!failures_.empty()) {
        const Failure failure = std::move(failures_.front());
        failures_.erase(failures_.begin());
        sink.take(now, SocketFailed{failure.socket, failure.reason});
        return true;
    }
    for (Entry& entry : entries_) {
        if (entry.readable && receive(entry, now, sink)) return true;
    }
    return false;
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/sockets.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include <algorithm>
#include <utility>

#include "platform/linux/datagram_socket.h"
#include "platform/linux/dhcp_socket.h"
#include "platform/linux/stream_socket.h"
#include "platform/world.h"

namespace dialtone {
namespace {

constexpr RequestId accepted_bit = 0x8000'0000;  // of the numbers that are the world's

bool is_accepted(RequestId socket) {
    return (socket & accepted_bit) != 0;
}

}  // namespace

Sockets::~Sockets() {
    for (const Entry& entry : entries_)
        loop_.forget(entry.socket->descriptor());
}

Sockets::Entry* Sockets::find(RequestId socket) {
    for (Entry& entry : entries_) {
        if (entry.socket->id() == socket) return &entry;
    }
    return nullptr;
}

size_t Sockets::count_accepted() const {
    return static_cast<size_t>(std::ranges::count_if(
        entries_, [](const Entry& entry) { return is_accepted(entry.socket->id()); }));
}

void Sockets::fail_socket(RequestId socket, std::string reason, bool opened) {
    close(socket);
    failures_.push_back({socket, std::move(reason), opened});
}

Result<std::unique_ptr<Socket>> Sockets::make(const OpenSocket& wanted) {
    switch (wanted.kind) {
        case SocketKind::datagram:
            return DatagramSocket::open(wanted, ::if_nametoindex(interface_.c_str()));
        case SocketKind::connection:
            return StreamSocket::connect_to(wanted, ::if_nametoindex(interface_.c_str()));
        case SocketKind::listener:
            return ListeningSocket::open(wanted, ::if_nametoindex(interface_.c_str()), *this);
        case SocketKind::dhcp:
            return DhcpSocket::open(wanted, interface_);
    }
    __builtin_unreachable();
}

bool Sockets::add(std::unique_ptr<Socket> socket) {
    const uint32_t events = socket->wanted_events();
    if (!loop_.watch(socket->descriptor(), events, *this)) return false;
    entries_.push_back({.socket = std::move(socket), .watched = events});
    return true;
}

void Sockets::open(const OpenSocket& wanted) {
    close(wanted.socket);
    if (entries_.size() - count_accepted() >= limits::sockets) {
        return fail_socket(wanted.socket, "too many sockets are open", false);
    }
    auto made = make(wanted);
    if (!made) return fail_socket(wanted.socket, made.error().detail, false);
    if (!add(std::move(*made))) fail_socket(wanted.socket, ::strerror(errno), false);
}

void Sockets::close(RequestId socket) {
    std::erase_if(failures_, [socket](const Failure& one) { return one.socket == socket; });
    Entry* entry = find(socket);
    if (entry == nullptr) return;
    loop_.forget(entry->socket->descriptor());
    entries_.erase(entries_.begin() + (entry - entries_.data()));
}

// Numbers repeat after 2^31 connections.
RequestId Sockets::admit(Descriptor connection) {
    if (count_accepted() >= limits::accepted) return 0;
    last_accepted_ = (last_accepted_ + 1) | accepted_bit;
    const RequestId number = last_accepted_;
    if (find(number) != nullptr) return 0;
    return add(std::make_unique<StreamSocket>(number, std::move(connection), true)) ? number : 0;
}

// Called after a socket was used: closes it if that failed, and watches it for what it wants now.
void Sockets::update_watch(RequestId socket, const Status& status) {
    if (!status) return fail_socket(socket, status.error().detail, true);
    Entry* entry = find(socket);
    if (entry == nullptr) return;
    const uint32_t wanted = entry->socket->wanted_events();
    if (wanted == entry->watched) return;
    entry->watched = wanted;
    if (!loop_.watch(entry->socket->descriptor(), wanted, *this)) {
        fail_socket(socket, ::strerror(errno), true);
    }
}

void Sockets::send(const DatagramOut& datagram) {
    const Entry* entry = find(datagram.socket);
    if (entry != nullptr) update_watch(datagram.socket, entry->socket->send(datagram));
}

void Sockets::send(const BytesOut& bytes) {
    const Entry* entry = find(bytes.socket);
    if (entry != nullptr) update_watch(bytes.socket, entry->socket->send(bytes));
}

void Sockets::ready(int descriptor, uint32_t events) {
    for (Entry& entry : entries_) {
        if (entry.socket->descriptor() == descriptor) entry.ready |= events;
    }
}

// Takes one event only: the loop reports the socket again, after the others, when it has more.
bool Sockets::take_turn(RequestId socket, Instant now, EventSink& sink) {
    Entry* entry = find(socket);
    const uint32_t ready = std::exchange(entry->ready, 0U);
    auto taken = entry->socket->take(ready, buffer_);
    update_watch(socket, taken ? Status{} : std::unexpected(taken.error()));
    if (!taken || !*taken) return false;
    sink.take(now, **taken);
    return true;
}

bool Sockets::deliver(Instant now, EventSink& sink) {
    for (;;) {
        if (!failures_.empty()) {
            const Failure failure = std::move(failures_.front());
            failures_.erase(failures_.begin());
            sink.take(now, SocketFailed{failure.socket, failure.reason, failure.opened});
            return true;
        }
        const auto entry =
            std::ranges::find_if(entries_, [](const Entry& one) { return one.ready != 0; });
        if (entry == entries_.end()) return false;
        if (take_turn(entry->socket->id(), now, sink)) return true;
    }
}

}  // namespace dialtone

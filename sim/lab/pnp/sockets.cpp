// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/pnp/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "agent/text.h"

namespace dialtone::sim::pnp {
namespace {

constexpr uint32_t datagram_bytes = 65'536;

std::unexpected<Error> refuse(std::string_view what) {
    return fail(ErrorCode::io, std::string(what) + ": " + strerror(errno));
}

std::string text_of(const in_addr& address) {
    char text[INET_ADDRSTRLEN] = {};
    inet_ntop(AF_INET, &address, text, sizeof text);
    return text;
}

int open_socket() {
    const int file = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int yes = 1;
    if (file >= 0) setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return file;
}

bool bind_to(int file, const in_addr& address) {
    sockaddr_in place = {};
    place.sin_family = AF_INET;
    place.sin_port = htons(group_port);
    place.sin_addr = address;
    return bind(file, reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0;
}

bool join(int file, const in_addr& address, uint32_t interface) {
    ip_mreqn member = {};
    member.imr_multiaddr = address;
    member.imr_ifindex = static_cast<int>(interface);
    return setsockopt(file, IPPROTO_IP, IP_ADD_MEMBERSHIP, &member, sizeof member) == 0;
}

void take_from(int file, bool is_group, const Sockets::Taker& taker) {
    std::string bytes(datagram_bytes, '\0');
    for (;;) {
        sockaddr_in from = {};
        socklen_t from_bytes = sizeof from;
        const auto got = recvfrom(file, bytes.data(), bytes.size(), 0,
                                  reinterpret_cast<sockaddr*>(&from), &from_bytes);
        if (got < 0) return;
        taker(text_of(from.sin_addr) + ":" + std::to_string(ntohs(from.sin_port)),
              std::string_view(bytes).substr(0, static_cast<size_t>(got)), is_group);
    }
}

}  // namespace

Sockets::~Sockets() {
    if (group_ >= 0) close(group_);
    if (own_ >= 0) close(own_);
}

Status Sockets::open(std::string_view interface) {
    ifreq request = {};
    if (interface.size() >= sizeof request.ifr_name)
        return fail(ErrorCode::bad_usage, "no name of an interface");
    std::ranges::copy(interface, request.ifr_name);
    const uint32_t index = if_nametoindex(request.ifr_name);
    if (index == 0) return fail(ErrorCode::bad_usage, "there is no such interface");
    group_ = open_socket();
    own_ = open_socket();
    if (group_ < 0 || own_ < 0) return refuse("no socket");
    if (ioctl(own_, SIOCGIFADDR, &request) != 0)
        return fail(ErrorCode::bad_usage, "the interface has no IPv4 address");
    const in_addr own = reinterpret_cast<const sockaddr_in&>(request.ifr_addr).sin_addr;
    address_ = text_of(own);
    in_addr multicast = {};
    inet_pton(AF_INET, std::string(group).c_str(), &multicast);
    if (!bind_to(own_, own) || !bind_to(group_, multicast))
        return refuse("port " + std::to_string(group_port) + " cannot be had");
    if (!join(group_, multicast, index)) return refuse("the group cannot be joined");
    return {};
}

void Sockets::take(const Taker& taker) const {
    take_from(group_, true, taker);
    take_from(own_, false, taker);
}

void Sockets::send(const Datagram& datagram) const {
    std::string_view port = datagram.to;
    const std::string host(take_piece(port, ':'));
    uint16_t number = 0;
    std::from_chars(port.data(), port.data() + port.size(), number);
    sockaddr_in place = {};
    place.sin_family = AF_INET;
    place.sin_port = htons(number);
    inet_pton(AF_INET, host.c_str(), &place.sin_addr);
    sendto(own_, datagram.text.data(), datagram.text.size(), MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr*>(&place), sizeof place);
}

}  // namespace dialtone::sim::pnp

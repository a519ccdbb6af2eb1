// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/link.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <span>
#include <utility>

#include "platform/world.h"

namespace dialtone {
namespace {

// What the kernel puts into one answer of a dump.
constexpr size_t answer_bytes = 16384;

constexpr uint32_t ask_again_ms = 1'000;  // when the system had no room

struct Request {
    nlmsghdr header = {};
    ifaddrmsg body = {};
};

bool is_link_local(int family, const uint8_t* octets) {
    if (family == AF_INET) return octets[0] == 169 && octets[1] == 254;
    return octets[0] == 0xfe && (octets[1] & 0xc0) == 0x80;
}

// The address of one RTM_NEWADDR; none when it is of another interface or of no use.
Address address_of(const nlmsghdr* message, uint32_t index) {
    const auto* body = static_cast<const ifaddrmsg*>(NLMSG_DATA(message));
    if (body->ifa_index != index) return {};
    if ((body->ifa_flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) != 0) return {};
    const uint8_t octet_count = body->ifa_family == AF_INET ? 4 : 16;
    const uint8_t* octets = nullptr;
    auto length = static_cast<int>(IFA_PAYLOAD(message));
    for (const rtattr* field = IFA_RTA(body); RTA_OK(field, length);
         field = RTA_NEXT(field, length)) {
        if (RTA_PAYLOAD(field) < octet_count) continue;
        // On a point-to-point link IFA_ADDRESS is the other end; IFA_LOCAL is never.
        const bool is_own = field->rta_type == IFA_LOCAL;
        if (is_own || (field->rta_type == IFA_ADDRESS && octets == nullptr)) {
            octets = static_cast<const uint8_t*>(RTA_DATA(field));
        }
    }
    if (octets == nullptr || is_link_local(body->ifa_family, octets)) return {};
    Address address;
    ::memcpy(address.octets, octets, octet_count);
    address.octet_count = octet_count;
    return address;
}

ssize_t receive(int netlink, std::span<char> answer) {
    for (;;) {
        const ssize_t count = ::recv(netlink, answer.data(), answer.size(), 0);
        if (count >= 0 || errno != EINTR) return count;
    }
}

// The first usable address of a family, without octets when there is none. Nothing when the system
// does not answer.
std::optional<Address> first_address(int netlink, uint32_t index, int family) {
    Request request;
    request.header.nlmsg_len = NLMSG_LENGTH(sizeof request.body);
    request.header.nlmsg_type = RTM_GETADDR;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.body.ifa_family = static_cast<uint8_t>(family);
    if (::send(netlink, &request, request.header.nlmsg_len, 0) < 0) return {};
    alignas(nlmsghdr) std::array<char, answer_bytes> answer;
    Address found;
    for (;;) {
        const ssize_t count = receive(netlink, answer);
        if (count <= 0) return {};
        auto length = static_cast<uint32_t>(count);
        for (auto* message = reinterpret_cast<const nlmsghdr*>(answer.data());
             NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
            if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
                return found;
            }
            if (message->nlmsg_type == RTM_NEWADDR && found.octet_count == 0) {
                found = address_of(message, index);
            }
        }
    }
}

bool has_carrier(int any_socket, const std::string& interface) {
    ifreq request = {};
    if (interface.size() >= sizeof request.ifr_name) return false;
    ::memcpy(request.ifr_name, interface.data(), interface.size());
    if (::ioctl(any_socket, SIOCGIFFLAGS, &request) < 0) return false;
    constexpr int wanted = IFF_UP | IFF_RUNNING;
    return (request.ifr_flags & wanted) == wanted;
}

}  // namespace

std::optional<LinkState> read_link_state(const std::string& interface) {
    const Descriptor any_socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const Descriptor netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!any_socket.is_open() || !netlink.is_open()) return {};
    const uint32_t index = ::if_nametoindex(interface.c_str());
    if (index == 0 || !has_carrier(any_socket.get(), interface)) return LinkState{};
    for (const int family : {AF_INET, AF_INET6}) {
        const auto address = first_address(netlink.get(), index, family);
        if (!address) return {};
        if (address->octet_count != 0) return LinkState{true, *address};
    }
    return LinkState{};
}

Link::Link(Loop& loop, std::string interface) : loop_(loop), interface_(std::move(interface)) {
    constexpr int kind = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK;
    changes_.reset(::socket(AF_NETLINK, kind, NETLINK_ROUTE));
    sockaddr_nl address = {};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    // Without it the state found at the start stays the last one known.
    if (!changes_.is_open() || ::bind(changes_.get(), generic, sizeof address) < 0) return;
    loop_.watch(changes_.get(), EPOLLIN, *this);
}

Link::~Link() {
    loop_.forget(changes_.get());
}

void Link::ready(int, uint32_t) {
    std::array<char, answer_bytes> ignored;
    // Until EAGAIN; ENOBUFS means that messages were lost, and is a change like any other.
    while (::recv(changes_.get(), ignored.data(), ignored.size(), 0) > 0) {
    }
    stale_ = true;
}

bool Link::deliver(Instant now, EventSink& sink) {
    if (!stale_) return false;
    stale_ = false;
    const auto state = read_link_state(interface_);
    if (!state) {
        ask_again_at_ = now + ask_again_ms;
        return false;
    }
    if (told_once_ && *state == told_) return false;
    told_once_ = true;
    told_ = *state;
    sink.take(now, LinkChanged{state->up, state->address});
    return true;
}

void Link::tick(Instant now) {
    if (!ask_again_at_ || now < *ask_again_at_) return;
    ask_again_at_.reset();
    stale_ = true;
}

}  // namespace dialtone

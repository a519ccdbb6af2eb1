// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/dhcp_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

#include "agent/limits.h"
#include "platform/linux/dhcp_frame.h"

namespace dialtone {
namespace {

// UDP to port 68, and of fragments only the first; the rest never wakes the phone. Lengths and
// checksums are read_dhcp_frame()'s.
constexpr sock_filter filter_steps[] = {
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),                        // the protocol
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 6),       // is UDP
    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),                        // flags and fragment's offset
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 4, 0),           // begin the datagram
    BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),                       // behind the IP header
    BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),                        // the destination port
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, dhcp_client_port, 0, 1),  // is the client's
    BPF_STMT(BPF_RET | BPF_K, 0xffffffff),                        // all of it
    BPF_STMT(BPF_RET | BPF_K, 0),                                 // nothing
};

bool attach_filter(int descriptor) {
    sock_filter steps[std::size(filter_steps)];
    std::ranges::copy(filter_steps, steps);
    const sock_fprog program = {static_cast<uint16_t>(std::size(steps)), steps};
    return ::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

sockaddr_ll on_link(uint32_t interface_index) {
    sockaddr_ll address = {};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_IP);
    address.sll_ifindex = static_cast<int>(interface_index);
    return address;
}

// The interface's first IPv4 address; none, when it has none.
Address own_address(const std::string& interface) {
    ifreq request = {};
    interface.copy(request.ifr_name, sizeof request.ifr_name - 1);
    const Descriptor any_socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (::ioctl(any_socket.get(), SIOCGIFADDR, &request) < 0) return {};
    const auto& found = reinterpret_cast<const sockaddr_in&>(request.ifr_addr);
    Address address;
    ::memcpy(address.octets, &found.sin_addr, 4);
    address.octet_count = 4;
    return address;
}

// The kernel says so when a packet has no checksum yet, as between two virtual ends on one machine.
bool is_udp_sum_made(msghdr& message) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_PACKET || part->cmsg_type != PACKET_AUXDATA) continue;
        tpacket_auxdata data = {};
        ::memcpy(&data, CMSG_DATA(part), sizeof data);
        return (data.tp_status & TP_STATUS_CSUMNOTREADY) == 0;
    }
    return true;
}

std::unexpected<Error> fail_about(const std::string& interface, int number) {
    return fail(ErrorCode::io, "DHCP on " + interface + ": " + ::strerror(number));
}

}  // namespace

Result<std::unique_ptr<Socket>> DhcpSocket::open(const OpenSocket& wanted,
                                                 const std::string& interface) {
    const uint32_t index = ::if_nametoindex(interface.c_str());
    if (index == 0) return fail(ErrorCode::io, "DHCP: there is no interface '" + interface + "'");
    // Without a protocol nothing arrives until the filter is there.
    Descriptor made(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!made.is_open() && (errno == EPERM || errno == EACCES)) {
        return fail(ErrorCode::io, "DHCP on " + interface + " needs CAP_NET_RAW, which is missing");
    }
    const int on = 1;
    const sockaddr_ll here = on_link(index);
    const auto* generic = reinterpret_cast<const sockaddr*>(&here);
    if (!made.is_open() || !attach_filter(made.get()) ||
        ::setsockopt(made.get(), SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) < 0 ||
        ::bind(made.get(), generic, sizeof here) < 0) {
        return fail_about(interface, errno);
    }
    return std::make_unique<DhcpSocket>(wanted.socket, std::move(made), interface, index);
}

Result<std::optional<Event>> DhcpSocket::take(uint32_t, std::span<uint8_t> buffer) {
    alignas(cmsghdr) char aside[CMSG_SPACE(sizeof(tpacket_auxdata))] = {};
    iovec room = {buffer.data(), buffer.size()};
    msghdr message = {};
    message.msg_iov = &room;
    message.msg_iovlen = 1;
    message.msg_control = aside;
    message.msg_controllen = sizeof aside;
    const ssize_t count = ::recvmsg(descriptor(), &message, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (count < 0) return fail_about(interface_, errno);
    if ((message.msg_flags & MSG_TRUNC) != 0) return std::nullopt;
    const auto packet = buffer.first(static_cast<size_t>(count));
    const auto frame = read_dhcp_frame(packet, is_udp_sum_made(message));
    if (!frame) return std::nullopt;
    return DatagramIn{id(), frame->from, dhcp_server_port, frame->message};
}

Status DhcpSocket::send(const DatagramOut& datagram) {
    if (datagram.bytes.size() > limits::dhcp_message_bytes) {
        return fail(ErrorCode::too_big, "a DHCP message that is too long");
    }
    const std::vector<uint8_t> frame = make_dhcp_frame(own_address(interface_), datagram.bytes);
    sockaddr_ll everybody = on_link(index_);
    everybody.sll_halen = ETH_ALEN;
    ::memset(everybody.sll_addr, 0xff, ETH_ALEN);
    const auto* generic = reinterpret_cast<const sockaddr*>(&everybody);
    const ssize_t count =
        ::sendto(descriptor(), frame.data(), frame.size(), MSG_NOSIGNAL, generic, sizeof everybody);
    if (count >= 0 || errno == EAGAIN || errno == ENOBUFS || errno == EINTR) return {};
    return fail_about(interface_, errno);
}

}  // namespace dialtone

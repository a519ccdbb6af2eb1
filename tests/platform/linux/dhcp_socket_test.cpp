// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/dhcp_socket.h"

#include <doctest/doctest.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <algorithm>

#include "platform/linux/dhcp_frame.h"
#include "platform/linux/socket_address.h"
#include "tests/platform/linux/event_log.h"
#include "tests/platform/own_network.h"

namespace dialtone {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr OpenSocket dhcp_socket = {.socket = 5, .kind = SocketKind::dhcp};

// The other end of the phone's link, which sees and sends packets as they are.
class Wire {
  public:
    explicit Wire(const char* interface) {
        place_.sll_family = AF_PACKET;
        place_.sll_protocol = htons(ETH_P_IP);
        place_.sll_ifindex = static_cast<int>(::if_nametoindex(interface));
        socket_.reset(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_IP)));
        const timeval patience = {10, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        const auto* generic = reinterpret_cast<const sockaddr*>(&place_);
        if (::bind(socket_.get(), generic, sizeof place_) < 0) socket_.reset();
    }

    // The next packet, if it came as broadcast.
    Bytes hear() const {
        Bytes packet(2000);
        sockaddr_ll from = {};
        socklen_t length = sizeof from;
        const ssize_t count = ::recvfrom(socket_.get(), packet.data(), packet.size(), 0,
                                         reinterpret_cast<sockaddr*>(&from), &length);
        packet.resize(count > 0 && from.sll_pkttype == PACKET_BROADCAST ? static_cast<size_t>(count)
                                                                        : 0);
        return packet;
    }
    bool say(const Bytes& packet) const {
        sockaddr_ll to = place_;
        to.sll_halen = ETH_ALEN;
        ::memset(to.sll_addr, 0xff, ETH_ALEN);
        return ::sendto(socket_.get(), packet.data(), packet.size(), 0,
                        reinterpret_cast<const sockaddr*>(&to),
                        sizeof to) == static_cast<ssize_t>(packet.size());
    }

  private:
    sockaddr_ll place_ = {};
    Descriptor socket_;
};

// A server's packet with a finished checksum; `last` replaces the message's last byte afterwards.
Bytes answer(std::string_view message, char last) {
    Bytes packet = make_dhcp_frame({{10, 9, 0, 1}, 4}, Bytes(message.begin(), message.end()));
    // Swaps the ports, so that it goes from 67 to 68; the order of words does not change a
    // checksum.
    std::swap(packet[21], packet[23]);
    packet.back() = static_cast<uint8_t>(last);
    return packet;
}

// Sends by the kernel's UDP, which leaves the checksum to the network card; a veth pair has none.
bool say_by_kernel(uint16_t from_port, uint16_t to_port, std::string_view message) {
    const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, "s0", 3);
    const SocketAddress from = any_address(4, from_port);
    const SocketAddress to = socket_address({{255, 255, 255, 255}, 4}, to_port, 0);
    return ::bind(socket.get(), from.generic(), from.length_bytes) == 0 &&
           ::sendto(socket.get(), message.data(), message.size(), 0, to.generic(),
                    to.length_bytes) == static_cast<ssize_t>(message.size());
}

// Once the link was told of.
std::unique_ptr<LinuxWorld> open_world_at(const char* interface, EventLog& log) {
    auto world = open_world({.interface = interface});
    wait_for(*world, log, 1);
    log.lines.clear();
    return world;
}

bool lay_link() {
    return lay_out({"link add p0 type veth peer name s0", "link set s0 up", "link set p0 up",
                    "address add 10.9.0.1/24 dev s0"});
}

std::string ask_from_addresses() {
    if (!lay_link()) return "the link cannot be laid";
    EventLog log;
    auto world = open_world_at("p0", log);
    const Wire wire("s0");
    world->carry_out(OpenSocket(dhcp_socket));
    world->carry_out(DatagramOut{5, {}, 0, {'a', 's', 'k'}});
    if (wire.hear() != make_dhcp_frame({}, Bytes{'a', 's', 'k'})) return "not from 0.0.0.0";
    if (!lay_out({"address add 10.9.0.2/24 dev p0"})) return "no address";
    world->carry_out(DatagramOut{5, {{10, 9, 0, 1}, 4}, 67, {'a', 's', 'k'}});
    const Bytes heard = wire.hear();
    return heard == make_dhcp_frame({{10, 9, 0, 2}, 4}, Bytes{'a', 's', 'k'}) ? "" : "not its own";
}

TEST_CASE("a DHCP question goes to everybody, from the address the interface has by then") {
    CHECK(in_own_network(ask_from_addresses) == "");
}

std::string hear_answers() {
    if (!lay_link() || !lay_out({"address add 10.9.0.2/24 dev p0"})) return "no link";
    EventLog log;
    auto world = open_world_at("p0", log);
    const Wire wire("s0");
    world->carry_out(OpenSocket(dhcp_socket));
    const bool said = wire.say(answer("by hand", 'd')) && wire.say(answer("broken", '!')) &&
                      say_by_kernel(67, 68, "by kernel") && say_by_kernel(67, 69, "to nobody") &&
                      say_by_kernel(68, 68, "from a client") && wire.say(answer("the end", 'd'));
    if (!said) return "the answers cannot be sent";
    wait_for(*world, log, 3);
    world->carry_out(CloseSocket{5});
    if (!wire.say(answer("too late", 'e'))) return "the last answer cannot be sent";
    if (std::string more = what_else(*world); !more.empty()) return more;
    const std::string all = log.all();
    return all == "datagram 5 by hand; datagram 5 by kernel; datagram 5 the end; " ? "" : all;
}

TEST_CASE("DHCP answers are heard, finished checksum or not, and nothing else is") {
    CHECK(in_own_network(hear_answers) == "");
}

std::string share_the_port() {
    if (!lay_link() || !lay_out({"address add 10.9.0.2/24 dev p0"})) return "no link";
    const Descriptor client(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const SocketAddress port = any_address(4, 68);
    if (::bind(client.get(), port.generic(), port.length_bytes) < 0) return "no port 68";
    EventLog log;
    auto world = open_world_at("p0", log);
    world->carry_out(OpenSocket(dhcp_socket));
    if (!say_by_kernel(67, 68, "for both")) return "the answer cannot be sent";
    wait_for(*world, log, 1);
    return log.all() == "datagram 5 for both; " ? "" : log.all();
}

TEST_CASE("DHCP answers are heard while the phone's DHCP client holds the port") {
    CHECK(in_own_network(share_the_port) == "");
}

std::string lose_the_link() {
    if (!lay_link()) return "the link cannot be laid";
    EventLog log;
    auto world = open_world_at("p0", log);
    world->carry_out(OpenSocket(dhcp_socket));
    if (!lay_out({"link delete p0"})) return "the link cannot be taken away";
    wait_for(*world, log, 1);  // the link was down before: it had no address
    return log.all() == "socket 5 failed: DHCP on p0: Network is down; " ? "" : log.all();
}

TEST_CASE("a DHCP socket fails with its interface") {
    CHECK(in_own_network(lose_the_link) == "");
}

std::string ask_without_the_right() {
    if (::setresuid(65534, 65534, 65534) < 0) return "";  // nobody is not there
    EventLog log;
    auto world = open_world_at("lo", log);
    world->carry_out(OpenSocket(dhcp_socket));
    wait_for(*world, log, 1);
    const std::string wanted = "socket 5 failed: DHCP on lo needs CAP_NET_RAW, which is missing";
    return log.lines.back() == wanted ? "" : log.lines.back();
}

TEST_CASE("without the right to it a DHCP socket names the capability") {
    CHECK(in_own_network(ask_without_the_right) == "");
}

TEST_CASE("a DHCP socket wants an interface that is there") {
    for (const char* interface : {"", "nosuch0"}) {
        auto world = open_world({.interface = interface});
        EventLog log;
        world->carry_out(OpenSocket(dhcp_socket));
        const std::string wanted =
            std::string("socket 5 failed: DHCP: there is no interface '") + interface + "'";
        wait_for(*world, log, interface[0] == 0 ? 1 : 2);
        CHECK(std::ranges::count(log.lines, wanted) == 1);
    }
}

}  // namespace
}  // namespace dialtone

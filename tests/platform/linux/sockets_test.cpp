// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/sockets.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

#include "agent/limits.h"
#include "tests/platform/linux/event_log.h"
#include "tests/platform/own_network.h"

namespace dialtone {
namespace {

constexpr Address loopback = {.octets = {127, 0, 0, 1}, .octet_count = 4};

// A socket of the test's own, to talk with the world's.
class Peer {
  public:
    Peer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(::bind(socket_.get(), generic, length) == 0);
        REQUIRE(::getsockname(socket_.get(), generic, &length) == 0);
        port_ = ntohs(address.sin_port);
    }

    uint16_t port() const { return port_; }
    uint16_t port_of_other() const { return ntohs(from_.sin_port); }
    void lets_others_in() const {
        const int on = 1;
        REQUIRE(::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
    }

    // The next datagram; the next say() goes to where it came from.
    std::string hear() {
        char bytes[64];
        socklen_t length = sizeof from_;
        auto* generic = reinterpret_cast<sockaddr*>(&from_);
        const ssize_t count = ::recvfrom(socket_.get(), bytes, sizeof bytes, 0, generic, &length);
        REQUIRE(count >= 0);
        return {bytes, static_cast<size_t>(count)};
    }
    void say(const std::string& text) {
        const auto* generic = reinterpret_cast<const sockaddr*>(&from_);
        CHECK(::sendto(socket_.get(), text.data(), text.size(), 0, generic, sizeof from_) ==
              static_cast<ssize_t>(text.size()));
    }

  private:
    Descriptor socket_;
    sockaddr_in from_ = {};
    uint16_t port_ = 0;
};

DatagramOut datagram_to(const Peer& peer, RequestId socket, std::string_view text) {
    return {socket, loopback, peer.port(), {text.begin(), text.end()}};
}

TEST_CASE("datagrams go out and come back on the socket that was opened") {
    auto world = open_world();
    EventLog log;
    Peer peer;
    world->carry_out(OpenSocket{5, 4});
    world->carry_out(datagram_to(peer, 5, "ask"));
    CHECK(peer.hear() == "ask");
    peer.say("one");
    peer.say("two");
    wait_for(*world, log, 2);
    CHECK(log.all() == "datagram 5 one; datagram 5 two; ");
}

TEST_CASE("an answer to a socket that was closed is not told") {
    auto world = open_world();
    Peer peer;
    world->carry_out(OpenSocket{5, 4});
    world->carry_out(datagram_to(peer, 5, "ask"));
    peer.hear();
    peer.say("late");
    world->carry_out(CloseSocket{5});
    CHECK(what_else(*world).empty());
}

TEST_CASE("bad input: a datagram over the limit is left out and the next one is told") {
    auto world = open_world();
    EventLog log;
    Peer peer;
    world->carry_out(OpenSocket{5, 4});
    world->carry_out(datagram_to(peer, 5, "ask"));
    peer.hear();
    peer.say(std::string(limits::datagram_bytes + 1, 'x'));
    peer.say("fits");
    wait_for(*world, log, 1);
    CHECK(log.all() == "datagram 5 fits; ");
}

TEST_CASE("a flood on one socket leaves another its turn") {
    auto world = open_world();
    EventLog log;
    Peer loud, quiet;
    world->carry_out(OpenSocket{1, 4});
    world->carry_out(OpenSocket{2, 4});
    world->carry_out(datagram_to(loud, 1, "ask"));
    world->carry_out(datagram_to(quiet, 2, "ask"));
    loud.hear();
    quiet.hear();
    for (int i = 0; i < 50; ++i)
        loud.say("noise");
    quiet.say("word");
    wait_for(*world, log, 10);
    CHECK(std::ranges::count(log.lines, "datagram 2 word") == 1);
}

TEST_CASE("more sockets than the limit fail by name") {
    auto world = open_world();
    EventLog log;
    for (RequestId socket = 1; socket <= limits::sockets + 1; ++socket) {
        world->carry_out(OpenSocket{socket, 4});
    }
    wait_for(*world, log, 1);
    CHECK(log.all() ==
          "socket " + std::to_string(limits::sockets + 1) + " failed: too many sockets are open; ");
}

TEST_CASE("a socket has the port that was asked for") {
    auto world = open_world();
    EventLog log;
    Peer peer;
    uint16_t port = 0;
    {
        const Peer former;
        port = former.port();
    }
    world->carry_out(OpenSocket{.socket = 5, .port = port});
    world->carry_out(datagram_to(peer, 5, "ask"));
    peer.hear();
    CHECK(peer.port_of_other() == port);
    peer.say("answer");
    wait_for(*world, log, 1);
    CHECK(log.all() == "datagram 5 answer; ");
}

TEST_CASE("a port that is taken stays its holder's") {
    auto world = open_world();
    EventLog log;
    Peer holder;
    holder.lets_others_in();
    const std::string words = "port " + std::to_string(holder.port()) + " is taken";
    world->carry_out(OpenSocket{.socket = 5, .port = holder.port()});
    wait_for(*world, log, 1);
    CHECK(log.all() == "socket 5 failed: " + words + "; ");
}

TEST_CASE("a failure is not told of a number that is in use again") {
    auto world = open_world();
    Peer holder;
    world->carry_out(OpenSocket{.socket = 5, .port = holder.port()});
    world->carry_out(OpenSocket{.socket = 5});
    CHECK(what_else(*world).empty());
}

// The next multicast datagram on an interface, as "TTL SOURCE TEXT".
std::string hear_multicast(int descriptor, size_t head_bytes, size_t hops_at) {
    uint8_t packet[256];
    for (;;) {
        const ssize_t count = ::recv(descriptor, packet, sizeof packet, 0);
        if (count < 0) return "nothing came";
        const auto size = static_cast<size_t>(count);
        // The kernel sends IPv6 packets of its own on a new link; without them only the test's are
        // seen.
        if (size < head_bytes || packet[head_bytes - 6] != 0x13 || packet[head_bytes - 5] != 0xc4) {
            continue;
        }
        return std::to_string(packet[hops_at]) + " " +
               std::string(reinterpret_cast<char*>(packet) + head_bytes, size - head_bytes);
    }
}

Descriptor listen_on_link(const char* interface, uint16_t protocol) {
    Descriptor made(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(protocol)));
    sockaddr_ll place = {};
    place.sll_family = AF_PACKET;
    place.sll_protocol = htons(protocol);
    place.sll_ifindex = static_cast<int>(::if_nametoindex(interface));
    const timeval patience = {10, 0};
    ::setsockopt(made.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) < 0) {
        made.reset();
    }
    return made;
}

// Two links of which the agent's has no route, and the other one all of them.
std::string send_multicast() {
    if (!lay_out({"link set lo up", "link add p0 type veth peer name s0",
                  "link add p1 type veth peer name s1", "address add 10.9.0.2/32 dev p0",
                  "address add fe80::2/64 dev p0 nodad", "address add 10.9.1.2/24 dev p1",
                  "link set p0 up", "link set s0 up", "link set p1 up", "link set s1 up",
                  "route add default dev p1"})) {
        return "the links cannot be laid";
    }
    auto world = open_world({.interface = "p0"});
    const Descriptor four = listen_on_link("s0", ETH_P_IP), six = listen_on_link("s0", ETH_P_IPV6);
    const auto text = [](std::string_view words) {
        return std::vector<uint8_t>(words.begin(), words.end());
    };
    world->carry_out(OpenSocket{.socket = 4, .octet_count = 4});
    world->carry_out(OpenSocket{.socket = 6, .octet_count = 16});
    world->carry_out(DatagramOut{4, *parse_address("224.0.1.75"), 5060, text("over IPv4")});
    world->carry_out(DatagramOut{6, *parse_address("ff02::1:75"), 5060, text("over IPv6")});
    std::string heard = hear_multicast(four.get(), 28, 8);
    std::string heard_too = hear_multicast(six.get(), 48, 7);
    if (heard != "1 over IPv4") return heard;
    return heard_too == "1 over IPv6" ? "" : heard_too;
}

TEST_CASE("multicast leaves by the agent's interface, one hop far, whatever the routes say") {
    CHECK(in_own_network(send_multicast) == "");
}

std::string send_multicast_on_loopback() {
    if (!lay_out({"link set lo up"})) return "lo cannot be set up";
    auto world = open_world({.interface = "lo"});
    const Descriptor wire = listen_on_link("lo", ETH_P_IP);
    world->carry_out(OpenSocket{.socket = 4, .octet_count = 4});
    world->carry_out(DatagramOut{4, *parse_address("224.0.1.75"), 5060, {'o', 'n'}});
    const std::string heard = hear_multicast(wire.get(), 28, 8);
    return heard == "1 on" ? "" : heard;
}

TEST_CASE("multicast leaves by the loopback interface where that is the agent's") {
    CHECK(in_own_network(send_multicast_on_loopback) == "");
}

// A UDP datagram from host 9 to host 2 of 10.9.`network`.0/24, sent from one end of a cable to the
// other as if it came from there.
bool inject(const char* from, const char* to, uint8_t network, uint16_t port,
            std::string_view text) {
    const auto size = static_cast<uint8_t>(text.size());
    std::vector<uint8_t> packet = {0x45, 0,  0,       static_cast<uint8_t>(28 + size),
                                   0,    0,  0,       0,
                                   64,   17, 0,       0,
                                   10,   9,  network, 9,
                                   10,   9,  network, 2};
    uint32_t sum = 0;
    for (uint32_t at = 0; at < 20; at += 2)
        sum += static_cast<uint32_t>(packet[at] << 8 | packet[at + 1]);
    sum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
    packet[10] = static_cast<uint8_t>(sum >> 8);
    packet[11] = static_cast<uint8_t>(sum);
    const uint8_t udp[] = {0x13,
                           0xc4,
                           static_cast<uint8_t>(port >> 8),
                           static_cast<uint8_t>(port),
                           0,
                           static_cast<uint8_t>(8 + size),
                           0,
                           0};
    packet.insert(packet.end(), std::begin(udp), std::end(udp));
    packet.insert(packet.end(), text.begin(), text.end());
    const Descriptor wire(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_IP)));
    ifreq about = {};
    std::string_view(to).copy(about.ifr_name, sizeof about.ifr_name - 1);
    if (::ioctl(wire.get(), SIOCGIFHWADDR, &about) < 0) return false;
    sockaddr_ll place = {};
    place.sll_family = AF_PACKET;
    place.sll_protocol = htons(ETH_P_IP);
    place.sll_ifindex = static_cast<int>(::if_nametoindex(from));
    place.sll_halen = 6;
    std::copy_n(about.ifr_hwaddr.sa_data, 6, place.sll_addr);
    return ::sendto(wire.get(), packet.data(), packet.size(), 0,
                    reinterpret_cast<const sockaddr*>(&place), sizeof place) > 0;
}

std::string hear_on_a_port() {
    if (!lay_out({"link set lo up", "link add p0 type veth peer name s0",
                  "link add p1 type veth peer name s1", "address add 10.9.0.2/24 dev p0",
                  "address add 10.9.1.2/24 dev p1", "link set p0 up", "link set s0 up",
                  "link set p1 up", "link set s1 up"})) {
        return "the links cannot be laid";
    }
    constexpr uint16_t port = 5060;
    auto world = open_world({.interface = "p0"});
    world->carry_out(OpenSocket{.socket = 4, .octet_count = 4, .port = port});
    if (!inject("s1", "p1", 1, port, "stranger") || !inject("s0", "p0", 0, port, "neighbour"))
        return "nothing can be sent";
    EventLog log;
    wait_for(*world, log, 2);  // the link first
    return log.lines.back();
}

TEST_CASE("bad input: what comes to the SIP port by another interface is not heard") {
    CHECK(in_own_network(hear_on_a_port) == "datagram 4 neighbour");
}

TEST_CASE("a datagram that the system refuses ends its socket") {
    auto world = open_world();
    EventLog log;
    Peer peer;
    world->carry_out(OpenSocket{5, 4});
    DatagramOut wrong = datagram_to(peer, 5, "ask");
    wrong.to.octet_count = 16;
    world->carry_out(std::move(wrong));
    world->carry_out(datagram_to(peer, 5, "to nobody"));
    wait_for(*world, log, 1);
    CHECK(log.all() == "socket 5 failed: an address of the other IP version; ");
    CHECK(what_else(*world).empty());
}

}  // namespace
}  // namespace dialtone

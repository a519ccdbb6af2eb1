// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/sockets.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "agent/limits.h"
#include "tests/platform/linux/event_log.h"

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
    CHECK(log.all() == "socket 9 failed: too many sockets are open; ");
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

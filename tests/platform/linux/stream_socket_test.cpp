// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/stream_socket.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "agent/limits.h"
#include "platform/linux/socket_address.h"
#include "tests/platform/linux/event_log.h"

namespace dialtone {
namespace {

constexpr Address loopback = {{127, 0, 0, 1}, 4};

// A TCP socket of the test's own: connected to the world, or listening for it.
class Peer {
  public:
    static Peer listening() {
        Peer peer;
        const SocketAddress here = socket_address(loopback, 0, 0);
        REQUIRE(::bind(peer.socket_.get(), here.generic(), here.length_bytes) == 0);
        REQUIRE(::listen(peer.socket_.get(), 4) == 0);
        return peer;
    }
    static Peer connected_to(uint16_t port) {
        Peer peer;
        const SocketAddress there = socket_address(loopback, port, 0);
        REQUIRE(::connect(peer.socket_.get(), there.generic(), there.length_bytes) == 0);
        return peer;
    }
    Peer accept(uint16_t* other_port = nullptr) const {
        SocketAddress from;
        Peer peer(Descriptor(::accept(socket_.get(), from.generic(), &from.length_bytes)));
        if (other_port != nullptr) *other_port = port_in(from);
        return peer;
    }

    uint16_t port() const {
        SocketAddress here;
        REQUIRE(::getsockname(socket_.get(), here.generic(), &here.length_bytes) == 0);
        return port_in(here);
    }
    void say(std::string_view text) const {
        CHECK(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
              static_cast<ssize_t>(text.size()));
    }
    // As many bytes as that, or "end" when the world hangs up before.
    std::string hear(size_t count) const {
        std::string heard(count, '\0');
        const ssize_t got = ::recv(socket_.get(), heard.data(), count, MSG_WAITALL);
        return got == static_cast<ssize_t>(count) ? heard : "end";
    }
    void hang_up() { socket_.reset(); }

  private:
    Peer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
    explicit Peer(Descriptor socket) : socket_(std::move(socket)) {}
    Descriptor socket_;
};

OpenSocket connection_to(const Peer& peer, RequestId id) {
    return {.socket = id, .kind = SocketKind::connection, .to = loopback, .to_port = peer.port()};
}

BytesOut bytes(RequestId id, std::string_view text) {
    return {id, {text.begin(), text.end()}};
}

uint16_t free_port() {
    return Peer::listening().port();
}

TEST_CASE("a connection is told, carries bytes both ways and ends with its peer") {
    auto world = open_world();
    EventLog log;
    const Peer listener = Peer::listening();
    world->carry_out(connection_to(listener, 5));
    Peer peer = listener.accept();
    wait_for(*world, log, 1);
    world->carry_out(bytes(5, "SUBSCRIBE"));
    CHECK(peer.hear(9) == "SUBSCRIBE");
    peer.say("SIP/2.0 200 OK");
    wait_for(*world, log, 2);
    peer.hang_up();
    wait_for(*world, log, 3);
    CHECK(log.all() ==
          "connected 5; bytes 5 SIP/2.0 200 OK; socket 5 failed: the peer ended the connection; ");
    CHECK(what_else(*world).empty());
}

TEST_CASE("what is sent before a connection stands waits for it") {
    auto world = open_world();
    EventLog log;
    const Peer listener = Peer::listening();
    world->carry_out(connection_to(listener, 5));
    world->carry_out(bytes(5, "one "));
    world->carry_out(bytes(5, "two"));
    const Peer peer = listener.accept();
    wait_for(*world, log, 1);
    CHECK(peer.hear(7) == "one two");
}

TEST_CASE("a connection leaves from the port that was asked for, again and again") {
    auto world = open_world();
    const Peer listener = Peer::listening();
    const uint16_t port = free_port();
    for (RequestId id = 1; id <= 3; ++id) {
        EventLog log;
        const Peer another = Peer::listening();
        OpenSocket wanted = connection_to(another, id);
        wanted.port = port;
        world->carry_out(wanted);
        uint16_t seen = 0;
        const Peer peer = another.accept(&seen);
        CHECK(seen == port);
        wait_for(*world, log, 1);
        CHECK(log.all() == "connected " + std::to_string(id) + "; ");
        world->carry_out(CloseSocket{id});
        CHECK(peer.hear(1) == "end");
    }
}

TEST_CASE("a connection that cannot be made says why") {
    auto world = open_world();
    EventLog log;
    OpenSocket refused = {.socket = 5, .kind = SocketKind::connection, .to = loopback};
    refused.to_port = free_port();
    world->carry_out(refused);
    wait_for(*world, log, 1);
    OpenSocket other = {.socket = 6, .octet_count = 16, .kind = SocketKind::connection};
    other.to = loopback;
    world->carry_out(other);
    wait_for(*world, log, 2);
    CHECK(log.all() ==
          "socket 5 failed: Connection refused; "
          "socket 6 failed: an address of the other IP version; ");
}

TEST_CASE("connections to a listener are told with numbers of the world's own") {
    auto world = open_world();
    EventLog log;
    const uint16_t port = free_port();
    world->carry_out(OpenSocket{.socket = 5, .kind = SocketKind::listener, .port = port});
    const Peer one = Peer::connected_to(port), two = Peer::connected_to(port);
    wait_for(*world, log, 2);
    CHECK(log.all() == "accepted 5 from 127.0.0.1; accepted 5 from 127.0.0.1; ");
    REQUIRE(log.connections.size() == 2);
    CHECK(log.connections[0] != log.connections[1]);
    CHECK((log.connections[0] & log.connections[1] & 0x8000'0000) != 0);
    two.say("NOTIFY");
    wait_for(*world, log, 3);
    CHECK(log.lines.back() == "bytes " + std::to_string(log.connections[1]) + " NOTIFY");
    world->carry_out(bytes(log.connections[1], "200"));
    CHECK(two.hear(3) == "200");
    world->carry_out(CloseSocket{log.connections[0]});
    CHECK(one.hear(1) == "end");
}

TEST_CASE("a listener's port is its own, and is free as soon as it is closed") {
    auto world = open_world();
    EventLog log;
    const Peer holder = Peer::listening();
    const uint16_t taken = holder.port(), port = free_port();
    world->carry_out(OpenSocket{.socket = 4, .kind = SocketKind::listener, .port = taken});
    wait_for(*world, log, 1);
    CHECK(log.all() == "socket 4 failed: port " + std::to_string(taken) + " is taken; ");
    for (RequestId id = 5; id <= 6; ++id) {
        world->carry_out(OpenSocket{.socket = id, .kind = SocketKind::listener, .port = port});
        const Peer client = Peer::connected_to(port);
        wait_for(*world, log, id - 3);
        // The side that closes first keeps the connection in TIME_WAIT, on the listener's port.
        world->carry_out(CloseSocket{log.connections.back()});
        world->carry_out(CloseSocket{id});
        CHECK(client.hear(1) == "end");
    }
    CHECK(log.lines.size() == 3);
}

TEST_CASE("a flood of connections is turned away but for the few there is room for") {
    auto world = open_world();
    EventLog log;
    const uint16_t port = free_port();
    world->carry_out(OpenSocket{.socket = 5, .kind = SocketKind::listener, .port = port});
    std::vector<Peer> peers;
    peers.reserve(limits::accepted);
    for (uint32_t i = 0; i < limits::accepted; ++i)
        peers.push_back(Peer::connected_to(port));
    wait_for(*world, log, limits::accepted);
    for (int i = 0; i < 100; ++i) {
        const Peer late = Peer::connected_to(port);
        world->wait(world->now() + 1, log);
        CHECK(late.hear(1) == "end");
    }
    // Nothing but the deadlines was told meanwhile.
    CHECK(std::erase(log.lines, "wake") == 100);
    CHECK(log.lines.size() == limits::accepted);
    peers.front().say("still here");
    wait_for(*world, log, limits::accepted + 1);
    CHECK(log.lines.back().ends_with(" still here"));
    peers.back().hang_up();
    wait_for(*world, log, limits::accepted + 2);
    const Peer next = Peer::connected_to(port);
    wait_for(*world, log, limits::accepted + 3);
    CHECK(log.lines.back() == "accepted 5 from 127.0.0.1");
}

TEST_CASE("a peer that floods a connection leaves another socket its turn") {
    auto world = open_world();
    EventLog log;
    const uint16_t port = free_port();
    world->carry_out(OpenSocket{.socket = 5, .kind = SocketKind::listener, .port = port});
    const Peer loud = Peer::connected_to(port), quiet = Peer::connected_to(port);
    wait_for(*world, log, 2);
    loud.say(std::string(200'000, 'x'));
    quiet.say("word");
    wait_for(*world, log, 2 + 4);
    const std::string wanted = "bytes " + std::to_string(log.connections[1]) + " word";
    CHECK(std::ranges::count(log.lines, wanted) == 1);
}

TEST_CASE("what a peer does not take is kept in bounds, then the connection ends") {
    int pair[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
    const int small = 4096;
    ::setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    const Descriptor peer(pair[1]);
    StreamSocket socket(1, Descriptor(pair[0]), true);
    CHECK(socket.wanted_events() == EPOLLIN);
    std::string sent, heard;
    std::vector<uint8_t> buffer(8192);
    for (char letter = 'a'; letter <= 'z'; ++letter) {
        const std::string piece(limits::stream_out_bytes / 2, letter);
        REQUIRE(socket.send(bytes(1, piece)));
        CHECK(socket.wanted_events() == (EPOLLIN | EPOLLOUT));
        sent += piece;
        while (heard.size() < sent.size()) {
            const ssize_t count = ::recv(peer.get(), buffer.data(), buffer.size(), 0);
            REQUIRE(count > 0);
            heard.append(buffer.begin(), buffer.begin() + count);
            REQUIRE(socket.take(EPOLLOUT, buffer));
        }
        CHECK(socket.wanted_events() == EPOLLIN);
    }
    CHECK(heard == sent);
    Status status;
    for (int i = 0; i < 3 && status; ++i)
        status = socket.send(bytes(1, std::string(limits::stream_out_bytes, 'x')));
    REQUIRE(!status);
    CHECK(status.error().detail == "the peer does not take what is sent");
}

TEST_CASE("a datagram on a connection and bytes on a datagram socket end the socket") {
    auto world = open_world();
    EventLog log;
    const Peer listener = Peer::listening();
    world->carry_out(connection_to(listener, 5));
    world->carry_out(DatagramOut{5, loopback, listener.port(), {1}});
    world->carry_out(OpenSocket{.socket = 6});
    world->carry_out(bytes(6, "x"));
    wait_for(*world, log, 2);
    CHECK(log.all() ==
          "socket 5 failed: a datagram on a socket that takes none; "
          "socket 6 failed: bytes on a socket that takes none; ");
}

}  // namespace
}  // namespace dialtone

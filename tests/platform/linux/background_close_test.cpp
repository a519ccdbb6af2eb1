// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/background_close.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <vector>

#include "platform/linux/clock.h"

namespace dialtone {
namespace {

constexpr int patience_ms = 10'000;
constexpr int linger_s = 5;

// The other end's close is seen here.
bool is_closed_in_time(int other_end) {
    pollfd wanted = {.fd = other_end, .events = POLLIN, .revents = 0};
    return ::poll(&wanted, 1, patience_ms) == 1 && (wanted.revents & (POLLHUP | POLLIN)) != 0;
}

struct Pipe {
    Descriptor reader = {};
    Descriptor writer = {};
    Pipe() {
        std::array<int, 2> ends = {-1, -1};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        reader.reset(ends[0]);
        writer.reset(ends[1]);
    }
};

// A connection whose close(2) waits linger_s, because it has bytes that nobody takes.
struct Lingering {
    Descriptor server = {};
    Descriptor peer = {};
    Descriptor closing = {};

    Lingering() {
        server.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        closing.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE(server.is_open());
        REQUIRE(closing.is_open());
        sockaddr_in here = {};
        here.sin_family = AF_INET;
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof here;
        auto* const generic = reinterpret_cast<sockaddr*>(&here);
        REQUIRE(::bind(server.get(), generic, length) == 0);
        REQUIRE(::listen(server.get(), 1) == 0);
        REQUIRE(::getsockname(server.get(), generic, &length) == 0);
        REQUIRE(::connect(closing.get(), generic, length) == 0);
        peer.reset(::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC));
        const linger waits = {.l_onoff = 1, .l_linger = linger_s};
        ::setsockopt(closing.get(), SOL_SOCKET, SO_LINGER, &waits, sizeof waits);
        const std::vector<char> much(1 << 20, 'x');
        while (::send(closing.get(), much.data(), much.size(), MSG_DONTWAIT) > 0)
            ;
    }
};

TEST_CASE("what is closed in the background is closed, however many there are") {
    std::vector<Pipe> pipes(20);
    for (Pipe& pipe : pipes)
        close_in_background(std::move(pipe.writer));
    for (const Pipe& pipe : pipes) {
        CHECK(!pipe.writer.is_open());
        CHECK(is_closed_in_time(pipe.reader.get()));
    }
}

TEST_CASE("nobody waits for a descriptor that takes its time to close") {
    Lingering connection;
    const uint64_t began_ms = monotonic_ms();
    close_in_background(std::move(connection.closing));
    CHECK(monotonic_ms() - began_ms < linger_s * 1000 / 2);
    connection.peer.reset();  // ends the wait
}

TEST_CASE("what is not open is not closed") {
    close_in_background(Descriptor());
    CHECK(::fcntl(STDOUT_FILENO, F_GETFD) >= 0);
}

}  // namespace
}  // namespace dialtone

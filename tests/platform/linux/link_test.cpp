// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/link.h"

#include <doctest/doctest.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/platform/linux/event_log.h"

namespace dialtone {
namespace {

// Sets lo up or down in this network namespace.
bool set_loopback(bool up) {
    const Descriptor any_socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request = {};
    ::strcpy(request.ifr_name, "lo");
    if (::ioctl(any_socket.get(), SIOCGIFFLAGS, &request) < 0) return false;
    const int flags = request.ifr_flags;
    request.ifr_flags = static_cast<short>(up ? flags | IFF_UP : flags & ~IFF_UP);
    return ::ioctl(any_socket.get(), SIOCSIFFLAGS, &request) == 0;
}

constexpr int as_expected = 0, not_as_expected = 1, no_namespace = 2;

// In a process of its own, with a network of its own in which there is nothing but lo.
int watch_loopback() {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) return no_namespace;
    auto world = open_world({.interface = "lo"});
    EventLog log;
    wait_for(*world, log, 1);
    if (!set_loopback(true)) return no_namespace;
    wait_for(*world, log, 2);
    if (!set_loopback(false)) return no_namespace;
    wait_for(*world, log, 3);
    const bool is_quiet = what_else(*world).empty();
    const bool is_told = log.all() == "link down; link up 127.0.0.1; link down; ";
    return is_quiet && is_told ? as_expected : not_as_expected;
}

TEST_CASE("the link is told as it is found and when it changes") {
    const pid_t process = ::fork();
    REQUIRE(process >= 0);
    if (process == 0) ::_exit(watch_loopback());
    int status = 0;
    REQUIRE(::waitpid(process, &status, 0) == process);
    REQUIRE(WIFEXITED(status));
    if (WEXITSTATUS(status) == no_namespace) {
        MESSAGE("this system lets nobody make a network namespace");
        return;
    }
    CHECK(WEXITSTATUS(status) == as_expected);
}

TEST_CASE("the loopback interface with its address counts as up") {
    CHECK(read_link_state("lo") == LinkState{true, "127.0.0.1"});
}

TEST_CASE("bad input: an interface that does not exist is down") {
    CHECK(read_link_state("nosuch0") == LinkState{});
    CHECK(read_link_state("") == LinkState{});
    CHECK(read_link_state(std::string(100, 'x')) == LinkState{});
}

TEST_CASE("without an interface nothing is said about a link") {
    auto world = open_world();
    CHECK(what_else(*world).empty());
}

}  // namespace
}  // namespace dialtone

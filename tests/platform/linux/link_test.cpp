// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/link.h"

#include <doctest/doctest.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "tests/platform/linux/event_log.h"
#include "tests/platform/own_network.h"

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

std::string watch_loopback() {
    auto world = open_world({.interface = "lo"});
    EventLog log;
    wait_for(*world, log, 1);
    if (!set_loopback(true)) return "lo cannot be set up";
    wait_for(*world, log, 2);
    if (!set_loopback(false)) return "lo cannot be set down";
    wait_for(*world, log, 3);
    const bool is_quiet = what_else(*world).empty();
    const bool is_told = log.all() == "link down; link up 127.0.0.1; link down; ";
    return is_quiet && is_told ? "" : log.all();
}

TEST_CASE("the link is told as it is found and when it changes") {
    CHECK(in_own_network(watch_loopback) == "");
}

TEST_CASE("the loopback interface with its address counts as up") {
    CHECK(read_link_state("lo") == LinkState{true, *parse_address("127.0.0.1")});
}

TEST_CASE("bad input: an interface that does not exist is down") {
    CHECK(read_link_state("nosuch0") == LinkState{});
    CHECK(read_link_state("") == LinkState{});
    CHECK(read_link_state(std::string(100, 'x')) == LinkState{});
}

// So many descriptors may be open, from now on.
void allow_descriptors(rlim_t count) {
    rlimit limit = {};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = count;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

TEST_CASE("a link that cannot be asked for is asked for again, and is not down") {
    rlimit before = {};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    auto world = open_world({.interface = "lo"});
    EventLog log;
    allow_descriptors(0);
    CHECK(!read_link_state("lo").has_value());
    const std::string told = what_else(*world);
    allow_descriptors(before.rlim_cur);
    CHECK(told.empty());
    wait_for(*world, log, 1);
    CHECK(log.all() == "link up 127.0.0.1; ");
}

TEST_CASE("without an interface nothing is said about a link") {
    auto world = open_world();
    CHECK(what_else(*world).empty());
}

}  // namespace
}  // namespace dialtone

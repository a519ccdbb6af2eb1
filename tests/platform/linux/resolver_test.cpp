// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/resolver.h"

#include <doctest/doctest.h>

#include "agent/limits.h"
#include "tests/conformance/name_server.h"
#include "tests/platform/linux/event_log.h"

namespace dialtone {
namespace {

struct Bench {
    conformance::NameServer names = {};
    std::unique_ptr<LinuxWorld> world = {};
    EventLog log = {};

    explicit Bench(bool is_mute = false) {
        REQUIRE(names.open(is_mute));
        world = open_world({.places = {.dns_servers = names.address()}});
    }
};

TEST_CASE("a name is resolved by the name server") {
    Bench bench;
    bench.world->carry_out(Resolve{3, "server.test"});
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.all() == "resolved 3 1 ; ");
}

TEST_CASE("bad input: a name that nobody knows is answered with the reason") {
    Bench bench;
    bench.world->carry_out(Resolve{3, "unknown.test"});
    wait_for(*bench.world, bench.log, 1);
    CHECK(
        bench.log.all().starts_with("resolved 3 0 the name unknown.test could not be resolved: "));
}

TEST_CASE("bad input: what can be no name is answered with the reason") {
    Bench bench;
    const std::string names[] = {"", "..", std::string(300, 'a'), "a b\n"};
    RequestId id = 0;
    for (const std::string& name : names)
        bench.world->carry_out(Resolve{++id, name});
    wait_for(*bench.world, bench.log, 4);
    for (const std::string& line : bench.log.lines)
        CHECK(line.find(" 0 the name ") != line.npos);
}

TEST_CASE("an address in text is answered without a name server") {
    Bench bench(true);
    bench.world->carry_out(Resolve{1, "192.0.2.7"});
    bench.world->carry_out(Resolve{2, "2001:db8::7"});
    wait_for(*bench.world, bench.log, 2);
    CHECK(bench.log.all() == "resolved 1 1 ; resolved 2 1 ; ");
}

TEST_CASE("several names are asked for at the same time, up to the limit") {
    Bench bench(true);
    for (RequestId id = 1; id <= limits::resolves + 1; ++id) {
        bench.world->carry_out(Resolve{id, "server.test"});
    }
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.all() == "resolved 9 0 too many names are being asked for; ");
}

TEST_CASE("a world may end while names are being asked for") {
    Bench bench(true);
    bench.world->carry_out(Resolve{1, "server.test"});
    CHECK(what_else(*bench.world).empty());
}

}  // namespace
}  // namespace dialtone

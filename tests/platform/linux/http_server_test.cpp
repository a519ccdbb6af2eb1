// SPDX-License-Identifier: Apache-2.0
//
// What clients may say is the conformance suite's; here is what the agent may do.
#include "platform/linux/http_server.h"

#include <doctest/doctest.h>

#include "tests/conformance/http_client.h"
#include "tests/platform/linux/event_log.h"

namespace dialtone {
namespace {

using conformance::HttpClient;

constexpr uint16_t first_port = 17'547;

struct Bench {
    std::unique_ptr<LinuxWorld> world = open_world({.http = &make_http_server});
    EventLog log = {};

    // A port of the loopback that nobody else listens on.
    uint16_t open(RequestId listener) {
        for (uint16_t port = first_port;; ++port) {
            world->carry_out(OpenHttp{.listener = listener, .port = port});
            const bool is_open =
                what_else(*world) == "http " + std::to_string(listener) + " opened; ";
            if (is_open) return port;
        }
    }
};

TEST_CASE("a world may end while the agent thinks about a request") {
    Bench bench;
    HttpClient client(bench.open(1));
    client.send({.target = "/cr"});
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.all() == "http 1 /cr; ");
    bench.world.reset();
    const auto news = client.next();
    REQUIRE(news);
    CHECK(news->is_closed);
}

TEST_CASE("two ports are told apart, and a third one is refused") {
    Bench bench;
    HttpClient one(bench.open(1));
    HttpClient other(bench.open(2));
    bench.world->carry_out(OpenHttp{.listener = 3, .port = 1});
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.lines.back() == "socket 3 failed: too many ports listen for HTTP");
    one.send({.target = "/one"});
    wait_for(*bench.world, bench.log, 2);
    CHECK(bench.log.lines.back() == "http 1 /one");
    other.send({.target = "/other"});
    wait_for(*bench.world, bench.log, 3);
    CHECK(bench.log.lines.back() == "http 2 /other");
}

TEST_CASE("a port that is opened once more takes its connections along") {
    Bench bench;
    const uint16_t port = bench.open(1);
    HttpClient client(port);
    client.send({.target = "/cr"});
    wait_for(*bench.world, bench.log, 1);
    bench.world->carry_out(OpenHttp{.listener = 1, .port = port});
    const auto news = client.next();
    REQUIRE(news);
    CHECK(news->is_closed);
    HttpClient again(port);
    again.send({.target = "/again"});
    wait_for(*bench.world, bench.log, 3);
    CHECK(bench.log.lines[1] == "http 1 opened");
    CHECK(bench.log.lines.back() == "http 1 /again");
}

TEST_CASE("a reply to nobody, and one to a client that has left, are ignored") {
    Bench bench;
    HttpClient client(bench.open(1));
    bench.world->carry_out(HttpReply{.request = 1});
    client.send({.target = "/cr"});
    wait_for(*bench.world, bench.log, 1);
    client.hang_up();
    bench.world->carry_out(HttpReply{.request = 0x8000'0001});
    CHECK(what_else(*bench.world).empty());
}

TEST_CASE("bad input: a reply with a field that is none is the phone's own fault") {
    Bench bench;
    HttpClient client(bench.open(1));
    client.send({.target = "/cr"});
    wait_for(*bench.world, bench.log, 1);
    bench.world->carry_out(HttpReply{.request = 0x8000'0001, .fields = {{"X-A", "1\r\nX-B: 2"}}});
    CHECK(what_else(*bench.world).empty());
    const auto news = client.next();
    REQUIRE(news);
    CHECK(news->status == 500);
}

}  // namespace
}  // namespace dialtone

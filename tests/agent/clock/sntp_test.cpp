// SPDX-License-Identifier: Apache-2.0
#include "agent/clock/sntp.h"

#include <doctest/doctest.h>

#include <string>

#include "agent/limits.h"

using namespace dialtone;

namespace {

constexpr WallSeconds floor_s = 1'700'000'000;
constexpr WallSeconds ntp_epoch_s = 2'208'988'800;

// Drives one Sntp by hand; the test is the network.
struct Bench {
    RequestIds ids = {};
    Sntp sntp{ids};
    Rng rng{1};
    Instant now = {};
    std::vector<Resolve> resolves = {};
    std::vector<DatagramOut> asked = {};
    RequestId socket = 0;
    uint32_t closed = 0;

    void start(std::string_view servers) {
        sntp.start(now, servers, floor_s, rng);
        drain();
    }
    void drain() {
        while (auto effect = sntp.next()) {
            if (auto* resolve = std::get_if<Resolve>(&*effect)) resolves.push_back(*resolve);
            if (auto* open = std::get_if<OpenSocket>(&*effect)) socket = open->socket;
            if (auto* out = std::get_if<DatagramOut>(&*effect)) asked.push_back(*out);
            if (std::holds_alternative<CloseSocket>(*effect)) ++closed;
        }
    }
    void give(const Event& event) {
        sntp.handle(now, event);
        drain();
    }
    void address() {
        const Address address{{10, 0, 0, 3}, 4};
        give(Resolved{resolves.back().id, std::span(&address, 1), {}});
    }
    // A server's packet for what was asked last.
    std::vector<uint8_t> packet(WallSeconds wall_s) const {
        std::vector<uint8_t> bytes(48);
        bytes[0] = 0x24;
        bytes[1] = 2;
        for (uint32_t i = 0; i < 8; ++i)
            bytes[24 + i] = asked.back().bytes[40 + i];
        const auto seconds = static_cast<uint32_t>(wall_s + ntp_epoch_s);
        for (uint32_t i = 0; i < 4; ++i)
            bytes[40 + i] = static_cast<uint8_t>(seconds >> (24 - 8 * i));
        return bytes;
    }
    void reply(const std::vector<uint8_t>& bytes, Address from = {{10, 0, 0, 3}, 4}) {
        give(DatagramIn{socket, from, 123, bytes});
    }
    void let_pass() {
        now = *sntp.deadline();
        give(Wake{});
    }
};

}  // namespace

TEST_CASE("a server's answer sets the clock") {
    Bench bench;
    bench.start("time.example");
    CHECK(bench.resolves[0].name == "time.example");
    bench.address();
    CHECK(bench.asked[0].to_port == 123);
    bench.reply(bench.packet(1'800'000'000));
    const auto outcome = bench.sntp.take_outcome();
    REQUIRE(outcome);
    CHECK(outcome->known);
    CHECK(outcome->wall_s == 1'800'000'000);
    CHECK(bench.closed == 1);
    CHECK(!bench.sntp.deadline());
}

TEST_CASE("an answer after 2036 belongs to the next era") {
    Bench bench;
    bench.start("time.example");
    bench.address();
    constexpr WallSeconds year_2040_s = 2'208'988'800;
    bench.reply(bench.packet(year_2040_s));
    CHECK(bench.sntp.take_outcome()->wall_s == year_2040_s);
}

TEST_CASE("bad input: an answer that nobody asked for does not set the clock") {
    Bench bench;
    bench.start("time.example");
    bench.address();
    auto forged = bench.packet(1'800'000'000);
    forged[31] ^= 1;  // another originate timestamp
    bench.reply(forged);
    bench.reply(bench.packet(1'800'000'000), Address{{10, 0, 0, 66}, 4});
    auto unsynchronised = bench.packet(1'800'000'000);
    unsynchronised[0] |= 0xc0;
    bench.reply(unsynchronised);
    auto stratum_zero = bench.packet(1'800'000'000);
    stratum_zero[1] = 0;
    bench.reply(stratum_zero);
    auto short_one = bench.packet(1'800'000'000);
    short_one.resize(47);
    bench.reply(short_one);
    bench.reply(bench.packet(floor_s - 1));
    CHECK(!bench.sntp.ready());
}

TEST_CASE("each server is asked a few times, then the next one, then it is over") {
    Bench bench;
    bench.start("a.example,b.example");
    bench.address();
    while (bench.resolves.size() < 2)
        bench.let_pass();
    CHECK(bench.asked.size() == limits::sntp_tries);
    bench.give(Resolved{bench.resolves[1].id, {}, "no such name"});
    const auto outcome = bench.sntp.take_outcome();
    REQUIRE(outcome);
    CHECK(!outcome->known);
    CHECK(outcome->reason == "no such name");
}

TEST_CASE("bad input: a time before the floor is told as what came, and not as no answer") {
    Bench bench;
    bench.start("time.example");
    bench.address();
    bench.reply(bench.packet(floor_s - 1));
    while (!bench.sntp.ready())
        bench.let_pass();
    CHECK(bench.sntp.take_outcome()->reason ==
          "time.example says that it is " + std::to_string(floor_s - 1) +
              " (seconds since 1970), and that is before what the phone has evidence for");
}

TEST_CASE("more servers than the bound are not asked") {
    Bench bench;
    bench.start("a,b,c,d,e,f,g");
    while (!bench.sntp.ready())
        bench.let_pass();
    CHECK(bench.resolves.size() == limits::sntp_servers);
}

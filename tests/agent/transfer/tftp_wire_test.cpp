// SPDX-License-Identifier: Apache-2.0
//
// The TFTP engine against the simulated server, over a wire that loses, doubles and reorders.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "agent/limits.h"
#include "agent/transfer/memory_sink.h"
#include "agent/transfer/tftp.h"
#include "sim/servers/tftp_server.h"

using namespace dialtone;
using namespace dialtone::sim;
using Kind = FetchOutcome::Kind;

namespace {

constexpr Address address = {{10, 0, 0, 1}, 4};

std::string body_of(uint32_t bytes) {
    std::string body;
    for (uint32_t i = 0; i < bytes; ++i)
        body += static_cast<char>('A' + (i * 7 + i / 251) % 53);
    return body;
}

// What a download came to, and the bytes its sink holds.
struct Got : FetchOutcome {
    std::vector<uint8_t> body = {};
};

// Virtual time between one engine and one server until the engine has an outcome.
struct Wire {
    TftpServer server = {};
    RequestIds ids = {};
    Tftp tftp{ids};
    MemorySink sink;
    Instant now = {};
    uint64_t sequence = 0;
    std::map<std::pair<uint64_t, uint64_t>, TftpServer::Outgoing> coming = {};
    uint32_t datagrams = 0;  // of the engine
    uint32_t events = 0;

    explicit Wire(uint32_t file_bytes = limits::config_file_bytes) : sink(file_bytes) {}

    void carry() {
        while (auto effect = tftp.next()) {
            if (auto* resolve = std::get_if<Resolve>(&*effect))
                return tftp.handle(now, Resolved{resolve->id, std::span(&address, 1), {}}), carry();
            auto* out = std::get_if<DatagramOut>(&*effect);
            if (out == nullptr) continue;
            ++datagrams;
            server.receive(now.ms, out->socket, out->to_port, out->bytes);
        }
        while (auto out = server.next()) {
            const auto key = std::pair(out->at_ms, ++sequence);
            coming[key] = std::move(*out);
        }
    }
    void step() {
        ++events;
        const uint64_t packet_ms = coming.empty() ? UINT64_MAX : coming.begin()->first.first;
        const uint64_t engine_ms = tftp.deadline() ? tftp.deadline()->ms : UINT64_MAX;
        const uint64_t server_ms = server.deadline_ms().value_or(UINT64_MAX);
        const uint64_t then_ms = std::min({packet_ms, engine_ms, server_ms});
        now.ms = std::max(now.ms, then_ms);
        if (server_ms == then_ms) {
            server.tick(now.ms);
        } else if (packet_ms == then_ms) {
            const auto out = std::move(coming.begin()->second);
            coming.erase(coming.begin());
            tftp.handle(now, DatagramIn{out.socket, address, out.from_port, out.bytes});
        } else {
            tftp.handle(now, Wake{});
        }
        carry();
    }
    Got get(const std::string& name) {
        tftp.start(now, {.url = "tftp://pbx/" + name}, sink);
        carry();
        while (!tftp.ready() && events < 1'000'000)
            step();
        REQUIRE(tftp.ready());
        return {*tftp.take_outcome(), sink.take_body()};
    }
    // Whatever is still on its way arrives.
    void calm_down() {
        while (tftp.deadline() || server.deadline_ms() || !coming.empty())
            step();
    }
};

// Not as texts: doctest would print both.
bool is_whole(const Got& outcome, const std::string& body) {
    return outcome.kind == Kind::body &&
           std::equal(outcome.body.begin(), outcome.body.end(), body.begin(), body.end(),
                      [](uint8_t one, char other) { return one == static_cast<uint8_t>(other); });
}

}  // namespace

TEST_CASE("files of every length around a block and a window arrive whole") {
    for (uint32_t blocks : {0U, 1U, 15U, 16U, 17U, 32U}) {
        for (int32_t more : {-1, 0, 1}) {
            if (blocks == 0 && more < 0) continue;
            const auto bytes = static_cast<uint32_t>(
                static_cast<int32_t>(blocks * limits::tftp_block_bytes) + more);
            Wire wire;
            wire.server.put("f", body_of(bytes));
            CHECK(is_whole(wire.get("f"), body_of(bytes)));
            CHECK(wire.server.all_complete());
        }
    }
}

TEST_CASE("a file costs one round trip for the options and one for each window") {
    Wire wire;
    wire.server.put("f", body_of(64 * limits::tftp_block_bytes - 1));
    CHECK(wire.get("f").kind == Kind::body);
    // Request, acknowledgement of the options, four of windows.
    CHECK(wire.datagrams == 6);
    CHECK(wire.now.ms == 5 * TftpServerBehaviour{}.latency_ms);
}

TEST_CASE("servers with smaller blocks, smaller windows, no size or no options are kept up with") {
    const std::string body = body_of(9'999);
    const TftpServerBehaviour all[] = {
        {.largest_block = 512},
        {.largest_block = 8, .largest_window = 3},
        {.largest_window = 1},
        {.echoes_tsize = true},
        {.options = TftpServerBehaviour::Options::ignored},
        {.options = TftpServerBehaviour::Options::refused},
        {.options = TftpServerBehaviour::Options::not_understood},
        {.more_options = std::string("timeout\0005\0", 10), .latency_ms = 3},
        {.second_transfer = true},
    };
    for (const TftpServerBehaviour& behaviour : all) {
        Wire wire;
        wire.server.set_behaviour(behaviour);
        wire.server.put("f", body);
        CHECK(is_whole(wire.get("f"), body));
    }
}

TEST_CASE("a file arrives whole over a wire that loses, doubles and reorders") {
    const std::string body = body_of(60'000);
    for (uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        const uint16_t window = seed % 3 == 0 ? 1 : 16;
        Wire wire;
        wire.server.set_behaviour({.largest_window = window,
                                   .drops_one_in = 12,
                                   .doubles_one_in = 8,
                                   .delays_one_in = 6,
                                   .seed = seed});
        wire.server.put("f", body);
        Got outcome = wire.get("f");
        if (outcome.kind == Kind::unreachable) {
            // Four losses in a row are silence; the agent would ask again.
            CHECK(wire.now.ms >= limits::transfer_stall_ms);
            outcome = wire.get("f");
        }
        CHECK(is_whole(outcome, body));
        wire.calm_down();
    }
}

TEST_CASE("a server that answers doubled acknowledgements sends no block twice for ever") {
    Wire wire;
    wire.server.set_behaviour({.options = TftpServerBehaviour::Options::ignored,
                               .answers_doubled_acks = true,
                               .doubles_one_in = 10});
    wire.server.put("f", body_of(100'000));
    CHECK(wire.get("f").kind == Kind::body);
    CHECK(wire.server.blocks_sent() == 100'000 / 512 + 1);
}

TEST_CASE("block numbers roll over to 0, with a window and without, and to 1 without") {
    const std::string body = body_of(70'000 * 8 + 3);
    const TftpServerBehaviour all[] = {
        {.largest_block = 8, .latency_ms = 0},
        {.largest_block = 8, .largest_window = 1, .latency_ms = 0},
        {.largest_block = 8, .largest_window = 1, .wraps_to_one = true, .latency_ms = 0},
    };
    for (const TftpServerBehaviour& behaviour : all) {
        Wire wire(1024 * 1024);
        wire.server.set_behaviour(behaviour);
        wire.server.put("f", body);
        CHECK(is_whole(wire.get("f"), body));
    }
}

TEST_CASE("the server learns the end of each transfer, whatever ends it") {
    Wire wire;
    wire.server.put("f", body_of(20'000));
    wire.server.set_behaviour({.oack_tsize = 600'000});
    CHECK(wire.get("f").kind == Kind::refused);
    CHECK(wire.server.errors() == std::vector<uint16_t>{3});
    CHECK(wire.server.all_complete());
}

TEST_CASE("bad input: a TFTP server that falls silent at any block ends as unreachable") {
    for (int64_t blocks = 0; blocks <= 20; ++blocks) {
        Wire wire;
        wire.server.set_behaviour({.silent_after_blocks = blocks});
        wire.server.put("f", body_of(21 * limits::tftp_block_bytes));
        CHECK(wire.get("f").kind == Kind::unreachable);
        CHECK(wire.now.ms < limits::transfer_stall_ms + 1'000);
        wire.calm_down();
    }
}

TEST_CASE("bad input: a TFTP file without an end is refused at its bound") {
    Wire wire;
    wire.server.set_behaviour({.echoes_tsize = true, .endless = true});
    wire.server.put("f", body_of(100));
    const Got outcome = wire.get("f");
    CHECK(outcome.kind == Kind::refused);
    CHECK(outcome.body.empty());
    CHECK(wire.server.errors() == std::vector<uint16_t>{3});
}

TEST_CASE("bad input: a TFTP server that lies about size, block or window yields no file") {
    const TftpServerBehaviour all[] = {
        {.oack_tsize = 50},
        {.oack_tsize = 5'000},
        {.oversize_bytes = 1},
        {.options = TftpServerBehaviour::Options::ignored, .oversize_bytes = 9}};
    for (const TftpServerBehaviour& behaviour : all) {
        Wire wire;
        wire.server.set_behaviour(behaviour);
        wire.server.put("f", body_of(3'000));
        const Got outcome = wire.get("f");
        CHECK(outcome.kind != Kind::body);
        CHECK(outcome.body.empty());
        CHECK(!outcome.reason.empty());
    }
}

TEST_CASE("bad input: TFTP options beyond what was asked cost one more request and no file") {
    const TftpServerBehaviour all[] = {{.oack_blksize = 1429},
                                       {.oack_windowsize = 17},
                                       {.more_options = std::string("x\0y\0", 4)}};
    for (const TftpServerBehaviour& behaviour : all) {
        Wire wire;
        wire.server.set_behaviour(behaviour);
        wire.server.put("f", body_of(3'000));
        CHECK(is_whole(wire.get("f"), body_of(3'000)));
        CHECK(wire.server.requests().size() == 2);
        CHECK(wire.server.errors() == std::vector<uint16_t>{8});
    }
}

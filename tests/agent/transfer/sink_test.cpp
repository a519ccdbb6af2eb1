// SPDX-License-Identifier: Apache-2.0
//
// The two sinks, and what Fetch and Tftp make of one that keeps slowly.
#include "agent/transfer/sink.h"

#include <doctest/doctest.h>

#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/transfer/fetch.h"
#include "agent/transfer/file_sink.h"
#include "agent/transfer/memory_sink.h"
#include "agent/transfer/tftp.h"

using namespace dialtone;

namespace {

std::vector<uint8_t> bytes_of(uint32_t count, uint8_t value = 'x') {
    return std::vector<uint8_t>(count, value);
}

// "append 3 at 0", "sync", "sync names"; what the sink wants of the disk now.
std::string next_of(FileSink& sink) {
    const auto step = sink.next_step();
    if (!step) return "nothing";
    if (step->step == StorageStep::sync_directory) return "sync names";
    CHECK(step->name == "staged.0");
    if (step->step == StorageStep::sync_file) return "sync";
    return "append " + std::to_string(step->bytes.size()) + " at " + std::to_string(step->offset);
}

void do_next(FileSink& sink, std::string_view wanted) {
    CHECK(next_of(sink) == wanted);
    sink.step_done();
}

}  // namespace

TEST_CASE("a memory sink has a window's room whatever it holds, and gives the body away once") {
    MemorySink sink(10);
    CHECK(sink.begin(1'000'000'000));  // judged by what comes
    CHECK(sink.room() == limits::transfer_window_bytes);
    sink.take(bytes_of(4));
    CHECK(sink.room() == limits::transfer_window_bytes);
    CHECK(sink.fits(6));
    CHECK(!sink.fits(7));
    CHECK(sink.take_body() == bytes_of(4));
    CHECK(sink.size() == 0);
}

TEST_CASE("a file sink keeps a body in pieces, then file and name are brought to the medium") {
    FileSink sink("staged.0", 100'000);
    CHECK(sink.begin(-1));
    CHECK(next_of(sink) == "nothing");
    sink.take(bytes_of(limits::sink_piece_bytes - 1));
    CHECK(next_of(sink) == "nothing");
    sink.take(bytes_of(1));
    CHECK(next_of(sink) == "append 16384 at 0");
    CHECK(next_of(sink) == "nothing");  // one at a time
    sink.take(bytes_of(10, 'y'));
    sink.step_done();
    CHECK(next_of(sink) == "nothing");
    sink.end();
    do_next(sink, "append 10 at 16384");
    do_next(sink, "sync");
    CHECK(!sink.is_durable());
    do_next(sink, "sync names");
    CHECK(sink.is_durable());
    CHECK(next_of(sink) == "nothing");
    std::vector<uint8_t> whole = bytes_of(limits::sink_piece_bytes);
    whole.insert(whole.end(), 10, 'y');
    CHECK(sink.digest() == sha256_of(whole));
    CHECK(sink.size() == whole.size());
}

TEST_CASE("a file sink makes a file of a body without a byte") {
    FileSink sink("staged.0", 1'000);
    CHECK(sink.begin(0));
    sink.end();
    do_next(sink, "append 0 at 0");
    do_next(sink, "sync");
    do_next(sink, "sync names");
    CHECK(sink.is_durable());
}

TEST_CASE("a file sink has room again when bytes are written, and not before") {
    FileSink sink("staged.0", 1'000'000);
    CHECK(sink.begin(-1));
    sink.take(bytes_of(limits::transfer_window_bytes));
    CHECK(sink.room() == 0);
    CHECK(next_of(sink) == "append 65536 at 0");
    CHECK(sink.room() == 0);
    sink.step_done();
    CHECK(sink.room() == limits::transfer_window_bytes);
}

TEST_CASE("a file sink syncs as it goes, so that no sync takes long") {
    FileSink sink("staged.0", 1'000'000);
    CHECK(sink.begin(-1));
    for (uint32_t at = 0; at < limits::sink_sync_bytes; at += limits::transfer_window_bytes) {
        sink.take(bytes_of(limits::transfer_window_bytes));
        do_next(sink, "append 65536 at " + std::to_string(at));
    }
    sink.take(bytes_of(limits::transfer_window_bytes));
    do_next(sink, "sync");
    do_next(sink, "append 65536 at 262144");
}

TEST_CASE("a file sink that was dropped wants nothing more of the disk") {
    FileSink sink("staged.0", 100'000);
    CHECK(sink.begin(-1));
    sink.take(bytes_of(20'000));
    CHECK(next_of(sink) == "append 20000 at 0");
    sink.take(bytes_of(20'000));
    sink.drop();
    sink.step_done();
    CHECK(next_of(sink) == "nothing");
    CHECK(!sink.is_durable());
}

TEST_CASE("bad input: a body announced over the limit of a file sink is refused at its head") {
    RequestIds ids;
    Fetch fetch(ids);
    FileSink sink("staged.0", 1'000);
    fetch.start({}, {.url = "http://h/f"}, sink);
    RequestId id = 0;
    while (auto effect = fetch.next()) {
        if (auto* start = std::get_if<StartTransfer>(&*effect)) id = start->id;
    }
    fetch.handle({}, TransferHead{.id = id, .status = 200, .content_length = 1'001});
    const auto effect = fetch.next();
    REQUIRE(effect);
    CHECK(std::holds_alternative<StopTransfer>(*effect));
    const auto outcome = fetch.take_outcome();
    REQUIRE(outcome);
    CHECK(outcome->kind == FetchOutcome::Kind::refused);
    CHECK(outcome->reason.find("larger than") != std::string::npos);
}

namespace {

// A Fetch whose sink is a file's; the test is server and disk.
struct WebBench {
    RequestIds ids = {};
    Fetch fetch{ids};
    FileSink sink{"staged.0", 1'000'000};
    Instant now = {};
    RequestId id = 0;
    uint64_t credit = 0;

    WebBench() {
        fetch.start(now, {.url = "http://h/f", .total_ms = 600'000}, sink);
        drain();
        give(TransferHead{.id = id, .status = 200});
    }
    void drain() {
        while (auto effect = fetch.next()) {
            if (auto* start = std::get_if<StartTransfer>(&*effect)) id = start->id;
            if (auto* more = std::get_if<CreditTransfer>(&*effect)) credit += more->bytes;
        }
    }
    void give(const Event& event) {
        fetch.handle(now, event);
        drain();
    }
    void chunk(uint32_t count) {
        credit -= count;
        give(TransferChunk{id, bytes_of(count)});
    }
    void keep() {
        REQUIRE(sink.next_step());
        sink.step_done();
        fetch.sink_kept(now);
        drain();
    }
    void pass(uint64_t ms) {
        now = now + ms;
        give(Wake{});
    }
};

}  // namespace

TEST_CASE("a web server gets more credit only when what it sent is written") {
    WebBench bench;
    CHECK(bench.credit == limits::transfer_window_bytes);
    bench.chunk(40'000);
    CHECK(bench.credit == limits::transfer_window_bytes - 40'000);
    bench.keep();
    CHECK(bench.credit == limits::transfer_window_bytes);
}

TEST_CASE("a server that was granted nothing is not blamed for its silence") {
    WebBench bench;
    bench.chunk(limits::transfer_window_bytes);
    CHECK(bench.credit == 0);
    bench.pass(limits::transfer_stall_ms);
    CHECK(bench.fetch.busy());
    bench.keep();
    CHECK(bench.credit == limits::transfer_window_bytes);
    bench.pass(limits::transfer_stall_ms - 1);
    CHECK(bench.fetch.busy());
    bench.pass(1);
    CHECK(bench.fetch.take_outcome()->reason.find("nothing arrived") == 0);
}

TEST_CASE("a sink without room for too long ends a transfer") {
    WebBench bench;
    bench.chunk(limits::transfer_window_bytes);
    CHECK(bench.fetch.deadline() == Instant{limits::sink_hold_ms});
    bench.pass(limits::sink_hold_ms);
    const auto outcome = bench.fetch.take_outcome();
    REQUIRE(outcome);
    CHECK(outcome->kind == FetchOutcome::Kind::unreachable);
    CHECK(outcome->reason == "what had arrived was not kept in 10 s");
}

TEST_CASE("a TFTP server's repetitions while the sink holds are answered by nothing") {
    constexpr Address server = {{10, 0, 0, 1}, 4};
    RequestIds ids;
    Tftp tftp(ids);
    // Room for two blocks and no third: it holds after the second.
    class TwoBlocks final : public Sink {
      public:
        bool begin(int64_t) override { return true; }
        uint32_t room() const override { return 1'100 - held; }
        void take(std::span<const uint8_t> bytes) override {
            held += static_cast<uint32_t>(bytes.size());
            all += static_cast<uint32_t>(bytes.size());
        }
        void end() override {}
        void drop() override {}
        uint64_t size() const override { return all; }
        uint64_t limit() const override { return 10'000; }
        std::string too_long() const override { return "too long"; }

        uint32_t held = 0;
        uint32_t all = 0;
    } sink;
    Instant now = {};
    RequestId resolve = 0, socket = 0;
    uint32_t sent = 0;
    std::vector<uint8_t> last;
    const auto drain = [&] {
        while (auto effect = tftp.next()) {
            if (auto* one = std::get_if<Resolve>(&*effect)) resolve = one->id;
            if (auto* one = std::get_if<OpenSocket>(&*effect)) socket = one->socket;
            if (auto* one = std::get_if<DatagramOut>(&*effect)) {
                ++sent;
                last = one->bytes;
            }
        }
    };
    const auto block = [&](uint8_t number, uint32_t count) {
        std::vector<uint8_t> packet = {0, 3, 0, number};
        packet.insert(packet.end(), count, 'x');
        tftp.handle(now, DatagramIn{socket, server, 50'000, packet});
        drain();
    };
    tftp.start(now, {.url = "tftp://h/f"}, sink);
    drain();
    tftp.handle(now, Resolved{resolve, std::span(&server, 1), {}});
    drain();
    block(1, 512);
    CHECK(sent == 2);  // the request, and an acknowledgement
    block(2, 512);
    CHECK(sent == 2);
    for (uint32_t second = 0; second < 9; ++second) {
        now = now + 1'000;
        tftp.handle(now, Wake{});
        block(2, 512);
        block(3, 512);  // of a server that does not wait
    }
    CHECK(sent == 2);
    CHECK(tftp.busy());
    CHECK(sink.all == 1'024);
    sink.held = 0;
    tftp.sink_kept(now);
    drain();
    CHECK(last == std::vector<uint8_t>{0, 4, 0, 2});
    block(3, 10);
    CHECK(tftp.take_outcome()->kind == FetchOutcome::Kind::body);
    CHECK(sink.all == 1'034);
}

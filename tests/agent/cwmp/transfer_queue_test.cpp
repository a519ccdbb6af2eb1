// SPDX-License-Identifier: Apache-2.0
//
// The queue of an ACS's transfers: what is due when, and what is told of it.
#include "agent/cwmp/transfer_queue.h"

#include <doctest/doctest.h>

#include "agent/limits.h"
#include "agent/store/record.h"

using namespace dialtone;

namespace {

constexpr Instant noon = {1'000'000};

struct Bench {
    WallClock clock = {};
    std::vector<AcsTransfer> transfers = {};
    TransferQueue queue{transfers, clock};
    Instant now = noon;

    Bench() { clock.begin(now, 1'800'000'000, 1'700'000'000, 0); }
    void add(std::string key, uint32_t delay_s = 0) {
        queue.add(now, {.command_key = std::move(key),
                        .file_type = "3 Vendor Configuration File",
                        .url = "http://files.example/a",
                        .user = "u",
                        .password = "secret",
                        .left_s = delay_s});
    }
    void schedule(std::string key, std::vector<TransferWindow> windows) {
        const uint32_t left_s = windows.back().end_s;
        queue.add(now, {.kind = TransferKind::scheduled_download,
                        .command_key = std::move(key),
                        .url = "http://files.example/a",
                        .left_s = left_s,
                        .windows = std::move(windows)});
    }
    void wait(uint64_t seconds) { now = now + seconds * 1000; }
    // What is begun now; "-": nothing is due.
    std::string begin() { return queue.is_due(now) ? queue.start(now).command_key : "-"; }
    // Until something is due; the seconds that takes.
    uint64_t wait_until_due() {
        const Instant from = now;
        for (uint32_t looks = 0; !queue.is_due(now) && looks < 20; ++looks) {
            const auto next = queue.next_look(now);
            REQUIRE(next);
            REQUIRE(*next > now);
            now = *next;
            if (queue.outlived(now) != nullptr) break;
        }
        return now.since(from) / 1000;
    }
    // Everything there is stands in the record.
    bool record() { return queue.take_record(std::vector<AcsTransfer>(transfers), true); }
};

}  // namespace

TEST_CASE("transfers are carried out one at a time, in the order they came") {
    Bench bench;
    bench.add("a");
    bench.add("b");
    CHECK(bench.begin() == "a");
    CHECK(bench.queue.running() == 0);
    CHECK(bench.begin() == "-");
    CHECK(!bench.queue.finish(bench.now, 0, ""));
    CHECK(bench.begin() == "b");
    CHECK(bench.queue.running() == 1);
}

TEST_CASE("a transfer is due when its delay is over, and lets others go first") {
    Bench bench;
    bench.add("late", 100);
    bench.add("soon", 10);
    CHECK(bench.begin() == "-");
    CHECK(bench.wait_until_due() == 10);
    CHECK(bench.begin() == "soon");
    CHECK(!bench.queue.finish(bench.now, 0, ""));
    CHECK(bench.wait_until_due() == 90);
    CHECK(bench.begin() == "late");
}

TEST_CASE("a delay goes on over a restart: by the clock, or by what was left when it was written") {
    Bench bench;
    bench.clock.prove(bench.now, 1'800'000'000);
    bench.add("k", 100);
    CHECK(bench.transfers[0].due_s == 1'800'000'100);
    bench.wait(30);
    bench.add("another", 500);  // the record is written anyway
    CHECK(bench.transfers[0].left_s == 70);

    TransferQueue proven(bench.transfers, bench.clock);
    bench.wait(50);
    proven.load(bench.now);
    CHECK(proven.next_look(bench.now) == bench.now + 20'000);

    const WallClock unknown = {};
    TransferQueue blind(bench.transfers, unknown);
    blind.load({});
    CHECK(blind.next_look({}) == Instant{70'000});
    // A clock that is set back puts nothing off.
    WallClock wrong = {};
    wrong.begin({}, 1'799'000'000, 1'700'000'000, 0);
    TransferQueue early(bench.transfers, wrong);
    early.load({});
    CHECK(early.next_look({}) == Instant{70'000});
}

TEST_CASE("what a restart interrupts begins anew") {
    Bench bench;
    bench.add("k");
    CHECK(bench.begin() == "k");
    bench.record();
    TransferQueue again(bench.transfers, bench.clock);
    again.load(bench.now);
    CHECK(again.is_due(bench.now));
    CHECK(again.ready().empty());
}

TEST_CASE("what is done keeps what is told of it, and no password") {
    Bench bench;
    bench.add("k");
    bench.begin();
    bench.wait(7);
    CHECK(!bench.queue.finish(bench.now, 9016, "it is not there"));
    const AcsTransfer& done = bench.transfers[0];
    CHECK(done.done);
    CHECK(done.fault == 9016);
    CHECK(done.reason == "it is not there");
    CHECK(done.started_s == 1'800'000'000);
    CHECK(done.completed_s == 1'800'000'007);
    CHECK(done.command_key == "k");
    CHECK(done.file_type == "3 Vendor Configuration File");
    CHECK((done.url + done.user + done.password + done.target_name).empty());
}

TEST_CASE("what is done is told when it is durable, and until the ACS has heard of it") {
    Bench bench;
    bench.add("k");
    bench.begin();
    const std::vector<AcsTransfer> before = bench.transfers;
    bench.queue.finish(bench.now, 0, "");
    CHECK(!bench.queue.take_record(before, true));
    CHECK(bench.queue.ready().empty());
    CHECK(bench.record());
    CHECK(!bench.record());
    const auto ready = bench.queue.ready();
    REQUIRE(ready.size() == 1);
    CHECK(ready[0].transfer->command_key == "k");
    // Over a start, too.
    TransferQueue again(bench.transfers, bench.clock);
    again.load(bench.now);
    CHECK(again.ready().size() == 1);
    bench.queue.heard(bench.now, ready[0].number);
    CHECK(bench.transfers.empty());
    CHECK(bench.queue.ready().empty());
}

TEST_CASE("a disk that refuses it keeps nobody from telling what is done") {
    Bench bench;
    bench.add("k");
    bench.begin();
    bench.queue.finish(bench.now, 0, "");
    CHECK(bench.queue.take_record({}, false));
    CHECK(bench.queue.ready().size() == 1);
}

TEST_CASE("there is room for so many transfers and so much text, and for what comes of each") {
    Bench bench;
    const AcsTransfer small{.command_key = "k", .url = "http://files.example/a"};
    for (uint32_t i = 0; i < limits::cwmp_transfers; ++i) {
        CHECK(has_room(bench.transfers, small));
        bench.add("k");
    }
    CHECK(!has_room(bench.transfers, small));
    Bench full;
    AcsTransfer large{.command_key = std::string(limits::cwmp_key_letters, 'k'),
                      .url = std::string(limits::cwmp_transfer_letters, 'u'),
                      .user = std::string(limits::cwmp_transfer_letters, 'n'),
                      .password = std::string(limits::cwmp_transfer_letters, 'p'),
                      .target_name = std::string(limits::cwmp_transfer_letters, 't')};
    while (has_room(full.transfers, large))
        full.queue.add(full.now, large);
    CHECK(full.transfers.size() == 1);
    while (has_room(full.transfers, small))
        full.queue.add(full.now, small);
    // The reason takes what is left, in whole letters.
    const std::string reason(limits::cwmp_fault_text_bytes - 1, 'r');
    while (full.queue.is_due(full.now)) {
        full.queue.start(full.now);
        full.queue.finish(full.now, 9010, reason + "\xC3\xA9");
        CHECK(bytes_in_record(full.transfers) <= limits::cwmp_transfers_bytes);
    }
    for (const AcsTransfer& one : full.transfers)
        CHECK(one.reason.size() < limits::cwmp_fault_text_bytes);
    CHECK(full.transfers.front().reason == reason);
}

TEST_CASE("an order that did not become durable is none") {
    Bench bench;
    bench.add("a");
    bench.add("b");
    bench.queue.withdraw_last();
    CHECK(bench.transfers.size() == 1);
    CHECK(bench.begin() == "a");
    bench.queue.finish(bench.now, 0, "");
    CHECK(bench.begin() == "-");
}

TEST_CASE("all transfers with a key are cancelled, and come back when that was not durable") {
    Bench bench;
    bench.add("k");
    bench.add("other");
    bench.add("k", 60);
    CHECK(bench.begin() == "k");
    CHECK(bench.queue.may_cancel("k"));
    auto cancelled = bench.queue.cancel(bench.now, "k");
    CHECK(cancelled.size() == 2);
    CHECK(!bench.queue.running());
    CHECK(bench.begin() == "other");
    bench.queue.restore(bench.now, std::move(cancelled));
    CHECK(bench.transfers.size() == 3);
    bench.queue.finish(bench.now, 0, "");
    CHECK(bench.begin() == "k");
    bench.queue.finish(bench.now, 0, "");
    CHECK(bench.wait_until_due() == 60);
    CHECK(bench.queue.cancel(bench.now, "nobody's").empty());
}

TEST_CASE("what is done is cancelled no more") {
    Bench bench;
    bench.add("k");
    bench.begin();
    bench.queue.finish(bench.now, 0, "");
    CHECK(!bench.queue.may_cancel("k"));
    CHECK(bench.queue.may_cancel("other"));
}

TEST_CASE("a scheduled download begins with its first window") {
    Bench bench;
    bench.schedule("k", {{.start_s = 100, .end_s = 200, .at_any_time = true}});
    CHECK(bench.begin() == "-");
    CHECK(bench.wait_until_due() == 100);
    CHECK(bench.begin() == "k");
    CHECK(!bench.queue.overruns(bench.now));
    CHECK(!bench.queue.finish(bench.now, 0, ""));
    CHECK(bench.transfers[0].fault == 0);
    CHECK(bench.transfers[0].windows.empty());
}

TEST_CASE("in a window for an idle phone nothing begins while somebody is at it") {
    Bench bench;
    bench.schedule("k", {{.start_s = 0, .end_s = 100, .at_any_time = false}});
    bench.queue.set_idle(false);
    CHECK(!bench.queue.is_due(bench.now));
    CHECK(bench.queue.next_look(bench.now) == bench.now + 100'000);
    bench.queue.set_idle(true);
    CHECK(bench.begin() == "k");
}

TEST_CASE("a try that fails is repeated in its window, as often as that says") {
    Bench bench;
    bench.schedule("k", {{.start_s = 0, .end_s = 3'600, .at_any_time = true, .retries = 1}});
    CHECK(bench.begin() == "k");
    CHECK(bench.queue.finish(bench.now, 9015, "no answer") == limits::cwmp_window_retry_s);
    CHECK(bench.begin() == "-");
    CHECK(bench.wait_until_due() == limits::cwmp_window_retry_s);
    CHECK(bench.begin() == "k");
    CHECK(!bench.queue.finish(bench.now, 9015, "no answer"));
    CHECK(bench.transfers[0].fault == 9015);
}

TEST_CASE("where the phone decides, the waits between tries grow") {
    Bench bench;
    bench.schedule("k", {{.start_s = 0, .end_s = 86'400, .at_any_time = true, .retries = -1}});
    std::vector<uint64_t> waits;
    while (bench.begin() == "k") {
        if (!bench.queue.finish(bench.now, 9015, "no answer")) break;
        waits.push_back(bench.wait_until_due());
    }
    CHECK(waits == std::vector<uint64_t>{60, 120, 240, 480, 960});
}

TEST_CASE("what one window did not bring the next one may, with tries of its own") {
    Bench bench;
    bench.schedule("k", {{.start_s = 0, .end_s = 100, .at_any_time = true, .retries = 0},
                         {.start_s = 500, .end_s = 600, .at_any_time = true, .retries = 0}});
    CHECK(bench.begin() == "k");
    CHECK(bench.queue.finish(bench.now, 9016, "it is not there") == 500);
    CHECK(bench.wait_until_due() == 500);
    CHECK(bench.begin() == "k");
    CHECK(!bench.queue.finish(bench.now, 9016, "it is not there"));
    CHECK(bench.transfers[0].fault == 9016);
}

TEST_CASE("a download that no window sufficed for has failed with 9020") {
    Bench bench;
    bench.schedule("k", {{.start_s = 0, .end_s = 100, .at_any_time = true, .retries = 5}});
    CHECK(bench.begin() == "k");
    CHECK(bench.queue.finish(bench.now, 9015, "no answer") == 60);
    CHECK(bench.wait_until_due() == 60);
    CHECK(bench.begin() == "k");
    CHECK(bench.queue.finish(bench.now, 9015, "no answer") == 40);
    bench.wait_until_due();
    CHECK(bench.transfers[0].done);
    CHECK(bench.transfers[0].fault == 9020);
    CHECK(bench.transfers[0].reason == "its time windows are over: no answer");
}

TEST_CASE("a download is broken off at the end of its window, where it can be") {
    Bench bench;
    bench.schedule("k", {{.start_s = 0, .end_s = 100, .at_any_time = true},
                         {.start_s = 200, .end_s = 300, .at_any_time = true}});
    CHECK(bench.begin() == "k");
    CHECK(bench.queue.next_look(bench.now) == bench.now + 100'000);
    bench.wait(100);
    REQUIRE(bench.queue.overruns(bench.now));
    bench.queue.stop();
    CHECK(bench.begin() == "-");
    CHECK(bench.wait_until_due() == 100);
    CHECK(bench.begin() == "k");
    bench.wait(100);
    REQUIRE(bench.queue.overruns(bench.now));
    bench.queue.let_go_on();
    CHECK(!bench.queue.overruns(bench.now));
    CHECK(!bench.queue.next_look(bench.now));
    CHECK(bench.queue.outlived(bench.now) == nullptr);
    bench.wait(5);
    CHECK(!bench.queue.finish(bench.now, 0, ""));
    CHECK(bench.transfers[0].fault == 0);
}

TEST_CASE("windows go on over a restart") {
    Bench bench;
    bench.schedule("k", {{.start_s = 100, .end_s = 200, .at_any_time = true}});
    bench.wait(60);
    bench.add("another", 1'000);
    TransferQueue again(bench.transfers, bench.clock);
    again.load({});
    CHECK(again.next_look({}) == Instant{40'000});
    CHECK(!again.is_due({39'000}));
    CHECK(again.is_due({40'000}));
    CHECK(!again.is_due({140'000}));
}

TEST_CASE("of the files that the phone got by itself the last one waits to be told") {
    Bench bench;
    bench.queue.add_autonomous(bench.now, "http://pbx.example/one", "3 Vendor Configuration File");
    bench.queue.add_autonomous(bench.now, "http://pbx.example/two", "3 Vendor Configuration File");
    REQUIRE(bench.transfers.size() == 1);
    CHECK(bench.transfers[0].url == "http://pbx.example/two");
    CHECK(bench.transfers[0].done);
    CHECK(bench.queue.ready().empty());
    CHECK(bench.record());
    CHECK(bench.queue.ready().size() == 1);
    // It has no key, and no ACS has ordered it.
    CHECK(bench.queue.may_cancel(""));
    CHECK(bench.queue.cancel(bench.now, "").empty());
    bench.queue.drop_orders();
    CHECK(bench.transfers.size() == 1);
}

TEST_CASE("what another ACS has ordered is dropped") {
    Bench bench;
    bench.add("a");
    bench.add("b");
    bench.begin();
    bench.queue.drop_orders();
    CHECK(bench.transfers.empty());
    CHECK(!bench.queue.running());
}

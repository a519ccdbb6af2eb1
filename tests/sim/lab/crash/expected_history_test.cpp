// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/crash/expected_history.h"

#include <doctest/doctest.h>

#include "agent/store/durable_steps.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

Generation generation(uint32_t number, std::string_view mark) {
    Generation made;
    made.number = number;
    made.items = {{.key = "P35", .value = "user." + std::string(mark)},
                  {.key = "P47", .value = "server." + std::string(mark)}};
    return made;
}

// A phone whose disk is filled by hand, with the steps of the real store.
struct Bench {
    Catalogue catalogue = {};
    ImageReader reader{catalogue};
    Image image = {};

    ContentId put(const Storage& step) {
        const ContentId content = catalogue.intern(step.bytes);
        image.files[catalogue.name_id(step.name)] = content;
        return content;
    }
    ContentId put(const Generation& made) { return put(generation_steps(made).front()); }
    ContentId put(const Record& record, uint8_t copy) {
        return put(record_steps(record, copy, true).front());
    }
    std::optional<Violation> judge(const ExpectedHistory& history,
                                   const DurabilityFloor& floor = {}) {
        return history.judge(image, reader.counting_record(image), floor);
    }
};

Record record(uint32_t sequence, uint32_t active, uint32_t other = 0) {
    return {.sequence = sequence, .active = active, .other = other};
}

bool is(const std::optional<Violation>& violation, Oracle oracle) {
    return violation && violation->oracle == oracle;
}

}  // namespace

TEST_CASE("the oracle reads by itself what the store writes") {
    Bench bench;
    const ParsedGeneration& read = bench.reader.generation(bench.put(generation(4, "one")));
    CHECK(read.whole);
    CHECK(read.number == 4);
    CHECK(read.value("P47") == "server.one");
    CHECK(read.lines() == "P35=user.one\nP47=server.one\n");
    Record made = record(7, 4, 3);
    made.trial = TrialState::trying;
    made.hooks_due = true;
    const ParsedRecord& copy = bench.reader.record(bench.put(made, 0));
    CHECK(copy.whole);
    CHECK(copy.sequence == 7);
    CHECK(copy.active == 4);
    CHECK(copy.other == 3);
    CHECK(copy.trial == 1);
    CHECK(copy.hooks_due == 1);
}

TEST_CASE("a file that lacks a byte, or has another one, is not whole") {
    Bench bench;
    const std::vector<uint8_t> whole = encode_record(record(7, 4));
    CHECK(bench.reader.record(bench.catalogue.intern(whole)).whole);
    for (uint32_t at = 0; at < whole.size(); ++at) {
        std::vector<uint8_t> broken = whole;
        broken[at] ^= 1;
        // The oracle does not read the version.
        if (at != 4) CHECK(!bench.reader.record(bench.catalogue.intern(broken)).whole);
        broken.resize(at);
        CHECK(!bench.reader.record(bench.catalogue.intern(broken)).whole);
    }
}

TEST_CASE("the later whole copy of the record counts, over the end of the numbers too") {
    Bench bench;
    CHECK(bench.reader.counting_record(bench.image) == no_file);
    const ContentId first = bench.put(record(UINT32_MAX, 1), 0);
    CHECK(bench.reader.counting_record(bench.image) == first);
    const ContentId second = bench.put(record(0, 1), 1);
    CHECK(bench.reader.counting_record(bench.image) == second);
    bench.put({.step = StorageStep::write, .name = "record.1", .bytes = {1, 2, 3}});
    CHECK(bench.reader.counting_record(bench.image) == first);
}

TEST_CASE("a record that names a generation which is not there is no whole state") {
    Bench bench;
    bench.put(generation(1, "one"));
    bench.put(record(1, 1), 0);
    ExpectedHistory history(bench.reader, bench.image);
    CHECK(!bench.judge(history));
    bench.put({.step = StorageStep::write, .name = "generation.1", .bytes = {1}});
    CHECK(is(bench.judge(history), Oracle::whole));
}

TEST_CASE("what was reported is not taken back") {
    Bench bench;
    bench.put(generation(1, "one"));
    bench.put(record(1, 1), 0);
    ExpectedHistory history(bench.reader, bench.image);
    for (const Storage& step : generation_steps(generation(2, "two")))
        CHECK(!history.request(step));
    CHECK(!history.request(record_steps(record(2, 2, 1), 1, true).front()));
    JournalLine applied{.kind = JournalKind::applied};
    applied.with("generation", 2).with("predecessor", 1);
    CHECK(!history.report(applied));
    // The disk still holds the old state.
    CHECK(!bench.judge(history));
    CHECK(is(bench.judge(history, history.floor()), Oracle::kept_reports));
    bench.put(generation(2, "two"));
    bench.put(record(2, 2, 1), 1);
    CHECK(!bench.judge(history, history.floor()));
}

TEST_CASE("a report about something that was never asked for is a broken word") {
    Bench bench;
    bench.put(generation(1, "one"));
    bench.put(record(1, 1), 0);
    ExpectedHistory history(bench.reader, bench.image);
    JournalLine applied{.kind = JournalKind::applied};
    applied.with("generation", 2).with("predecessor", 1);
    CHECK(is(history.report(applied), Oracle::kept_reports));
    CHECK(is(history.report(CommandKind::set, "P47=other"), Oracle::kept_reports));
    CHECK(is(history.report(CommandKind::factory_reset, {}), Oracle::kept_reports));
}

TEST_CASE("a generation made of two files is a mixture") {
    Bench bench;
    ExpectedHistory history(bench.reader, bench.image);
    Generation mixed = generation(1, "one");
    mixed.items[1].value = "server.two";
    CHECK(is(history.request(generation_steps(mixed).front()), Oracle::whole));
}

TEST_CASE("a record that a torn write brings back counts if its generations are there") {
    Bench bench;
    bench.put(generation(1, "one"));
    bench.put(record(1, 1), 0);
    ExpectedHistory before(bench.reader, bench.image);
    CHECK(!before.request(record_steps(record(2, 1), 1, true).front()));
    ExpectedHistory after(bench.reader, bench.image);
    bench.put(record(2, 1), 1);
    CHECK(!bench.judge(after));
    bench.put(record(3, 1), 1);
    CHECK(is(bench.judge(after), Oracle::whole));
}

TEST_CASE("after a factory reset no generation may be found") {
    Bench bench;
    const ContentId kept = bench.put(generation(1, "one"));
    bench.put(record(1, 1), 0);
    ExpectedHistory history(bench.reader, bench.image);
    CHECK(!history.request(record_steps(record(2, 0), 1, true).front()));
    CHECK(!history.report(CommandKind::factory_reset, {}));
    bench.put(record(2, 0), 1);
    CHECK(is(bench.judge(history, history.floor()), Oracle::kept_reports));
    const NameId slot = bench.reader.names().generation(1);
    bench.image.files[slot] = no_file;
    CHECK(!bench.judge(history, history.floor()));
    CHECK(kept != no_file);
}

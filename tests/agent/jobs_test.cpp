// SPDX-License-Identifier: Apache-2.0
//
// Jobs with their lane in a simulated world: real downloads from simulated servers onto a simulated
// disk. The test is the owner.
#include "agent/jobs.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/world/world.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

std::string text(uint32_t count) {
    std::string out;
    for (uint32_t i = 0; i < count; ++i)
        out += static_cast<char>('a' + (i * 7 + i / 251) % 26);
    return out;
}

// What an agent does with its jobs, and nothing else.
struct Ids {
    RequestIds all = {};
};

class Owner : private Ids, public EngineBase {
  public:
    Owner() : EngineBase(Ids::all) {
        drives(lane);
        drives(jobs);
    }
    void handle(Instant now, const Event& event) override {
        lane.handle(now, event);
        if (const auto outcome = lane.take_outcome()) {
            jobs.take_step(now, *outcome);
            if (outcome->transaction == configuration) configuration = 0;
        }
        jobs.handle(now, event);
    }
    std::optional<Instant> deadline() const override { return jobs.deadline(); }

    Lane lane{Ids::all};
    PhoneFacts phone = {};
    Jobs jobs{Ids::all, lane, phone};
    TransactionId configuration = 0;
};

struct Bench : EventSink {
    Site site = {};
    sim::World world{site};
    Owner owner = {};
    std::vector<JournalLine> lines = {};
    std::vector<std::string> steps = {};  // of the disk, in their order
    std::vector<JobOutcome> ended = {};
    uint32_t transfers = 0;
    bool takes_outcomes = true;

    void take(Instant now, const Event& event) override {
        owner.handle(now, event);
        drain();
    }
    void drain() {
        while (auto effect = owner.next()) {
            if (const auto* step = std::get_if<Storage>(&*effect)) note(*step);
            if (const auto* line = std::get_if<JournalLine>(&*effect)) lines.push_back(*line);
            if (std::holds_alternative<StartTransfer>(*effect)) ++transfers;
            world.carry_out(std::move(*effect));
        }
        while (auto outcome = takes_outcomes ? owner.jobs.take_outcome() : std::nullopt)
            ended.push_back(std::move(*outcome));
    }
    void note(const Storage& step) {
        constexpr std::string_view words[] = {"read",       "write",  "append", "sync",
                                              "sync names", "rename", "remove", "room"};
        steps.push_back(std::string(words[static_cast<uint32_t>(step.step)]) +
                        (step.name.empty() ? "" : " " + step.name));
    }
    JobId submit(JobRequest request) {
        const JobId job = owner.jobs.submit(world.now(), std::move(request));
        drain();
        return job;
    }
    JobId get(std::string url) { return submit({.fetch = {.url = std::move(url)}}); }
    void release(JobId job) {
        owner.jobs.release(world.now(), job);
        drain();
    }
    void cancel(JobId job) {
        owner.jobs.cancel(world.now(), job);
        drain();
    }
    template <typename Done>
    void run_until(Done done) {
        for (uint32_t events = 0; !done() && !world.departure(); ++events) {
            REQUIRE(events < 100'000);
            world.wait(owner.deadline(), *this);
        }
    }
    JobOutcome end_of_next() {
        const auto before = ended.size();
        run_until([&] { return ended.size() > before; });
        REQUIRE(ended.size() > before);
        return ended[before];
    }
    void run_to_idle() {
        run_until([&] { return owner.jobs.idle(); });
    }
    std::string on_disk(const std::string& name) const {
        const auto* bytes = site.disk.find(name);
        return bytes ? std::string(bytes->begin(), bytes->end()) : "nothing";
    }
    bool was_said(JournalKind kind) const {
        return std::ranges::find(lines, kind, &JournalLine::kind) != lines.end();
    }
};

}  // namespace

TEST_CASE("a job that nobody submitted costs nothing") {
    Bench bench;
    CHECK(bench.owner.jobs.idle());
    CHECK(!bench.owner.deadline());
    bench.owner.jobs.open(0);
    bench.owner.handle({}, Wake{});
    CHECK(!bench.owner.next());
}

TEST_CASE("a job downloads a file larger than memory allows and leaves it staged and durable") {
    Bench bench;
    const std::string body = text(700'000);
    bench.site.web.put_body("http://10.0.0.1/fw.bin", body);
    const JobId job = bench.get("http://10.0.0.1/fw.bin");
    const JobOutcome outcome = bench.end_of_next();
    CHECK(outcome.job == job);
    CHECK(outcome.verdict == JobVerdict::kept);
    CHECK(outcome.file == "staged.0");
    CHECK(outcome.bytes == body.size());
    CHECK(outcome.sha256 == sha256_of(body));
    bench.site.disk.power_cut();
    CHECK(bench.on_disk("staged.0") == body);
    CHECK(bench.was_said(JournalKind::staged));
    bench.release(job);
    bench.run_to_idle();
    CHECK(bench.on_disk("staged.0") == "nothing");
}

TEST_CASE("a job by TFTP is kept like one by HTTP") {
    Bench bench;
    const std::string body = text(200'000);
    bench.site.tftp.put("fw.bin", body);
    bench.get("tftp://10.0.0.1/fw.bin");
    const JobOutcome outcome = bench.end_of_next();
    CHECK(outcome.verdict == JobVerdict::kept);
    CHECK(bench.on_disk("staged.0") == body);
}

TEST_CASE("an empty file is a file") {
    Bench bench;
    bench.site.web.put_body("http://10.0.0.1/empty", "");
    bench.get("http://10.0.0.1/empty");
    CHECK(bench.end_of_next().verdict == JobVerdict::kept);
    CHECK(bench.on_disk("staged.0").empty());
}

TEST_CASE("jobs run side by side up to their limit, and the rest waits in its order") {
    Bench bench;
    std::vector<JobId> jobs;
    for (uint32_t i = 0; i < limits::jobs_at_once + 2; ++i) {
        const std::string url = "http://10.0.0.1/" + std::to_string(i);
        bench.site.web.put_body(url, text(40'000 + i));
        jobs.push_back(bench.get(url));
    }
    bench.run_until([&] { return bench.ended.size() == limits::jobs_at_once; });
    CHECK(bench.transfers == limits::jobs_at_once);
    for (uint32_t i = 0; i < 2; ++i) {
        bench.release(bench.ended[i].job);
        CHECK(bench.end_of_next().job == jobs[limits::jobs_at_once + i]);
    }
    CHECK(bench.ended.back().bytes == 40'000 + limits::jobs_at_once + 1);
}

TEST_CASE("the pieces of two bodies come in turns") {
    Bench bench;
    for (const char* name : {"a", "b"})
        bench.site.web.put_body("http://10.0.0.1/" + std::string(name), text(300'000));
    bench.get("http://10.0.0.1/a");
    bench.get("http://10.0.0.1/b");
    bench.run_until([&] { return bench.ended.size() == 2; });
    // Nobody waits for more than one step of the other.
    std::string last;
    uint32_t in_a_row = 0, most = 0;
    for (const std::string& step : bench.steps) {
        if (!step.starts_with("append")) continue;
        in_a_row = step == last ? in_a_row + 1 : 1;
        last = step;
        most = std::max(most, in_a_row);
    }
    CHECK(most <= 2);
}

TEST_CASE("a queue that is full takes no more jobs, and says so") {
    Bench bench;
    for (uint32_t i = 0; i < limits::jobs_at_once + limits::jobs_queued; ++i)
        CHECK(bench.get("http://10.0.0.1/x") != 0);
    CHECK(bench.get("http://10.0.0.1/x") == 0);
}

TEST_CASE("a configuration goes before the pieces of bodies that wait") {
    RequestIds ids;
    Lane lane(ids);
    const auto step = [](std::string name) {
        std::vector<Storage> steps;
        steps.push_back({.step = StorageStep::write, .name = std::move(name)});
        return steps;
    };
    lane.submit(step("staged.0"), LaneUse::job);
    lane.submit(step("staged.1"), LaneUse::job);
    lane.submit(step("generation.1"));
    lane.submit(step("record.0"));
    std::string order;
    while (auto effect = lane.next()) {
        const auto asked = std::get<Storage>(*effect);
        order += asked.name + " ";
        lane.handle({}, StorageDone{.id = asked.id});
        lane.take_outcome();
    }
    CHECK(order == "staged.0 generation.1 record.0 staged.1 ");
}

TEST_CASE("a file that is not there is told at once, and nothing is left") {
    Bench bench;
    bench.site.web.put_body("http://10.0.0.1/other", "x");
    bench.get("http://10.0.0.1/none");
    CHECK(bench.end_of_next().verdict == JobVerdict::absent);
    CHECK(bench.transfers == 1);
    CHECK(bench.was_said(JournalKind::job_failed));
    bench.run_to_idle();
    CHECK(bench.site.disk.names().empty());
}

TEST_CASE("a server that fails is asked again, a bounded number of times") {
    Bench bench;
    bench.site.web.put("http://10.0.0.1/f", {.status = 503});
    bench.submit({.fetch = {.url = "http://10.0.0.1/f"}, .tries = 3});
    const JobOutcome outcome = bench.end_of_next();
    CHECK(outcome.verdict == JobVerdict::unreachable);
    CHECK(bench.transfers == 3);
    CHECK(std::ranges::count(bench.lines, JournalKind::job_waits, &JournalLine::kind) == 2);
}

TEST_CASE("a try after one that broke off begins with a new file") {
    Bench bench;
    const std::string body = text(90'000);
    bench.site.web.put("http://10.0.0.1/f", {.body = body, .ends_after = 50'000});
    bench.get("http://10.0.0.1/f");
    bench.run_until([&] { return bench.was_said(JournalKind::job_waits); });
    CHECK(bench.on_disk("staged.0") != "nothing");
    bench.site.web.put_body("http://10.0.0.1/f", body);
    CHECK(bench.end_of_next().verdict == JobVerdict::kept);
    CHECK(bench.on_disk("staged.0") == body);
}

TEST_CASE("bad input: a file longer than its owner allows is refused") {
    for (const bool announced : {true, false}) {
        Bench bench;
        bench.site.web.put("http://10.0.0.1/f", {.body = text(30'000), .endless = !announced});
        bench.submit({.fetch = {.url = "http://10.0.0.1/f"}, .most_bytes = 20'000});
        CHECK(bench.end_of_next().verdict == JobVerdict::refused);
        bench.run_to_idle();
        CHECK(bench.site.disk.names().empty());
    }
}

TEST_CASE("the reserve of the disk is not a job's, and a job waits for room") {
    Bench bench;
    bench.site.disk.set_capacity(limits::disk_reserve_bytes);
    bench.site.web.put_body("http://10.0.0.1/f", text(20'000));
    bench.get("http://10.0.0.1/f");
    bench.run_until([&] { return bench.was_said(JournalKind::job_waits); });
    CHECK(bench.transfers == 0);
    bench.site.disk.set_capacity(limits::disk_reserve_bytes + 20'000);
    CHECK(bench.end_of_next().verdict == JobVerdict::kept);
}

TEST_CASE("two jobs do not count on the same room") {
    Bench bench;
    bench.site.disk.set_capacity(limits::disk_reserve_bytes + 150'000);
    for (const char* name : {"a", "b"})
        bench.site.web.put("http://10.0.0.1/" + std::string(name),
                           {.body = text(100'000), .piece_interval_ms = 50});
    bench.get("http://10.0.0.1/a");
    bench.submit({.fetch = {.url = "http://10.0.0.1/b"}, .tries = 1});
    bench.run_until([&] { return bench.ended.size() == 2; });
    const auto kept = std::ranges::count(bench.ended, JobVerdict::kept, &JobOutcome::verdict);
    CHECK(kept == 1);
    CHECK(bench.site.disk.used_bytes() <= 150'000);
}

TEST_CASE("bad input: a disk that fails ends the job, and says which step") {
    Bench bench;
    bench.site.web.put_body("http://10.0.0.1/f", text(60'000));
    bench.get("http://10.0.0.1/f");
    bench.run_until([&] { return bench.on_disk("staged.0") != "nothing"; });
    bench.site.disk.fail_from(1, "Input/output error");
    const JobOutcome outcome = bench.end_of_next();
    CHECK(outcome.verdict == JobVerdict::no_room);
    CHECK(outcome.reason.find("Input/output error") != std::string::npos);
    bench.run_to_idle();
}

TEST_CASE("a job that is cancelled has no outcome and leaves nothing, wherever it is") {
    for (const uint32_t after_steps : {0U, 1U, 2U, 4U, 6U, 8U, 9U, 10U}) {
        CAPTURE(after_steps);
        Bench bench;
        bench.site.web.put_body("http://10.0.0.1/f", text(60'000));
        const JobId job = bench.get("http://10.0.0.1/f");
        bench.run_until([&] { return bench.steps.size() >= after_steps || !bench.ended.empty(); });
        const auto ended = bench.ended.size();
        bench.cancel(job);
        bench.run_to_idle();
        CHECK(bench.ended.size() == ended);
        CHECK(bench.site.disk.names().empty());
    }
}

TEST_CASE("a job that waits in the queue, or for its next try, can be cancelled") {
    Bench bench;
    bench.site.web.set_down(true);
    const JobId first = bench.get("http://10.0.0.1/a");
    const JobId second = bench.get("http://10.0.0.1/b");
    const JobId queued = bench.get("http://10.0.0.1/c");
    bench.run_until([&] { return bench.was_said(JournalKind::job_waits); });
    bench.cancel(queued);
    bench.cancel(first);
    bench.cancel(second);
    bench.run_to_idle();
    CHECK(bench.ended.empty());
    CHECK(!bench.owner.deadline());
}

TEST_CASE("the outcome of one job is taken without those of others") {
    Bench bench;
    bench.takes_outcomes = false;
    bench.site.web.put_body("http://10.0.0.1/a", "x");
    bench.site.web.put_body("http://10.0.0.1/b", "y");
    const JobId first = bench.get("http://10.0.0.1/a");
    const JobId second = bench.get("http://10.0.0.1/b");
    bench.run_until([&] {
        return std::ranges::count(bench.lines, JournalKind::staged, &JournalLine::kind) == 2;
    });
    Jobs& jobs = bench.owner.jobs;
    CHECK(!jobs.take_outcome(0));
    auto outcome = jobs.take_outcome(second);
    REQUIRE(outcome);
    CHECK(outcome->job == second);
    CHECK(!jobs.take_outcome(second));
    outcome = jobs.take_outcome();
    REQUIRE(outcome);
    CHECK(outcome->job == first);
}

TEST_CASE(
    "what a job came to says whether the server wants another user, and whether a file came") {
    Bench bench;
    bench.site.web.put("http://10.0.0.1/a", {.user = "u", .password = "p"});
    bench.get("http://10.0.0.1/a");
    JobOutcome outcome = bench.end_of_next();
    CHECK(outcome.unwelcome);
    CHECK(outcome.answered);
    CHECK(!outcome.begun);
    bench.site.web.put("http://10.0.0.1/b", {.body = text(5'000), .ends_after = 100});
    bench.submit({.fetch = {.url = "http://10.0.0.1/b"}, .tries = 1});
    bench.run_until([&] { return bench.ended.size() == 2; });
    outcome = bench.ended[1];
    CHECK(outcome.verdict == JobVerdict::unreachable);
    CHECK(outcome.begun);
    CHECK(!outcome.unwelcome);
    bench.submit({.fetch = {.url = "http://10.0.0.1/b"}, .most_bytes = 1'000});
    bench.run_until([&] { return bench.ended.size() == 3; });
    outcome = bench.ended[2];
    CHECK(outcome.verdict == JobVerdict::refused);
    CHECK(outcome.begun);
}

TEST_CASE("a job may be spread over a time, in which it takes no place") {
    Bench bench;
    bench.site.web.put_body("http://10.0.0.1/f", "x");
    bench.submit({.fetch = {.url = "http://10.0.0.1/f"}, .spread_ms = 600'000});
    CHECK(bench.steps.empty());
    const auto due = bench.owner.deadline();
    REQUIRE(due);
    CHECK(due->ms < 600'000);
    CHECK(bench.end_of_next().verdict == JobVerdict::kept);
    CHECK(bench.world.now() >= *due);
}

TEST_CASE("what an earlier life has left is removed by the start") {
    Bench bench;
    bench.site.disk.edit("staged.1") = {1, 2, 3};
    const Boot boot = bench.world.boot(ResetCause::power_on, 0);
    CHECK(boot.staged_files == 2);
    bench.owner.jobs.open(boot.staged_files);
    bench.drain();
    bench.run_until([&] { return bench.on_disk("staged.1") == "nothing"; });
    CHECK(bench.steps == std::vector<std::string>{"remove staged.1"});
}

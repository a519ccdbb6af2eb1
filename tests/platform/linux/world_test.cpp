// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/world.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>

#include <deque>
#include <filesystem>

#include "tests/platform/linux/event_log.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

TEST_CASE("a deadline is told by a Wake, never too early") {
    auto world = open_world();
    EventLog log;
    for (uint64_t wait_ms : {0U, 1U, 7U, 30U}) {
        const Instant deadline = world->now() + wait_ms;
        world->wait(deadline, log);
        CHECK(log.lines.back() == "wake");
        CHECK(log.at >= deadline);
        CHECK(log.at.ms <= world->now().ms);
    }
}

TEST_CASE("a world in which nothing happens sleeps until the deadline") {
    auto world = open_world({.interface = "lo"});
    EventLog log;
    wait_for(*world, log, 1);
    rusage before = {}, after = {};
    ::getrusage(RUSAGE_SELF, &before);
    world->wait(world->now() + 100, log);
    ::getrusage(RUSAGE_SELF, &after);
    CHECK(log.all() == "link up 127.0.0.1; wake; ");
    CHECK(after.ru_nvcsw - before.ru_nvcsw <= 1);
}

TEST_CASE("what has happened comes before a deadline that is due, and the Wake right after") {
    auto world = open_world();
    EventLog log;
    for (RequestId id = 1; id <= 3; ++id)
        world->carry_out(Resolve{id, "192.0.2.1"});
    const Instant past = world->now();
    for (int i = 0; i < 4; ++i)
        world->wait(past, log);
    CHECK(log.all() == "resolved 1 1 ; wake; resolved 2 1 ; wake; ");
}

TEST_CASE("a life ends when what was asked before the Exit is done") {
    ScratchDirectory scratch;
    const Descriptor directory(::open(scratch.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    auto world = open_world({.state_directory = directory.get()});
    EventLog log;
    world->carry_out(Storage{1, StorageStep::write, "record", {}, {1, 2, 3}});
    world->carry_out(Storage{2, StorageStep::sync_file, "record"});
    world->carry_out(Exit{4, "nothing could be applied"});
    world->carry_out(JournalLine{.kind = JournalKind::finished, .wall_s = 77});
    CHECK_FALSE(world->departure());
    world->wait({}, log);
    REQUIRE(world->departure());
    CHECK(world->departure()->kind == Departure::Kind::exit);
    CHECK(world->departure()->status == 4);
    CHECK(world->departure()->why == "nothing could be applied");
    CHECK(std::filesystem::file_size(scratch.file("record")) == 3);
    CHECK(log.all().empty());
}

TEST_CASE("a reboot is a departure of its own kind, and the first departure counts") {
    auto world = open_world();
    EventLog log;
    world->carry_out(Reboot{});
    world->carry_out(Exit{1, "too late"});
    world->wait({}, log);
    CHECK(world->departure()->kind == Departure::Kind::reboot);
}

TEST_CASE("without a hook runner hooks run nothing and fail nothing") {
    auto world = open_world();
    EventLog log;
    world->carry_out(RunHooks{5, "/nonexistent", "P47=x\n"});
    wait_for(*world, log, 1);
    CHECK(log.all() == "hooks 5 ran 0 failed 0 ; ");
}

// A machine that asks for one thing and leaves when it is answered.
class Asker final : public Machine {
  public:
    void handle(Instant, const Event& event) override {
        if (std::holds_alternative<Boot>(event)) wanted_.push_back(Resolve{1, "192.0.2.1"});
        if (std::holds_alternative<Resolved>(event)) wanted_.push_back(Exit{3, "answered"});
    }
    std::optional<Effect> next() override {
        if (wanted_.empty()) return {};
        Effect effect = std::move(wanted_.front());
        wanted_.pop_front();
        return effect;
    }
    std::optional<Instant> deadline() const override { return {}; }

  private:
    std::deque<Effect> wanted_ = {};
};

TEST_CASE("live() runs a machine in the world from its boot to its departure") {
    auto world = open_world();
    Asker asker;
    const Departure departure = live(*world, asker, Boot{});
    CHECK(departure.status == 3);
    CHECK(departure.why == "answered");
}

}  // namespace
}  // namespace dialtone

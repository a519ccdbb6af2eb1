// SPDX-License-Identifier: Apache-2.0
//
// The agent with downloads beside its pass: they run while the phone provisions itself and rests,
// and none is under way when it leaves.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "agent/store/durable_files.h"
#include "sim/world/world.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

constexpr std::string_view job_url = "http://10.0.0.1/gs/fw.bin";
const std::string body(100'000, 'f');

AgentOptions options() {
    AgentOptions out;
    out.profile = find_profile("grandstream");
    out.identity = *identity_from_mac("000B82273B89");
    out.identity.model = out.profile->default_model;
    out.identity.version = out.profile->default_version;
    out.interface = "eth0";
    out.floor_s = 1'700'000'000;
    for (const auto& [setting, value] :
         {std::pair(Setting::static_url, "http://10.0.0.1/gs"), std::pair(Setting::order, "static"),
          std::pair(Setting::splay, "0")})
        REQUIRE(out.settings.set(Layer::command_line, setting, value));
    return out;
}

// One life of an agent, the test between it and the world.
struct Life final : EventSink {
    explicit Life(Site& of) : site(of), world(of), agent(options()) {
        take(world.now(), world.boot(ResetCause::power_on, 0));
    }
    void take(Instant now, const Event& event) override {
        agent.handle(now, event);
        drain();
    }
    void drain() {
        while (auto effect = agent.next()) {
            if (const auto* line = std::get_if<JournalLine>(&*effect)) kinds.push_back(line->kind);
            if (const auto* step = std::get_if<Storage>(&*effect)) {
                pieces += step->step == StorageStep::append ? 1 : 0;
                if (is_durable_file(step->name, DurableKind::staged)) ++staged_steps;
            }
            world.carry_out(std::move(*effect));
        }
    }
    template <typename Done>
    void run_until(Done done) {
        for (uint32_t events = 0; !done() && !world.departure(); ++events) {
            REQUIRE(events < 20'000);
            world.wait(agent.deadline(), *this);
        }
    }
    void run_to_rest() {
        run_until([&] { return was_said(JournalKind::rest); });
    }
    JobId submit() {
        const JobId job = agent.submit_job(world.now(), {.fetch = {.url = std::string(job_url)}});
        drain();
        return job;
    }
    bool was_said(JournalKind kind) const { return std::ranges::find(kinds, kind) != kinds.end(); }
    bool is_staged() const { return site.disk.find("staged.0") != nullptr; }

    Site& site;
    sim::World world;
    Agent agent;
    std::vector<JournalKind> kinds = {};
    uint32_t pieces = 0;
    uint32_t staged_steps = 0;
};

Site site_with_file() {
    Site site;
    site.web.put_body("http://10.0.0.1/gs/cfg000b82273b89.xml",
                      "<gs_provision version=\"1\"><config version=\"1\"><P47>one</P47></config>"
                      "</gs_provision>");
    site.web.put(std::string(job_url), {.body = body, .piece_interval_ms = 5});
    return site;
}

// A life that ends with the reboot into its first configuration.
void provision(Site& site) {
    Life life(site);
    life.run_until([] { return false; });
}

}  // namespace

TEST_CASE("a phone that nobody asks to download anything touches no staged file") {
    Site site = site_with_file();
    Life life(site);
    life.run_until([&] { return life.was_said(JournalKind::applied); });
    CHECK(life.staged_steps == 0);
    CHECK(!life.agent.has_jobs());
}

TEST_CASE("a download runs while the phone gets its configuration") {
    Site site = site_with_file();
    provision(site);
    Life life(site);
    const JobId job = life.submit();
    life.run_until([&] { return life.was_said(JournalKind::staged); });
    const auto outcome = life.agent.take_job_outcome();
    REQUIRE(outcome);
    CHECK(outcome->job == job);
    CHECK(outcome->sha256 == sha256_of(body));
    CHECK(site.disk.find("staged.0")->size() == body.size());
    life.agent.release_job(life.world.now(), job);
    life.drain();
    life.run_until([&] { return !life.agent.has_jobs(); });
    CHECK(!life.is_staged());
}

TEST_CASE("a phone that is told to stop removes what a download has written, and then leaves") {
    Site site = site_with_file();
    provision(site);
    Life life(site);
    life.submit();
    life.run_until([&] { return life.pieces == 2; });
    life.world.plan_command(life.world.now().ms, CommandKind::stop);
    life.run_until([] { return false; });
    REQUIRE(life.world.departure());
    CHECK(life.world.departure()->kind == Departure::Kind::exit);
    CHECK(!life.is_staged());
    CHECK(!life.agent.has_jobs());
}

TEST_CASE("a command that comes while the phone is leaving is answered") {
    Site site = site_with_file();
    provision(site);
    Life life(site);
    life.submit();
    life.run_until([&] { return life.pieces == 2; });
    const uint64_t now_ms = life.world.now().ms;
    life.take(life.world.now(), Command{7, CommandKind::stop, ""});
    CHECK(!life.world.departure());
    life.take(life.world.now(), Command{8, CommandKind::resync, ""});
    CHECK(life.world.now().ms == now_ms);
    const auto& replies = life.world.replies();
    REQUIRE(replies.size() == 2);
    CHECK(replies[0].ok);
    CHECK(replies[1].id == 8);
    CHECK(!replies[1].ok);
    CHECK(life.submit() == 0);
}

TEST_CASE("a phone does not reboot while a step of a download is under way") {
    Site site = site_with_file();
    site.web.put(std::string(job_url), {.body = body, .piece_interval_ms = 1});
    Life life(site);
    life.submit();
    life.run_until([] { return false; });
    // It has applied its configuration, for which this profile reboots.
    REQUIRE(life.world.departure());
    CHECK(life.world.departure()->kind == Departure::Kind::reboot);
    CHECK(!life.is_staged());
}

TEST_CASE("a factory reset cancels downloads and leaves nothing of them") {
    Site site = site_with_file();
    site.web.put(std::string(job_url), {.body = body, .stalls_after = 60'000});
    provision(site);
    Life life(site);
    life.run_to_rest();
    life.submit();
    life.run_until([&] { return life.pieces == 2; });
    life.world.plan_command(life.world.now().ms, CommandKind::factory_reset);
    life.run_until([&] { return life.was_said(JournalKind::factory_reset); });
    life.run_until([&] { return !life.agent.has_jobs(); });
    CHECK(!life.is_staged());
}

TEST_CASE("what a power cut left staged is gone soon after the next start") {
    Site site = site_with_file();
    site.disk.edit("staged.0") = {1, 2, 3};
    Life life(site);
    CHECK(life.agent.has_jobs());
    life.run_until([&] { return !life.agent.has_jobs(); });
    CHECK(!life.is_staged());
    CHECK(life.staged_steps == 1);
}

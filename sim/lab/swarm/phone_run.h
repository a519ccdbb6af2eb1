// SPDX-License-Identifier: Apache-2.0
//
// One run of the swarm: a phone lives in the site of a scenario through everything that goes wrong
// there, reboots, loses its power and comes back. Then the faults stop, somebody makes the phone
// ask again, and it has to rest with what its sources offer. Every event and every effect passes by
// here and is held against the contract.
//
// Who calls it: swarm.h, explore.h, the tests.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "sim/lab/swarm/lab_site.h"
#include "sim/lab/swarm/ladder.h"
#include "sim/lab/swarm/mishaps.h"
#include "sim/lab/swarm/scenario.h"

namespace dialtone::sim {

struct RunResult {
    std::vector<std::string> violations = {};
    bool stuck = false;
    // The configuration broke the phone's network, and by the agent's rules it stays: there is no
    // predecessor, or the network was away during the trial, too.
    bool stays_broken = false;
    uint64_t took_ms = 0;  // from the end of the faults until the phone rested rightly
    uint32_t lives = 0;    // of the agent, from a Boot event to its end
    uint64_t events = 0;
    MishapHits hits = {};
    std::string end = {};  // in words
};

class PhoneRun : public Mishaps {
  public:
    // `ladder` may be nullptr.
    PhoneRun(const Scenario& scenario, Choice& choice, Ladder* ladder = nullptr);
    RunResult run();

  private:
    class Sink;
    enum class LifeEnd : uint8_t { reboot, reboot_afresh, exit, power_cut, killed, over };

    // --- lives
    LifeEnd live(ResetCause cause);
    AgentOptions options_for_life() const;
    void wait_for_link(World& world);
    void look_at_disk(std::string_view when);
    void check_whole(const Record& record, const Generation& active, std::string_view when);
    void after_life(LifeEnd end, ResetCause& cause);
    bool is_over() const;

    // --- what passes by
    void see_event(Instant now, const Event& event);
    void see_effect(const Effect& effect);
    void see_journal(const JournalLine& line);
    void see_storage(const Storage& step);
    void see_transfer(const Effect& effect);
    void check_trust();
    void lie_in_wait(JournalKind kind);
    void check_line();
    void check_rest();
    bool is_on_trial();
    void check_trial();
    void check_secret(std::string_view text, std::string_view where);
    void violation(std::string words);

    // --- what happens at an appointed time
    void errand(World& world, uint32_t number) override;
    void happen(World& world, const Appointment& what);
    void happen_to_network(World& world, const Appointment& what);
    void happen_to_phone(World& world, const Appointment& what);
    void end_of(Mishap what, uint32_t detail);
    void command(World& world, CommandKind kind, std::string argument = {});
    void appoint(World& world, uint64_t in_ms, Mishap what, uint32_t detail = 0);
    void calm(World& world);
    Mishap first_nudge() const;
    void nudge(World& world);

    // --- the end
    void judge();
    void converged(std::string words);

    void of_transfer(const StartTransfer& request, Web::Outcome& outcome) override;
    void update_cut_off();

    const Scenario& scenario_;
    const Profile& profile_;
    LabSite lab_;
    Ladder* ladder_;
    RunResult result_ = {};
    std::vector<Appointment> appointments_ = {};
    std::vector<bool> kept_ = {};  // appointments that have been

    // What the phone's own network does with the configuration.
    bool network_broken_ = false;
    bool partition_ = false;
    bool lease_lost_ = false;
    bool link_down_at_start_ = false;
    std::optional<uint64_t> resting_ms_ = {};  // with a configuration, since then

    // The contract.
    uint32_t steps_outstanding_ = 0;
    bool last_step_reads_ = false;
    std::set<RequestId> sockets_ = {};
    std::map<RequestId, uint64_t> credits_ = {};
    std::set<RequestId> resolves_ = {};
    std::map<RequestId, uint64_t> commands_ = {};  // without a reply, and since when
    uint64_t last_event_ms_ = 0;
    uint32_t events_at_once_ = 0;
    uint32_t reboots_ = 0;          // as handed to the agent
    uint32_t counted_reboots_ = 0;  // without those of a factory reset
    bool reset_in_this_life_ = false;
    bool disk_failed_ = false;        // at any time
    bool has_configuration_ = false;  // one was reported durable, and no reset was asked for
    std::optional<uint64_t> trial_since_ms_ = {};
    uint32_t trial_of_ = 0;         // generation
    uint64_t trial_ms_ = 0;         // so long a trial may take, at most
    bool may_stay_broken_ = false;  // by the rules, should the configuration break the network
    std::optional<uint32_t> promised_ = {};  // generation reported durable, nothing written since

    // The end.
    bool calm_done_ = false;
    uint64_t calm_ms_ = 0;
    uint32_t nudges_ = 0;
    bool kill_asked_ = false;
    bool judge_asked_ = false;
    bool applied_now_ = false;
    bool nudge_unheard_ = false;              // nothing has begun since somebody asked for it
    std::optional<Appointment> ambush_ = {};  // at_ms: from now
    bool over_ = false;
};

}  // namespace dialtone::sim

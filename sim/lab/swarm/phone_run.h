// SPDX-License-Identifier: Apache-2.0
//
// One run of the swarm: a phone lives at the site of a scenario, with its faults and scheduled
// events, through reboots and power cuts. Then the faults stop, an event makes the phone ask again,
// and it has to rest with what its sources offer. The run sees every event before the agent does
// and every effect after it, and checks both against the contract of the port.
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
#include "agent/document.h"
#include "sim/lab/swarm/chosen_faults.h"
#include "sim/lab/swarm/ladder_diagram.h"
#include "sim/lab/swarm/scenario.h"
#include "sim/lab/swarm/scenario_servers.h"
#include "sim/lab/swarm/trust_oracle.h"

namespace dialtone::sim {

struct RunResult {
    std::vector<std::string> violations = {};
    bool stuck = false;
    // The configuration broke the phone's network and stays by the agent's rules: it has no
    // predecessor, or the predecessor reached no server either.
    bool stays_broken = false;
    uint64_t took_ms = 0;  // from the end of the faults until the phone rested as it should
    uint32_t lives = 0;    // of the agent, from a Boot event to its end
    uint64_t events = 0;
    FaultCounts counts = {};
    std::string end = {};  // in words
};

class PhoneRun : public ChosenFaults {
  public:
    // `ladder` may be nullptr.
    PhoneRun(const Scenario& scenario, Choice& choice, LadderDiagram* ladder = nullptr);
    RunResult run();

  private:
    class Sink;
    enum class LifeEnd : uint8_t { reboot, reboot_afresh, exit, power_cut, killed, over };

    // --- lives
    LifeEnd live(ResetCause cause);
    AgentOptions options_for_life() const;
    void wait_for_link(World& world);
    void check_disk(std::string_view when);
    void check_whole(const Record& record, const Generation& active, std::string_view when);
    void end_life(LifeEnd end, ResetCause& cause);
    void forget_state(LifeEnd end);
    bool is_over() const;

    // --- events and effects
    void check_event(Instant now, const Event& event);
    void check_effect(const Effect& effect);
    void check_journal(const JournalLine& line);
    void note_generations(const JournalLine& line);
    void check_storage(const Storage& step);
    void check_transfer(const Effect& effect);
    void check_trust(const Record& record, const Generation& active);
    void show_lease(World& world);
    void draw_triggered_event(JournalKind kind);
    void check_line();
    void check_rest();
    bool is_on_trial();
    void check_trial();
    void check_secret(std::string_view text, std::string_view where);
    void violation(std::string words);

    // --- jobs (phone_run_jobs.cpp)
    static constexpr uint32_t job_events = 1U << 30;  // scheduled events are numbered from here on
    enum class JobEvent : uint8_t { submit, cancel, release };
    void schedule_job(World& world, uint64_t in_ms, JobEvent event, uint32_t job);
    void schedule_jobs(World& world);
    void take_job_event(World& world, uint32_t number);
    void drain_agent();
    void note_body(const Event& event);
    void check_job(World& world, const JobOutcome& outcome);
    void check_staged_step(const Storage& step);
    void check_nothing_staged(std::string_view when);

    // --- connection requests (phone_run_requests.cpp); they are numbered between the two others
    static constexpr uint32_t request_events = 1U << 29;
    enum class RequestStep : uint8_t { ask, prove, hear, count_ };
    struct Visit {
        bool began = false;
        uint32_t connection = 0;
        std::string authorization = {};
    };
    void schedule_request(World& world, uint64_t in_ms, RequestStep step, uint32_t request);
    void schedule_requests(World& world);
    void take_request_event(World& world, uint32_t number);
    void ask_for_session(World& world, uint32_t request);
    void prove_request(World& world, uint32_t request);
    void hear_answer(World& world, uint32_t request);
    void check_session(const JournalLine& line);

    // --- scheduled events
    struct EventHandler {
        FaultKind kind;
        void (*begin)(PhoneRun& run, World& world, const ScheduledEvent& event);
        // Ends a fault that lasts; nullptr: it does not last.
        void (*end)(PhoneRun& run, World& world, const ScheduledEvent& event) = nullptr;
    };
    struct EventHandlers;
    static constexpr bool handlers_are_in_order();
    static const EventHandler& handler_of(FaultKind kind);
    void on_scheduled_event(World& world, uint32_t number) override;
    void apply_event(World& world, const ScheduledEvent& event);
    void set_dhcp_behaviour(const DhcpServerBehaviour& behaviour);
    void set_partition(bool is_partitioned);
    void command(World& world, CommandKind kind, std::string argument = {});
    void schedule(World& world, uint64_t in_ms, FaultKind kind, uint32_t detail = 0);
    void end_faults(World& world);
    FaultKind first_request() const;
    void request_provisioning(World& world);

    // --- the end
    void check_reply(const Reply& reply);
    void check_set_values(const Generation& active, std::string_view when);

    void judge();
    void converged(std::string words);

    void alter_transfer(const StartTransfer& request, Web::Outcome& outcome) override;
    void update_network();

    struct AskedCommand {
        uint64_t at_ms = 0;
        std::vector<Entry> sets = {};
    };

    const Scenario& scenario_;
    const Profile& profile_;
    const LabVendor& vendor_;
    ScenarioServers lab_;
    TrustOracle trust_;
    LadderDiagram* ladder_;
    RunResult result_ = {};
    std::vector<ScheduledEvent> events_ = {};
    std::vector<bool> done_ = {};  // events that were carried out

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
    std::map<RequestId, AskedCommand> commands_ = {};  // without a reply
    // The values that `set` commands were confirmed for, until another one is given.
    std::map<std::string, std::string, std::less<>> set_values_ = {};
    uint64_t last_event_ms_ = 0;
    uint32_t events_at_once_ = 0;
    uint32_t reboots_ = 0;          // as handed to the agent
    uint32_t counted_reboots_ = 0;  // without those of a factory reset
    bool reset_in_this_life_ = false;
    uint32_t notify_reboots_ = 0;  // since the power came on, at powered_ms_
    uint64_t powered_ms_ = 0;
    bool disk_failed_ = false;        // at any time
    bool has_configuration_ = false;  // one was reported durable, and no reset was asked for
    std::optional<uint64_t> trial_since_ms_ = {};
    uint32_t trial_of_ = 0;         // generation
    uint64_t trial_ms_ = 0;         // so long a trial may take, at most
    bool may_stay_broken_ = false;  // by the rules, should the configuration break the network
    // The generation that was reported durable, while nothing was written since.
    std::optional<uint32_t> durable_generation_ = {};

    // Jobs. What is of one life goes with it.
    Agent* agent_ = nullptr;
    Sink* sink_ = nullptr;
    std::vector<bool> submitted_ = {};              // by number in the scenario
    std::map<JobId, uint32_t> jobs_ = {};           // numbers in the scenario, of this life
    std::map<RequestId, std::string> bodies_ = {};  // that transfers have brought so far
    std::set<std::string> whole_bodies_ = {};       // and those that came to their end
    bool step_is_of_job_ = false;                   // the one that was asked for last
    bool staged_may_stay_ = false;                  // a removal failed; the next life tries again
    bool tftp_lied_ = false;                        // what it sent may have been anything
    bool ends_with_jobs_ = false;                   // only jobs are waited for

    // Connection requests.
    std::vector<Visit> visits_ = {};  // by number in the scenario
    std::string said_before_ = {};    // the Authorization that was answered with 200
    uint64_t proved_ms_ = 0;
    bool session_is_wanted_ = false;  // by who has proved it, since the last one
    bool acs_has_no_say_ = false;     // in the session under way
    bool was_pinned_ = false;         // when it has last begun, or applied something

    // The end.
    bool faults_ended_ = false;
    uint64_t faults_ended_ms_ = 0;
    uint32_t requests_made_ = 0;
    bool kill_requested_ = false;
    bool judgement_due_ = false;
    bool applied_now_ = false;                      // or returned, or reset
    bool request_unanswered_ = false;               // no pass has begun since the last request
    std::optional<ScheduledEvent> triggered_ = {};  // at_ms: from now
    bool over_ = false;
};

}  // namespace dialtone::sim

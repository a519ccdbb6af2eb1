// SPDX-License-Identifier: Apache-2.0
//
// The agent: takes a phone from power-on to dial tone and keeps it there. It owns the parts that
// decide (the pass, the configuration store, the inbox, the clock), hands them the events, carries
// their outcomes from one to another by its life table, and is itself a Machine that a world
// drives. One Agent lives from one boot to the next.
//
// Who calls it: platform/daemon through live(), the simulator, the tests.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "agent/clock/sntp.h"
#include "agent/clock/wall_clock.h"
#include "agent/cwmp/acs_client.h"
#include "agent/engine.h"
#include "agent/inbox.h"
#include "agent/jobs.h"
#include "agent/life.h"
#include "agent/outsider_lines.h"
#include "agent/pass/pass.h"
#include "agent/phone.h"
#include "agent/store/config_store.h"
#include "agent/store/lane.h"
#include "agent/timers.h"
#include "agent/verdict.h"

namespace dialtone {

struct AgentOptions {
    const Profile* profile = nullptr;
    Identity identity = {};
    std::string interface = {};  // for the journal's words
    // The layers command_line and file are filled; the agent adds the others.
    Settings settings = {};
    bool once = false;        // one life, then Exit
    WallSeconds floor_s = 0;  // no clock reading before this is believed: the build's time
    MakeAcsClient* make_acs_client = nullptr;  // of a build with TR-069
};

// The ids of an agent live before everything that takes one.
struct AgentIds {
    RequestIds all = {};
};

class Agent : private AgentIds, public EngineBase {
  public:
    explicit Agent(AgentOptions options);

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

    // Downloads beside the pass (jobs.h). Called between two events; next() is drained afterwards.
    // 0: too many wait, or the phone leaves.
    JobId submit_job(Instant now, JobRequest request);
    void cancel_job(Instant now, JobId job) { jobs_.cancel(now, job); }
    void release_job(Instant now, JobId job) { jobs_.release(now, job); }
    std::optional<JobOutcome> take_job_outcome() { return jobs_.take_outcome(); }
    bool has_jobs() const { return !jobs_.idle(); }

  private:
    enum class Timer : uint8_t {
        once,          // --once has used its time
        wait,          // a splay, or the wait after a change that failed
        static_check,  // of static.interval
        pnp_check,     // of pnp.interval
        count_
    };

    // --- agent.cpp: events in, outcomes across, effects out
    void dispatch(const Event& event);
    void handle_leaving(const Event& event);
    void drive(const Event& event);
    void cue(LifeCue cue) { cues_.push_back(cue); }
    void run();
    bool run_once();
    void act(LifeAction action);
    void take_store(StoreOutcome&& outcome);
    void take_judgement(StoreOutcome&& outcome);
    void take_setting(const StoreOutcome& outcome);
    void drop_found();
    void take_pass(PassOutcome&& outcome);
    void check_times();
    std::optional<Instant> next_check() const;
    bool trial_may_end() const;
    bool complete(Effect& effect) override;
    void stop_asking();
    void reply(RequestId id, bool ok, std::string text);

    // --- agent_life.cpp: the actions of the life table
    void boot(const Boot& boot);
    void carry_settings();
    void judge_state();
    void go_on();
    void go_online();
    void set_clock();
    void take_sntp();
    void propose_time(WallSeconds wall_s, std::string_view by);
    void refuse_time(std::string_view by, WallSeconds wall_s, ClockProposal proposal);
    void take_machine_time(WallSeconds wall_s);
    void learn_time(const ClockEvidence& evidence);
    void doubt_clock();
    void spread();
    void begin_pass();
    void begin_named();
    PassKind kind_of_pass() const;
    void apply();
    void rest();
    void keep_floor();
    void back_off();
    void plan_next_check();
    void go_back();
    void restart();
    void reboot();
    void finish_by_verdict();
    void finish(uint8_t status, std::string why);
    void leave(Effect departure);
    void leave_when_idle();
    bool may_reboot() const;
    void plan_reboot(bool due, std::string_view reason, bool afresh = false);
    uint32_t notify_reboots_left() const;
    const LifeVerdict& current_verdict() const;

    // --- agent_inbox.cpp: what others want
    void serve_commands();
    bool serve_command(const PendingCommand& command);
    bool start_command(const PendingCommand& command);
    bool start_set(const PendingCommand& command);
    bool refuse_set(const PendingCommand& command, const Error& error);
    void propose();
    bool can_serve(LifeCue cue) const;
    bool can_serve_trigger() const;
    void serve_trigger();
    void take_notify(const Command& command);
    void take_voice(const Command& command);
    void show_model(const Command& command);
    std::string take_notice(Notice&& notice);
    std::string why_no_restart() const;
    std::string count_check();
    void take_lease_news();
    void take_link(const LinkChanged& link);
    // --- agent_acs.cpp: what the ACS wants
    void drive_acs(const Event& event);
    void hold_pass();
    void serve_acs();
    bool serve_acs_memory();
    bool keep_acs_first();
    void take_acs_memory(bool failed, std::string_view reason);
    bool serve_acs_change();
    void submit_acs_change();
    void submit_acs_file();
    std::optional<AcsChangeOutcome> propose_for_acs(Proposal&& proposal);
    std::optional<Trust> trust_set_by_acs(const Generation& next, Proof proof) const;
    void end_acs_change(AcsChangeOutcome outcome);
    void serve_transfer();
    void take_transfer_step(const LaneOutcome& outcome);
    void take_acs_change(const StoreOutcome& outcome);
    void take_acs_judgement(const StoreOutcome& outcome);
    bool acs_holds_pass() const;
    bool acs_orders_restart() const;

    PhoneFacts phone_ = {};
    WallClock clock_ = {};
    Lane lane_;
    ConfigStore store_;
    Pass pass_;
    Sntp sntp_;
    Inbox inbox_;
    Jobs jobs_;
    std::unique_ptr<AcsClient> acs_ = {};  // none in a build without TR-069
    OutsiderLines outsider_lines_ = {};

    LifeState state_ = LifeState::off;
    std::deque<LifeCue> cues_ = {};
    Timers<Timer> timers_ = {};
    Instant now_ = {};
    Instant born_ = {};  // when this life began
    ResetCause reset_cause_ = ResetCause::power_on;
    std::string state_lost_ = {};    // why a restart of the machine loses it; empty: it lasts
    bool state_in_memory_ = false;   // of this process
    uint32_t reboots_ = 0;           // since power-on
    uint32_t applies_in_a_row_ = 0;  // without a pass in between that changed nothing
    WallSeconds build_time_s_ = 0;
    SourceKind only_source_ = SourceKind::none;  // of the next pass; none: all of them
    LifeVerdict verdict_ = {};
    bool given_up_ = false;  // the newer configuration stays, unconfirmed
    struct PlannedReboot {
        bool due = false;
        bool afresh = false;  // it counts as power-on
        std::string reason = {};
    } reboot_ = {};
    std::optional<Proposal> offered_ = {};  // by the pass that is over, or by an operator
    PendingCommand command_ = {};           // whose change begins
    std::string set_words_ = {};            // what he is told who has set something, beside "done"
    std::optional<AcsMemory> acs_kept_ = {};  // written last, or tried to
    AcsStanding acs_standing_ = {};           // as the pass knows it
    bool acs_writing_ = false;
    // Whose change the store has: of a call, or of a file that was downloaded.
    enum class AcsChanging : uint8_t { nothing, values, file };
    AcsChanging acs_changing_ = AcsChanging::nothing;
    struct AcsTransferUnderWay {
        JobId job = 0;
        TransactionId reading = 0;  // reads back what the job has left
    } transfer_ = {};
    bool acs_keeps_leave_ = false;  // the phone restarts when its memory is written
    bool acs_judging_ = false;      // what it was heard for becomes durable
    bool pass_is_held_ = false;     // until a trial of the ACS is over
    bool restarts_for_acs_ = false;
    std::optional<Effect> departure_ = {};  // a Reboot or Exit that waits for the jobs' last steps
};

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// The inside of Agent: what it knows between two events. Private to agent.cpp and its
// parts, each of which carries out some of the actions of the life table:
//     agent.cpp        events to cues, effects out, timers, commands, the end of a life
//     agent_boot.cpp   from the Boot event until the phone is online
//     agent_wish.cpp   what operators, SIP servers and DHCP want of a phone that is up
//     agent_chain.cpp  whom the phone asks: the sources in their order, and the URLs they name
//     agent_pass.cpp   from a URL to a verdict about the files it leads to
//     agent_apply.cpp  every durable change: generations, trials, returns, factory reset
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "agent/clock/sntp.h"
#include "agent/discovery/dhcp.h"
#include "agent/discovery/pnp.h"
#include "agent/engine.h"
#include "agent/generation.h"
#include "agent/life.h"
#include "agent/proposal.h"
#include "agent/rng.h"
#include "agent/store/commit.h"
#include "agent/store/record.h"
#include "agent/transfer/download.h"
#include "agent/transfer/plan.h"
#include "agent/transfer/retry.h"

namespace dialtone {

// Why the phone asks a server now.
enum class PassKind : uint8_t {
    chain,      // the sources in their order
    second,     // after an apply without a trial: the same URL again
    trial,      // the URL a new generation came from
    returning,  // the URL of the predecessor that came back
    named,      // a URL that somebody named unasked
};

// One file of a plan that has arrived.
struct ArrivedFile {
    PlannedFile planned = {};
    std::string shown_url = {};
    std::vector<uint8_t> body = {};
    FileDigest digest = {};
    Proof proof = Proof::none;
    std::optional<Document> document = {};  // not read while the digest is that of the active one
};

enum class PlanVerdict : uint8_t { none, unchanged, changed, absent, refused, unreachable };

// The role of the document that DHCP option 120 makes; its name is the key it sets.
inline constexpr std::string_view option_120_role = "option 120";

// A plan under way.
struct PlanRun {
    Source source = {};
    Plan plan = {};
    uint32_t next_file = 0;
    bool first_found = false;   // a file marked until_first is here
    bool any_withheld = false;  // 403: the server has something and does not give it
    bool asked_as_file = false;
    std::vector<ArrivedFile> files = {};
    Generation draft = {};        // the active generation with the documents so far
    Settings settings = {};       // as they are with `draft`
    std::string static_url = {};  // the best static URL with `settings`
    PlanVerdict verdict = PlanVerdict::none;
    std::string reason = {};
    uint32_t retry_after_s = 0;
    bool answered = false;
};

// A check that somebody else wants, put off until the phone can see to it.
struct Wish {
    std::vector<std::string> urls = {};  // empty: the sources are asked
    std::string from = {};
    bool reboot = false;
    Instant not_before = {};
};

// What an operator's `set` asks for: what is set already is not written again.
enum class SetNeeds : uint8_t { nothing, a_generation };

class AgentState : public EngineBase {
  public:
    AgentState(AgentOptions options, RequestIds& ids);

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

  private:
    // --- agent.cpp
    void dispatch(const Event& event);
    void run_engines(const Event& event);
    void stop_asking();
    void cue(LifeCue cue);
    void run_cues();
    void act(LifeAction action);
    bool trial_may_end() const;
    void check_times();
    void finish_effect(Effect& effect) override;
    void reply(RequestId id, bool ok, std::string text);
    void finish(uint8_t status, std::string why);
    void finish_by_verdict();
    void rest();
    void plan_next_check();
    void wait_until_due(uint64_t wait_ms);
    WallSeconds wall_now() const;

    // --- agent_boot.cpp
    void boot(const Boot& boot);
    void take_clock(const Boot& boot);
    void load();
    void load_next();
    void take_loaded(const StorageDone& done);
    void finish_loading();
    void count_trial_start();
    void begin_trial();
    void go_online();
    void set_clock();
    void take_sntp();
    void spread();
    void rebuild_settings();
    Settings settings_with(const Generation& generation) const;

    // --- agent_wish.cpp
    void take_command(const Command& command);
    void serve_commands();
    bool serve_command(CommandKind kind, const std::string& argument, RequestId id);
    bool start_command(CommandKind kind, const std::string& argument, RequestId id,
                       LifeCue its_cue);
    bool start_set(const std::string& argument, RequestId id);
    void take_notify(std::string_view message, RequestId id);
    void take_notice(Notice&& notice);
    void take_lease_news();
    void take_link(const LinkChanged& link);
    void wish(Wish&& wish);
    void begin_wish();
    LifeCue cue_of_wish() const;
    bool wish_can_be_served() const;
    void serve_wish();
    void restart();

    // --- agent_chain.cpp
    void begin_pass();
    void start_chain();
    std::string_view why_not_asked(SourceKind kind) const;
    void ask_source();
    void ask_pnp();
    void ask_dhcp();
    bool source_ready() const;
    void use_source();
    void use_pnp();
    void use_dhcp();
    void source_is_silent(std::string_view reason);
    void use_named();
    void ask_again();
    void ask_candidate();
    void try_next_url();
    void end_chain();
    bool of_chain() const { return pass_ == PassKind::chain || pass_ == PassKind::named; }

    // --- agent_pass.cpp
    void begin_plan(Plan plan);
    void ask_next_file();
    bool plan_wants(const PlannedFile& file) const;
    void take_file();
    void take_body(FetchOutcome&& outcome);
    bool read_file(ArrivedFile& file);
    void remark_on_settings(const ArrivedFile& file);
    bool lay_over(ArrivedFile& file);
    void steer();
    Proof proof_of(const ArrivedFile& file) const;
    bool add_sip_server();
    bool lay_over_all();
    void end_plan();
    void settle_plan(PlanVerdict verdict, std::string reason);
    bool same_files_as_active() const;
    bool was_rolled_back();
    void judge();
    void judge_return();
    void use_result();
    Proposal plan_proposal();
    void use_failure();
    void sit_out();
    FetchRequest request_for(const PlannedFile& file) const;
    PlanNames plan_names() const;
    Scheme default_scheme() const;

    // --- agent_apply.cpp
    void apply();
    bool submit(Proposal&& proposal);
    Proposal operator_proposal(std::string_view argument, RequestId completion) const;
    Result<SetNeeds> check_operator_value(std::string_view argument) const;
    void commit_generation(Generation&& generation, bool with_trial);
    void save_record(Record&& record, std::vector<Storage> before = {});
    void take_commit(const CommitOutcome& outcome);
    void adopt_record();
    void tell();
    void take_hooks(const HooksDone& done);
    void settle();
    void go_on();
    void reboot();
    void leave_by_reboot(bool afresh);
    void turn_back();
    void confirm_trial();
    void confirm_record(std::string_view by);
    void reset();
    void finish_reset(Record&& record);
    void report_save_failure();
    void report_apply_failure();
    bool may_reboot() const;

    AgentOptions options_;
    Rng rng_{0};
    Instant now_ = {};
    Instant born_ = {};  // when this life began
    LifeState state_ = LifeState::off;
    std::deque<LifeCue> cues_ = {};
    std::optional<Instant> due_ = {};        // the life's own timer
    bool due_asks_pnp_ = false;              // and nobody else
    std::optional<Instant> check_due_ = {};  // of static.interval, kept while pnp.interval goes on
    std::optional<Instant> trial_due_ = {};
    std::optional<Instant> once_due_ = {};

    Download download_;
    Commit commit_;
    Sntp sntp_;
    Pnp pnp_;
    Dhcp dhcp_;

    // The clock: wall_base_s_ was the time at wall_base_.
    Instant wall_base_ = {};
    WallSeconds wall_base_s_ = 0;
    WallSeconds floor_s_ = 0;
    bool clock_believed_ = false;

    std::deque<Proposal> proposals_ = {};

    // What is durable, and what is about to be.
    ResetCause reset_cause_ = ResetCause::power_on;
    uint32_t reboots_ = 0;
    Record record_ = {};
    uint8_t next_copy_ = 0;
    bool copy_exists_[limits::record_copies] = {};
    bool record_stale_ = false;  // the record in memory is not the one on the medium
    Record next_record_ = {};
    Generation active_ = {};
    Generation other_ = {};
    Generation next_active_ = {};
    std::optional<JournalLine> when_durable_ = {};  // said once the change is on the medium
    std::deque<uint32_t> to_load_ = {};
    RequestId load_id_ = 0;
    RequestId hooks_id_ = 0;
    bool hooks_untold_ = false;  // the world could not run any
    bool reboot_due_ = false;
    std::string reboot_reason_ = {};
    uint32_t applies_in_a_row_ = 0;  // without a pass in between that changed nothing

    // The pass.
    bool link_up_ = false;
    Address address_ = {};
    bool passed_once_ = false;
    PassKind pass_ = PassKind::chain;
    std::vector<SourceKind> chain_ = {};  // what of the setting `order` this pass asks
    uint32_t chain_at_ = 0;
    SourceKind asked_ = SourceKind::none;
    SourceKind only_source_ = SourceKind::none;  // of the next pass; none: all of them
    std::string named_by_ = {};                  // who gave the candidates
    std::vector<Source> candidates_ = {};        // of the source that was asked
    uint32_t candidate_ = 0;
    uint32_t tries_ = 0;
    Retry retry_ = {};
    PlanRun run_ = {};
    Settings settings_ = {};
    Verdict verdict_ = Verdict::no_source;
    std::string verdict_why_ = "no source of the chain gave an address";
    bool given_up_ = false;           // the newer configuration stays, unconfirmed
    bool chain_failed_hard_ = false;  // a URL of the chain was there and could not be used
    bool chain_unreachable_ = false;  // and might be used later

    // What DHCP said of the SIP server in this life, if it was asked.
    std::string sip_server_ = {};
    bool sip_server_known_ = false;

    std::optional<Wish> wish_ = {};
    Instant wishes_from_ = {};  // no wish is served before

    struct Pending {
        RequestId id;
        CommandKind kind;
        std::string argument;
    };
    std::deque<Pending> commands_ = {};
    RequestId awaited_reply_ = 0;  // answered when the change under way is durable or refused
};

}  // namespace dialtone

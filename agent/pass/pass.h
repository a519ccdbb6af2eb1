// SPDX-License-Identifier: Apache-2.0
//
// One search for the phone's configuration: the sources in their order, the URLs that each names,
// the tries of each URL, and what the answer comes to. The agent begins a pass, tells it what an
// answer meant for a trial, and takes its outcome.
//
// It owns the sources (discovery/sources.h) from the first pass to the end of the life.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/clock/wall_clock.h"
#include "agent/discovery/sources.h"
#include "agent/engine.h"
#include "agent/pass/plan_runs.h"
#include "agent/phone.h"
#include "agent/proposal.h"
#include "agent/store/record.h"
#include "agent/transfer/retry.h"
#include "agent/verdict.h"

namespace dialtone {

enum class PassState : uint8_t {
    idle,
    discovering,  // a source of the chain is asked for a server
    asking,       // a plan is under way
    judging,      // what the answer means for a trial is recorded
    waiting,      // for the next try
    count_
};
enum class PassCue : uint8_t {
    begin,
    cancel,
    next_source,   // the next source of the chain is to be asked
    source_over,   // the source has said what it knows
    plan_over,     // the plan has its verdict
    judged,        // what it means for a trial is durable
    next_url,      // this URL led nowhere
    silent,        // this URL says nothing, and there may be another one
    only_earlier,  // nobody else is left to be asked beside it
    wait,          // the same again, or the chain again, later
    retry,         // the wait is over, or the link is back
    over,          // the pass has its outcome
    count_
};
enum class PassAction : uint8_t {
    nothing,
    begin,
    cancel,
    ask_source,
    use_source,
    judge,
    use_result,
    try_next_url,
    ask_beside,
    wait,
    ask_again,
    begin_again,
};

std::string_view name_of(PassState state);

// Why the phone asks a server now.
enum class PassKind : uint8_t {
    chain,      // the sources in their order
    second,     // after an apply without a trial: the same URL again
    trial,      // the URL a new generation came from
    returning,  // the URL of the predecessor that came back
    named,      // a URL that somebody named unasked
};

struct PassRequest {
    PassKind kind = PassKind::chain;
    SourceKind only_source = SourceKind::none;  // of a chain; none: all of them
    std::vector<std::string> urls = {};         // of PassKind::named
    std::string named_by = {};
    bool may_change = true;  // false: only what a chain finds is applied any more
};

// Whether a setting decides whom a pass asks or what it takes. When one of these changes, what was
// found before does not count any more.
bool steers_pass(Setting setting);

enum class PassNews : uint8_t {
    over,           // the phone has what its server offers, or nobody has anything for now
    changed,        // `proposal`
    answered,       // the trial's server has answered: judged() goes on
    unreached,      // the predecessor that came back reaches nobody either
    clock_doubted,  // a certificate has expired by a clock that nobody has proven
    begin_again,    // from the first source on
};

struct PassOutcome {
    PassNews news = PassNews::over;
    Proposal proposal = {};
};

class Pass : public Engine<PassOutcome> {
  public:
    // All outlive it. `active` and `record` are the configuration store's.
    Pass(RequestIds& ids, PhoneFacts& phone, const WallClock& clock, const Generation& active,
         const Record& record);

    // Ends what is under way, without an outcome, and begins.
    void begin(Instant now, PassRequest request);
    // What the answer meant for the trial is durable. `verdict`: what it came to.
    void judged(Instant now, LifeVerdict verdict);
    // The ACS has been heard, or has failed.
    void take_acs(Instant now, const AcsStanding& standing);
    // Tries again at once: the link is back.
    void retry(Instant now);
    // Whoever was asked for something is asked no more, and the SIP port is let go.
    void cancel(Instant now);
    // The phone has what its server offers: the next wait is a short one again.
    void forget_waits() {
        retry_.reset();
        result_ = {};
    }

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

    PassState state() const { return state_; }
    const LifeVerdict& verdict() const { return verdict_; }
    // The server that is asked has answered something.
    bool answered() const { return plans_.current().answered(); }
    // The servers that have turned the phone away for its user and password, until an operator has
    // set others.
    std::span<const ServerName> unwelcoming_servers() const { return unwelcoming_; }
    void forget_unwelcoming_servers() { unwelcoming_.clear(); }
    ClockEvidence take_clock_evidence() { return plans_.take_clock_evidence(); }
    // What servers asked for counts no more: an operator wants an answer now.
    void forget_held_urls() { held_.clear(); }
    // What became of encrypted files since this was asked last.
    Opening take_opening() { return std::exchange(opening_, Opening::none); }
    // Since the last new generation some plan has come to a verdict.
    bool has_concluded() const { return concluded_; }
    void set_concluded(bool concluded) { concluded_ = concluded; }
    // Outside of a pass they have news, too, and the SIP port to let go.
    Sources& sources() { return sources_; }

  private:
    void run();
    void step(PassCue cue);
    void act(PassAction action);
    void cue(PassCue cue) { cues_.push_back(cue); }
    void end(PassOutcome outcome);

    void begin_request();
    void stop_engines();
    void ask_source();
    void use_source();
    void source_is_silent(std::string_view reason);

    void ask_again();
    void ask_candidate();
    void try_next_url();
    bool is_held(const std::string& url) const;
    void hold_url(const std::string& url, uint32_t wait_s);
    bool may_ask_beside() const;
    void ask_beside();
    void note_outcome(const PlanOutcome& result);
    void take_plan_outcome();
    void take_earlier_outcome();
    bool asks_static_only() const;
    bool installed_server_answered() const;
    void end_chain();
    bool of_chain() const {
        return request_.kind == PassKind::chain || request_.kind == PassKind::named;
    }

    void judge();
    void use_result();
    void use_change();
    void use_repetition();
    void use_failure();
    void use_failure_of_installed();
    void note_failure(const PlanRun& plan, const PlanOutcome& result);
    void end_candidates();
    void report_failure(const PlanRun& plan, const PlanOutcome& result);
    bool was_rolled_back(const PlanRun& plan, PlanOutcome& result);
    void wait();
    std::string shown_url(const PlanRun& plan) const;

    PhoneFacts& phone_;
    const WallClock& clock_;
    const Generation& active_;
    const Record& record_;
    Sources sources_;
    PlanRuns plans_;

    PassState state_ = PassState::idle;
    std::deque<PassCue> cues_ = {};
    Instant now_ = {};
    std::optional<Instant> retry_due_ = {};
    PassRequest request_ = {};
    std::vector<SourceKind> chain_ = {};  // what of the setting `order` this pass asks
    uint32_t chain_at_ = 0;
    SourceKind asked_ = SourceKind::none;
    // What the source that was asked has named.
    struct Candidates {
        std::vector<Source> urls = {};
        uint32_t at = 0;            // the one that is asked
        std::string named_by = {};  // who gave them
    } candidates_ = {};
    // A wait belongs to the end of a chain: who named a server must not hold the phone with it.
    std::vector<Source> postponed_ = {};  // that gave no whole answer; asked again after the wait
    uint32_t rounds_ = 0;                 // waits of this pass
    // Servers that asked to come back later, and until when they are left alone.
    struct HeldUrl {
        std::string url = {};
        Instant until = {};
    };
    std::deque<HeldUrl> held_ = {};
    Retry retry_ = {};
    PlanOutcome result_ = {};
    Opening opening_ = Opening::none;
    LifeVerdict verdict_ = {};
    bool concluded_ = false;
    bool failed_hard_ = false;  // a URL of the chain was there and could not be used
    bool unreachable_ = false;  // and might be used later
    bool repeated_ = false;     // somebody who has no say offers what is installed
    std::vector<ServerName> unwelcoming_ = {};  // at most limits::credential_servers
};

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/pass/pass.h"

#include <algorithm>
#include <utility>

#include "agent/limits.h"
#include "agent/table_registry.h"

namespace dialtone {
namespace {

using S = PassState;
using C = PassCue;
using A = PassAction;

// clang-format off
constexpr Row<S, C, A> rows[] = {
    // states                        cue              action           next
    {all_states<S>(),                C::begin,        A::begin,        S::discovering},
    {all_states<S>(),                C::cancel,       A::cancel,       S::idle},
    {in(S::discovering, S::asking),  C::next_source,  A::ask_source,   S::discovering},
    {in(S::discovering),             C::source_over,  A::use_source,   S::asking},
    {in(S::discovering, S::asking),  C::plan_over,    A::judge,        S::judging},
    {in(S::judging),                 C::judged,       A::use_result,   S::judging},
    {in(S::asking, S::judging),      C::next_url,     A::try_next_url, S::asking},
    {in(S::asking),                  C::silent,       A::ask_beside,   S::asking},
    {in(S::discovering),             C::only_earlier, A::nothing,      S::asking},
    {in(S::discovering, S::judging), C::wait,         A::wait,         S::waiting},
    {in(S::discovering),             C::retry,        A::begin_again,  S::discovering},
    {in(S::waiting),                 C::retry,        A::ask_again,    S::asking},
    {but(S::idle),                   C::over,         A::nothing,      S::idle},
};
// clang-format on
constexpr auto table =
    completed(rows, C::next_source, C::source_over, C::plan_over, C::judged, C::next_url, C::silent,
              C::only_earlier, C::wait, C::retry, C::over);
static_assert(is_total(table));

constexpr std::string_view state_names[] = {"idle", "discovering", "asking", "judging", "waiting"};
constexpr std::string_view cue_names[] = {"begin",        "cancel", "next source", "source over",
                                          "plan over",    "judged", "next url",    "silent",
                                          "only earlier", "wait",   "retry",       "over"};
constexpr std::string_view action_names[] = {"nothing",    "begin", "cancel",     "ask source",
                                             "use source", "judge", "use result", "try next url",
                                             "ask beside", "wait",  "ask again",  "begin again"};
constexpr TableView view = table_view({.name = "pass",
                                       .title = "A pass: from \"ask\" to a verdict",
                                       .about = "`agent/pass/pass.cpp`."},
                                      table, state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

constexpr std::string_view words_for(PassKind kind) {
    constexpr std::string_view words[] = {
        "the sources are asked in their order",
        "the configuration is new: its server is asked once more",
        "the configuration is on trial: its server is asked",
        "the previous configuration is back: its server is asked",
        "a server has named an address by itself",
    };
    return words[static_cast<uint32_t>(kind)];
}

bool is_success(const PlanOutcome& result) {
    return result.verdict == PlanVerdict::unchanged || result.verdict == PlanVerdict::changed;
}

// What neither leads to a server nor steers what is taken from it.
constexpr Setting of_no_pass[] = {Setting::static_interval,
                                  Setting::pnp_interval,
                                  Setting::dhcp_renew_check,
                                  Setting::trial_timeout,
                                  Setting::splay,
                                  Setting::clock_sntp,
                                  Setting::hooks_dir,
                                  Setting::hooks_file_dir,
                                  Setting::tr069_enabled,
                                  Setting::tr069_acs_url,
                                  Setting::tr069_dhcp,
                                  Setting::tr069_user,
                                  Setting::tr069_password,
                                  Setting::tr069_periodic_enable,
                                  Setting::tr069_periodic_interval,
                                  Setting::tr069_connection_request_port,
                                  Setting::tr069_connection_request_user,
                                  Setting::tr069_connection_request_password,
                                  Setting::tr069_connection_request_algorithm,
                                  Setting::tr069_stun_enable,
                                  Setting::tr069_stun_server,
                                  Setting::tr069_stun_port,
                                  Setting::tr069_stun_user,
                                  Setting::tr069_stun_password,
                                  Setting::tr069_stun_min_s,
                                  Setting::tr069_stun_max_s,
                                  Setting::state_persistent};

}  // namespace

bool steers_pass(Setting setting) {
    return std::ranges::find(of_no_pass, setting) == std::end(of_no_pass);
}

std::string_view name_of(PassState state) {
    return state_names[static_cast<uint32_t>(state)];
}

Pass::Pass(RequestIds& ids, PhoneFacts& phone, const WallClock& clock, const Generation& active,
           const Record& record)
    : Engine(ids),
      phone_(phone),
      clock_(clock),
      active_(active),
      record_(record),
      sources_(ids, phone),
      plans_(ids, phone, clock, record.trust) {
    drives(plans_);
    drives(sources_);
}

void Pass::handle(Instant now, const Event& event) {
    now_ = now;
    plans_.handle(now, event);
    sources_.handle(now, event);
    if (retry_due_ && *retry_due_ <= now) cue(C::retry);
    run();
}

std::optional<Instant> Pass::deadline() const {
    const auto due = earlier(earlier(retry_due_, plans_.deadline()), sources_.deadline());
    return may_ask_beside() ? earlier(due, plans_.silent_at()) : due;
}

void Pass::run() {
    for (;;) {
        if (!cues_.empty()) {
            const PassCue next = cues_.front();
            cues_.pop_front();
            step(next);
        } else if (plans_.earlier_ready()) {
            take_earlier_outcome();
        } else if (state_ == S::asking && plans_.ready(now_)) {
            take_plan_outcome();
        } else if (state_ == S::discovering && sources_.ready(asked_)) {
            cue(C::source_over);
        } else if (const auto at = plans_.silent_at(); at && *at <= now_ && may_ask_beside()) {
            cue(C::silent);
        } else {
            return;
        }
    }
}

void Pass::step(PassCue cue) {
    const auto& row = row_for(table, state_, cue);
    if (!row.stay) state_ = row.next;
    act(row.action);
}

void Pass::act(PassAction action) {
    if (action != A::nothing) retry_due_.reset();
    switch (action) {
        case A::nothing:
            return;
        case A::begin:
            return begin_request();
        case A::cancel:
            return stop_engines();
        case A::ask_source:
            return ask_source();
        case A::use_source:
            return use_source();
        case A::judge:
            return judge();
        case A::use_result:
            return use_result();
        case A::try_next_url:
            return try_next_url();
        case A::ask_beside:
            return ask_beside();
        case A::wait:
            return wait();
        case A::ask_again:
            return ask_again();
        case A::begin_again:
            return end({PassNews::begin_again});
    }
}

void Pass::end(PassOutcome outcome) {
    plans_.leave_earlier(now_);
    finish(std::move(outcome));
    cue(C::over);
}

void Pass::judged(Instant now, LifeVerdict verdict) {
    now_ = now;
    verdict_ = std::move(verdict);
    cue(C::judged);
    run();
}

void Pass::take_acs(Instant now, const AcsStanding& standing) {
    now_ = now;
    sources_.take_acs(standing);
    run();
}

void Pass::retry(Instant now) {
    now_ = now;
    cue(C::retry);
    run();
}

void Pass::cancel(Instant now) {
    now_ = now;
    cues_.clear();
    forget_outcome();
    step(C::cancel);
}

void Pass::stop_engines() {
    plans_.stop(now_);
    sources_.stop(now_);
}

// --- a pass begins -------------------------------------------------------------------------------

void Pass::begin(Instant now, PassRequest request) {
    now_ = now;
    forget_outcome();
    cues_.clear();
    request_ = std::move(request);
    step(C::begin);
    run();
}

void Pass::begin_request() {
    chain_.clear();
    chain_at_ = 0;
    candidates_ = {};
    postponed_.clear();
    rounds_ = 0;
    failed_hard_ = unreachable_ = repeated_ = false;
    if (request_.kind == PassKind::named) {
        sources_.end_question(now_, asked_);
        candidates_.named_by = std::move(request_.named_by);
        for (std::string& url : request_.urls)
            candidates_.urls.push_back({SourceKind::pnp, std::move(url)});
    } else if (request_.kind != PassKind::chain) {
        candidates_.urls.push_back(active_.source);
        const bool second = request_.kind == PassKind::second;
        verdict_ = {second ? Verdict::provisioned : Verdict::not_applied,
                    "no server has answered since the configuration was applied"};
    }
    asked_ = SourceKind::none;
    journal(line(JournalKind::pass_begins).with("reason", words_for(request_.kind)));
    if (request_.kind == PassKind::chain) {
        verdict_ = {};
        chain_ = sources_.chain(request_.only_source);
        sources_.begin(now_, chain_);
    }
    cue(request_.kind == PassKind::chain ? C::next_source : C::source_over);
}

// --- a source ------------------------------------------------------------------------------------

void Pass::ask_source() {
    candidates_ = {};
    if (chain_at_ >= chain_.size() && plans_.has_earlier()) {
        plans_.return_to_earlier(now_);
        candidates_.urls.push_back(plans_.current().source());
        return cue(C::only_earlier);
    }
    if (chain_at_ >= chain_.size()) return end_chain();
    asked_ = chain_[chain_at_++];
    const std::string_view why_not = sources_.why_not_asked(asked_);
    if (asked_ == SourceKind::acs && !why_not.empty()) return cue(C::next_source);
    journal(line(JournalKind::source_asked).with("source", source_name(asked_)));
    if (!why_not.empty()) {
        source_is_silent(why_not);
        return cue(C::next_source);
    }
    sources_.ask(now_, asked_, active_.source.url.empty());
}

void Pass::use_source() {
    if (asked_ != SourceKind::none) {
        SourceAnswer answer = sources_.take_answer(asked_);
        if (answer.is_managed) {
            journal(line(JournalKind::source_manages).with("url", answer.named_by));
            verdict_ = {Verdict::provisioned, "its ACS manages the phone"};
            return end({PassNews::over});
        }
        if (answer.urls.empty()) {
            source_is_silent(answer.reason);
            return cue(C::next_source);
        }
        candidates_ = {.urls = std::move(answer.urls), .named_by = std::move(answer.named_by)};
    }
    ask_candidate();
}

void Pass::source_is_silent(std::string_view reason) {
    journal(line(JournalKind::source_silent)
                .with("source", source_name(asked_))
                .with("reason", reason)
                .with("next", "the chain goes on"));
}

// --- a URL ---------------------------------------------------------------------------------------

void Pass::ask_again() {
    if (!postponed_.empty()) {
        candidates_ = {.urls = std::exchange(postponed_, {})};
        return ask_candidate();
    }
    if (candidates_.at >= candidates_.urls.size()) return end({PassNews::begin_again});
    ask_candidate();
}

void Pass::ask_candidate() {
    const Source& source = candidates_.urls[candidates_.at];
    const std::string shown = masked_url(source.url, default_scheme(phone_.settings));
    if (of_chain() && is_held(source.url)) {
        journal(line(JournalKind::source_held).with("url", shown));
        return cue(C::next_url);
    }
    if (verdict_.verdict == Verdict::no_source)  // until the plan has its own verdict
        verdict_ = {Verdict::not_applied, shown + " has not answered yet"};
    if (rounds_ == 0)
        journal(
            line(JournalKind::source_url)
                .with("source", source_name(source.kind))
                .with("url", shown)
                .with("server", asked_ == SourceKind::static_server ? "" : candidates_.named_by));
    plans_.start(now_, source, active_, sources_.sip_server());
}

void Pass::try_next_url() {
    ++candidates_.at;
    if (candidates_.at < candidates_.urls.size()) {
        journal(line(JournalKind::source_next)
                    .with("source", source_name(candidates_.urls[candidates_.at].kind)));
        return ask_candidate();
    }
    of_chain() ? cue(C::next_source) : end({PassNews::over});
}

bool Pass::asks_static_only() const {
    return request_.kind == PassKind::chain && std::ranges::all_of(chain_, [](SourceKind kind) {
               return kind == SourceKind::static_server;
           });
}

bool Pass::is_held(const std::string& url) const {
    return std::ranges::any_of(
        held_, [&](const HeldUrl& held) { return held.url == url && now_ < held.until; });
}

void Pass::hold_url(const std::string& url, uint32_t wait_s) {
    std::erase_if(held_, [&](const HeldUrl& held) { return held.url == url; });
    if (held_.size() >= limits::urls_held) held_.pop_front();
    held_.push_back({url, now_ + uint64_t{wait_s} * 1000});
}

// --- a URL beside a silent one -------------------------------------------------------------------

// Only of a new phone, which somebody waits for; one that works can wait for its own server.
bool Pass::may_ask_beside() const {
    const bool is_new = active_.source.url.empty() && record_.trial == TrialState::none;
    const bool has_next = candidates_.at + 1 < candidates_.urls.size() || chain_at_ < chain_.size();
    return state_ == S::asking && of_chain() && is_new && has_next;
}

void Pass::ask_beside() {
    journal(line(JournalKind::source_beside)
                .with("url", shown_url(plans_.current()))
                .with("silent_s", limits::url_beside_ms / 1000));
    plans_.put_aside();
    try_next_url();
}

void Pass::note_outcome(const PlanOutcome& result) {
    if (result.opening != Opening::none) opening_ = result.opening;
    add_server(unwelcoming_, result.turned_away_by);
}

void Pass::take_plan_outcome() {
    result_ = plans_.take_outcome();
    note_outcome(result_);
    const bool left = plans_.has_earlier() && is_success(result_);
    if (left)
        journal(line(JournalKind::source_left)
                    .with("url", shown_url(plans_.earlier()))
                    .with("silent_s", limits::url_patience_ms / 1000));
    cue(C::plan_over);
}

// What the better URL has counts, whoever is asked meanwhile; that it has nothing is no news for
// those.
void Pass::take_earlier_outcome() {
    PlanOutcome result = plans_.take_earlier_outcome();
    note_outcome(result);
    const bool doubts_clock = result.expired && clock_.may_be_doubted(now_);
    const bool counts = is_success(result) && !was_rolled_back(plans_.earlier(), result);
    if (!counts && !doubts_clock) return note_failure(plans_.earlier(), result);
    if (state_ == S::discovering) sources_.end_question(now_, asked_);
    plans_.return_to_earlier(now_);
    result_ = std::move(result);
    cue(C::plan_over);
}

// --- the end of the chain ------------------------------------------------------------------------

// A phone without a configuration never gives up while somebody may still name a server; one that
// has a configuration asks again only where an answer may still come.
void Pass::end_chain() {
    // The predecessor came from an operator: it has no server of its own, and nobody else answered.
    if (record_.trial == TrialState::returning) return end({PassNews::unreached});
    if (!postponed_.empty()) {
        ++rounds_;
        return cue(C::wait);
    }
    if (repeated_ && !failed_hard_) {
        verdict_ = {Verdict::provisioned, "the configuration is what is offered"};
        return end({PassNews::over});
    }
    // A server that named itself in vain has not been asked by the chain: the sources are.
    const auto chain = sources_.chain(request_.only_source);
    const bool someone_to_ask = failed_hard_ || verdict_.verdict != Verdict::no_source ||
                                std::ranges::any_of(chain, [this](SourceKind kind) {
                                    return sources_.why_not_asked(kind).empty();
                                });
    asked_ = SourceKind::none;
    const bool worth_it = active_.number == 0 || unreachable_;
    const bool again = !phone_.once && someone_to_ask && worth_it;
    journal(
        line(JournalKind::nothing_found).with("next", again ? "the chain begins again later" : ""));
    again ? cue(C::wait) : end({PassNews::over});
}

// --- the verdict ---------------------------------------------------------------------------------

// First what the answer means for a trial, then, once that is durable, for the phone.
void Pass::judge() {
    if (result_.expired && clock_.may_be_doubted(now_)) return end({PassNews::clock_doubted});
    if (record_.trial == TrialState::none) return cue(C::judged);
    if (plans_.current().answered()) return finish({PassNews::answered});
    ++rounds_;
    const bool given_up = record_.trial == TrialState::returning && rounds_ >= limits::once_tries;
    given_up ? end({PassNews::unreached}) : cue(C::wait);
}

std::string Pass::shown_url(const PlanRun& plan) const {
    return masked_url(plan.source().url, default_scheme(phone_.settings));
}

void Pass::use_result() {
    concluded_ = true;
    if (verdict_.verdict == Verdict::rolled_back && phone_.once) return end({PassNews::over});
    switch (result_.verdict) {
        case PlanVerdict::none:
            return end({PassNews::over});
        case PlanVerdict::repeated:
            if (of_chain()) return use_repetition();
            [[fallthrough]];  // the server of what is installed was meant
        case PlanVerdict::unchanged:
            journal(line(JournalKind::plan_unchanged)
                        .with("source", source_name(plans_.current().source().kind))
                        .with("url", shown_url(plans_.current())));
            verdict_ = {Verdict::provisioned, "the configuration is what the server offers"};
            return end({PassNews::over});
        case PlanVerdict::changed:
            return use_change();
        case PlanVerdict::absent:
        case PlanVerdict::refused:
        case PlanVerdict::unreachable:
            return use_failure();
    }
}

// On a pinned phone a server that PnP or DHCP has named may say that nothing is new, and may not
// keep the phone from asking its own by that.
void Pass::use_repetition() {
    journal(line(JournalKind::plan_repeated)
                .with("source", source_name(plans_.current().source().kind))
                .with("url", shown_url(plans_.current())));
    repeated_ = true;
    cue(C::next_url);
}

void Pass::use_change() {
    if (was_rolled_back(plans_.current(), result_)) return use_failure();
    if (request_.may_change || of_chain())
        return end({PassNews::changed, std::exchange(result_.proposal, {})});
    journal(line(JournalKind::plan_held_back)
                .with("source", source_name(plans_.current().source().kind))
                .with("url", shown_url(plans_.current())));
    verdict_ = {Verdict::provisioned, "the server offers something else at each request; it waits"};
    end({PassNews::over});
}

// A plan that failed its trial is tried again a few times, ever later, and then no more.
bool Pass::was_rolled_back(const PlanRun& plan, PlanOutcome& result) {
    const Sha256 digest = plan_digest(result.proposal.digests);
    const auto refused = std::ranges::find(record_.refused, digest, &RefusedPlan::digest);
    if (refused == record_.refused.end()) return false;
    const bool too_often = refused->tries >= limits::refused_tries;
    if (!too_often && clock_.at(now_) >= refused->not_before_s) return false;
    result.verdict = PlanVerdict::refused;
    result.reason = too_often ? "these files have failed their trial too often"
                              : "these files have failed their trial and wait to be tried again";
    journal(line(JournalKind::plan_was_rolled_back)
                .with("source", source_name(plan.source().kind))
                .with("url", shown_url(plan))
                .with("reason", result.reason));
    return true;
}

void Pass::use_failure() {
    if (!of_chain()) return use_failure_of_installed();
    note_failure(plans_.current(), result_);
    if (installed_server_answered()) end_candidates();
    cue(C::next_url);
}

// A URL of the chain led nowhere: the pass goes on without it, or comes back to it.
void Pass::note_failure(const PlanRun& plan, const PlanOutcome& result) {
    const bool unreachable = result.verdict == PlanVerdict::unreachable;
    const bool absent = result.verdict == PlanVerdict::absent;
    const bool held =
        unreachable && result.retry_after_s > 0 && !phone_.once && !asks_static_only();
    const bool again = unreachable && !held && rounds_ + 1 < limits::once_tries;
    if (held) hold_url(plan.source().url, result.retry_after_s);
    again ? postponed_.push_back(plan.source()) : report_failure(plan, result);
    failed_hard_ = failed_hard_ || !absent;
    unreachable_ = unreachable_ || unreachable;
    verdict_.verdict = failed_hard_ ? Verdict::not_applied : Verdict::no_source;
    if (!absent || !failed_hard_) verdict_.why = result.reason;
}

// The server of what is installed, which was asked for a second pass or a trial.
void Pass::use_failure_of_installed() {
    const bool unreachable = result_.verdict == PlanVerdict::unreachable;
    const bool again = unreachable && rounds_ + 1 < limits::once_tries;
    if (!again) report_failure(plans_.current(), result_);
    const bool is_active = request_.kind != PassKind::returning;
    if (is_active && plans_.current().answered()) {
        // The server is there, which is all a second pass has to show.
        verdict_ = {Verdict::provisioned, "applied and confirmed; then: " + result_.reason};
        return end({PassNews::over});
    }
    verdict_.why = "applied; the second pass failed: " + result_.reason;
    ++rounds_;
    cue(again ? C::wait : C::next_url);
}

// A configured phone goes below the source it was installed from only if its server does not
// answer. What another source names on that server, a file that is not there perhaps, is no answer.
bool Pass::installed_server_answered() const {
    const Source& source = plans_.current().source();
    if (source.kind != active_.source.kind) return false;
    const Scheme scheme = default_scheme(phone_.settings);
    const auto asked = parse_url(source.url, scheme);
    const auto installed = parse_url(active_.source.url, scheme);
    if (!asked || !installed || !same_server(*asked, *installed)) return false;
    const ServerName server = server_name(*asked);
    const bool pins = phone_.settings.get(Setting::trust_pin) != "0";
    const bool is_own =
        !pins || is_of_own_server({source.kind, server, server.by_tls}, record_.trust.pin);
    return is_own && plans_.current().answered();
}

void Pass::end_candidates() {
    candidates_.urls.resize(candidates_.at + 1);
    chain_at_ = static_cast<uint32_t>(chain_.size());
}

void Pass::report_failure(const PlanRun& plan, const PlanOutcome& result) {
    const JournalKind kind = result.verdict == PlanVerdict::absent ? JournalKind::plan_absent
                             : result.verdict == PlanVerdict::refused
                                 ? JournalKind::plan_refused
                                 : JournalKind::plan_unreachable;
    journal(line(kind)
                .with("source", source_name(plan.source().kind))
                .with("url", shown_url(plan))
                .with("next", "the configuration stays as it is"));
}

void Pass::wait() {
    // What one server asks for is no wait for the others.
    const uint32_t asked_s = of_chain() && !asks_static_only() ? 0 : result_.retry_after_s;
    const uint32_t wait_ms = phone_.once
                                 ? retry_.next_once_wait_ms(phone_.rng)
                                 : retry_.next_wait_ms(phone_.rng, asked_s, phone_.profile->retry);
    retry_due_ = now_ + wait_ms;
    journal(line(JournalKind::retry_waits)
                .with("wait_s", (wait_ms + 999) / 1000)
                .with("try", retry_.waits() + 1));
}

}  // namespace dialtone

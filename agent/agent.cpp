// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"

#include <algorithm>

#include "agent/agent_state.h"
#include "agent/limits.h"

namespace dialtone {

Agent::Agent(AgentOptions options)
    : ids_(std::make_unique<RequestIds>()),
      state_(std::make_unique<AgentState>(std::move(options), *ids_)) {
}
Agent::~Agent() = default;

void Agent::handle(Instant now, const Event& event) {
    state_->handle(now, event);
}
std::optional<Effect> Agent::next() {
    return state_->next();
}
std::optional<Instant> Agent::deadline() const {
    return state_->deadline();
}

AgentState::AgentState(AgentOptions options, RequestIds& ids)
    : EngineBase(ids),
      options_(std::move(options)),
      download_(ids),
      commit_(ids),
      sntp_(ids),
      pnp_(ids),
      dhcp_(ids) {
    for (Machine* engine :
         std::initializer_list<Machine*>{&download_, &commit_, &sntp_, &pnp_, &dhcp_})
        drives(*engine);
}

void AgentState::handle(Instant now, const Event& event) {
    now_ = std::max(now_, now);
    if (state_ == LifeState::leaving) return;
    dispatch(event);
    run_engines(event);
    check_times();
    run_cues();
    serve_commands();
    serve_wish();
}

void AgentState::dispatch(const Event& event) {
    if (const auto* boot_event = std::get_if<Boot>(&event)) {
        boot(*boot_event);
    } else if (const auto* link = std::get_if<LinkChanged>(&event)) {
        take_link(*link);
    } else if (const auto* wall = std::get_if<WallClockSet>(&event)) {
        if (wall->wall_s < floor_s_) return;
        wall_base_ = now_;
        wall_base_s_ = wall->wall_s;
        clock_believed_ = true;
    } else if (const auto* done = std::get_if<StorageDone>(&event); done && done->id == load_id_) {
        take_loaded(*done);
    } else if (const auto* hooks = std::get_if<HooksDone>(&event);
               hooks && hooks->id == hooks_id_) {
        take_hooks(*hooks);
    } else if (const auto* command = std::get_if<Command>(&event)) {
        take_command(*command);
    }
}

// Lets the engines see the event, then looks for what they have come to.
void AgentState::run_engines(const Event& event) {
    download_.handle(now_, event);
    commit_.handle(now_, event);
    sntp_.handle(now_, event);
    pnp_.handle(now_, event);
    dhcp_.handle(now_, event);
    if (auto notice = pnp_.take_notice()) take_notice(std::move(*notice));
    if (std::holds_alternative<Lease>(event)) take_lease_news();
    run_cues();
    if (const auto outcome = commit_.take_outcome()) take_commit(*outcome);
    run_cues();
}

void AgentState::cue(LifeCue cue) {
    cues_.push_back(cue);
}

void AgentState::run_cues() {
    for (;;) {
        if (!cues_.empty()) {
            const LifeCue next_cue = cues_.front();
            cues_.pop_front();
            const LifeRow& row = life_row(state_, next_cue);
            if (!row.stay) state_ = row.next;
            act(row.action);
        } else if (state_ == LifeState::asking && download_.ready()) {
            take_file();
        } else if (state_ == LifeState::discovering && source_ready()) {
            cue(LifeCue::source_over);
        } else if (state_ == LifeState::clock && sntp_.ready()) {
            take_sntp();
        } else {
            return;
        }
    }
}

void AgentState::act(LifeAction action) {
    switch (action) {
        case LifeAction::nothing:
            return;
        case LifeAction::load:
            return load();
        case LifeAction::count_trial_start:
            return count_trial_start();
        case LifeAction::tell:
            return tell();
        case LifeAction::settle:
            return settle();
        case LifeAction::go_on:
            return go_on();
        case LifeAction::reboot:
            return reboot();
        case LifeAction::apply:
            return apply();
        case LifeAction::report_apply_failure:
            return report_apply_failure();
        case LifeAction::report_save_failure:
            return report_save_failure();
        case LifeAction::turn_back:
            return turn_back();
        case LifeAction::confirm_trial:
            return confirm_trial();
        case LifeAction::reset:
            return reset();
        case LifeAction::go_online:
            return go_online();
        case LifeAction::set_clock:
            return set_clock();
        case LifeAction::spread:
            return spread();
        case LifeAction::begin_pass:
            return begin_pass();
        case LifeAction::ask_source:
            return ask_source();
        case LifeAction::use_source:
            return use_source();
        case LifeAction::use_named:
            return use_named();
        case LifeAction::ask_again:
            return ask_again();
        case LifeAction::judge:
            return judge();
        case LifeAction::use_result:
            return use_result();
        case LifeAction::try_next_url:
            return try_next_url();
        case LifeAction::sit_out:
            return sit_out();
        case LifeAction::rest:
            return rest();
        case LifeAction::restart:
            return restart();
        case LifeAction::finish:
            return finish_by_verdict();
    }
}

// --- time ------------------------------------------------------------------------------------

std::optional<Instant> AgentState::deadline() const {
    if (state_ == LifeState::leaving) return std::nullopt;
    std::optional<Instant> earliest;
    const auto wish_due =
        wish_can_be_served() ? std::optional(wish_->not_before) : std::optional<Instant>();
    const auto trial_due = trial_may_end() ? trial_due_ : std::optional<Instant>();
    for (const auto& due : {due_, trial_due, once_due_, wish_due, download_.deadline(),
                            sntp_.deadline(), pnp_.deadline(), dhcp_.deadline()}) {
        if (due && (!earliest || *due < *earliest)) earliest = due;
    }
    return earliest;
}

// A durable change is seen to its end first, and so are the hooks; the trial's end waits.
bool AgentState::trial_may_end() const {
    return !commit_.busy() && life_answers(state_, LifeCue::trial_over);
}

void AgentState::check_times() {
    if (once_due_ && *once_due_ <= now_) {
        once_due_.reset();
        verdict_why_ = "the time of one life is used up; last: " + verdict_why_;
        cue(LifeCue::time_up);
    }
    if (trial_due_ && *trial_due_ <= now_ && trial_may_end()) {
        trial_due_.reset();
        cue(LifeCue::trial_over);
    }
    if (due_ && *due_ <= now_) {
        due_.reset();
        if (std::exchange(due_asks_pnp_, false)) only_source_ = SourceKind::pnp;
        cue(LifeCue::due);
    }
}

void AgentState::wait_until_due(uint64_t wait_ms) {
    due_ = now_ + wait_ms;
    due_asks_pnp_ = false;
}

WallSeconds AgentState::wall_now() const {
    return wall_base_s_ + static_cast<WallSeconds>(now_.since(wall_base_) / 1000);
}

// Whoever is asked for something is no longer listened to.
void AgentState::stop_asking() {
    download_.stop(now_);
    pnp_.stop(now_);
    dhcp_.stop(now_);
    due_.reset();
}

// --- effects ---------------------------------------------------------------------------------

void AgentState::finish_effect(Effect& effect) {
    auto* entry = std::get_if<JournalLine>(&effect);
    if (!entry) return;
    entry->at_ms = now_.ms;
    entry->wall_s = wall_now();
}

void AgentState::reply(RequestId id, bool ok, std::string text) {
    if (id != 0) emit(Reply{id, ok, std::move(text)});
}

// --- the end of a pass, the end of a life ------------------------------------------------------

void AgentState::rest() {
    applies_in_a_row_ = 0;
    retry_.reset();
    run_ = {};
    if (options_.once) return finish_by_verdict();
    plan_next_check();
    auto entry = line(JournalKind::rest).with("generation", active_.number);
    if (due_) entry.with("wait_s", due_->since(now_) / 1000);
    journal(std::move(entry));
}

// A tenth of each interval, drawn, keeps phones that were set up together apart.
void AgentState::plan_next_check() {
    const auto in = [this](uint64_t interval_ms) {
        const uint64_t tenth = std::min<uint64_t>(interval_ms / 10, UINT32_MAX);
        return now_ + (interval_ms + rng_.below(static_cast<uint32_t>(tenth)));
    };
    due_.reset();
    due_asks_pnp_ = false;
    if (settings_.get(Setting::static_mode) != "interval") {
        check_due_.reset();
    } else if (!check_due_ || *check_due_ <= now_) {
        check_due_ = in(uint64_t{settings_.number(Setting::static_interval)} * 60'000);
    }
    due_ = check_due_;
    const uint32_t pnp_hours = settings_.number(Setting::pnp_interval);
    if (pnp_hours == 0 || !why_not_asked(SourceKind::pnp).empty()) return;
    const Instant pnp_due = in(uint64_t{pnp_hours} * 3'600'000);
    due_asks_pnp_ = !due_ || pnp_due < *due_;
    if (due_asks_pnp_) due_ = pnp_due;
}

// A daemon leaves only when it is told to, and that is no failure.
void AgentState::finish_by_verdict() {
    finish(options_.once ? static_cast<uint8_t>(verdict_) : 0, verdict_why_);
}

void AgentState::finish(uint8_t status, std::string why) {
    stop_asking();
    trial_due_.reset();
    once_due_.reset();
    journal(line(JournalKind::finished).with("status", status).with("reason", why));
    reply(std::exchange(awaited_reply_, 0), false, "the agent is leaving before it is done");
    for (const Pending& pending : commands_)
        reply(pending.id, pending.kind == CommandKind::stop, "the agent is leaving");
    commands_.clear();
    state_ = LifeState::leaving;
    cues_.clear();
    emit(Exit{status, std::move(why)});
}

}  // namespace dialtone

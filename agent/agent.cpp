// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"

#include <algorithm>
#include <utility>

#include "agent/limits.h"

namespace dialtone {

Agent::Agent(AgentOptions options)
    : EngineBase(AgentIds::all),
      lane_(AgentIds::all),
      store_(AgentIds::all, lane_, phone_, clock_),
      pass_(AgentIds::all, phone_, clock_, store_.active(), store_.record()),
      sntp_(AgentIds::all),
      inbox_(AgentIds::all),
      jobs_(AgentIds::all, lane_, phone_),
      build_time_s_(options.floor_s) {
    phone_.profile = options.profile;
    phone_.identity = std::move(options.identity);
    phone_.interface = std::move(options.interface);
    phone_.once = options.once;
    phone_.given_settings = std::move(options.settings);
    phone_.speaks_cwmp = options.make_acs_client != nullptr;
    if (options.make_acs_client != nullptr) {
        acs_ = options.make_acs_client(AgentIds::all, phone_, clock_, store_.record(),
                                       store_.active());
        drives(*acs_);
    }
    drives(pass_);
    drives(store_);
    drives(lane_);
    drives(sntp_);
    drives(inbox_);
    drives(jobs_);
}

void Agent::handle(Instant now, const Event& event) {
    now_ = std::max(now_, now);
    if (state_ == LifeState::leaving) return handle_leaving(event);
    while (auto summary = outsider_lines_.take_summary(now_))
        journal(*summary);
    dispatch(event);
    drive(event);
    run();
    check_times();
    run();
    serve_commands();
    serve_trigger();
    serve_acs();
}

// Nothing begins any more; what a job has on the disk is removed first.
void Agent::handle_leaving(const Event& event) {
    lane_.handle(now_, event);
    if (const auto outcome = lane_.take_outcome()) jobs_.take_step(now_, *outcome);
    if (const auto* command = std::get_if<Command>(&event))
        reply(command->id, false, "the phone is about to leave; try again in a moment");
    leave_when_idle();
}

JobId Agent::submit_job(Instant now, JobRequest request) {
    const bool up = state_ != LifeState::off && state_ != LifeState::leaving;
    return up ? jobs_.submit(now, std::move(request)) : 0;
}

void Agent::dispatch(const Event& event) {
    if (const auto* boot_event = std::get_if<Boot>(&event)) {
        boot(*boot_event);
    } else if (const auto* link = std::get_if<LinkChanged>(&event)) {
        take_link(*link);
    } else if (const auto* wall = std::get_if<WallClockSet>(&event)) {
        take_machine_time(wall->wall_s);
    } else if (const auto* command = std::get_if<Command>(&event);
               command && command->kind == CommandKind::notify) {
        take_notify(*command);
    } else if (command && command->kind == CommandKind::voice) {
        take_voice(*command);
    } else if (command && command->kind == CommandKind::model) {
        show_model(*command);
    }
}

// Lets the parts see the event, and carries on what they have news of.
void Agent::drive(const Event& event) {
    pass_.handle(now_, event);
    // A phone without a configuration asks again by itself, and somebody may assign it any time.
    const bool resident = !phone_.once && store_.active().number != 0;
    if (const Opening opening = pass_.take_opening(); resident) inbox_.take_opening(now_, opening);
    if (state_ == LifeState::passing && pass_.answered() && !acs_holds_pass())
        store_.stop_trial_time();
    learn_time(pass_.take_clock_evidence());
    lane_.handle(now_, event);
    if (const auto outcome = lane_.take_outcome()) {
        store_.take_step(*outcome);
        jobs_.take_step(now_, *outcome);
        take_transfer_step(*outcome);
    }
    jobs_.handle(now_, event);
    store_.handle(now_, event);
    sntp_.handle(now_, event);
    inbox_.handle(now_, event);
    if (acs_) drive_acs(event);
    if (auto notice = pass_.sources().take_notice()) take_notice(std::move(*notice));
    if (std::holds_alternative<Lease>(event)) take_lease_news();
}

void Agent::run() {
    while (run_once()) {
    }
}

// One step of whoever has something to do. False: nobody has.
bool Agent::run_once() {
    if (state_ == LifeState::leaving) return false;
    if (store_.take_active_changed()) carry_settings();
    if (!cues_.empty()) {
        const LifeCue next = cues_.front();
        cues_.pop_front();
        act(take_cue(state_, next));
        return true;
    }
    if (auto outcome = store_.take_outcome()) {
        take_store(std::move(*outcome));
        return true;
    }
    // What a pass has found is another note of the store, which takes one at a time, and is laid
    // over nothing that is on trial.
    const bool changes = acs_changing_ != AcsChanging::nothing;
    const bool holds = acs_writing_ || changes || acs_holds_pass();
    if (auto outcome = holds ? std::nullopt : pass_.take_outcome()) {
        take_pass(std::move(*outcome));
        return true;
    }
    if (state_ == LifeState::clock && sntp_.ready()) {
        take_sntp();
        return true;
    }
    return store_.advance(now_);
}

void Agent::act(LifeAction action) {
    using A = LifeAction;
    switch (action) {
        case A::nothing:
            return;
        case A::load:
            return store_.load(now_);
        case A::go_online:
            return go_online();
        case A::reboot:
            return reboot();
        case A::rest:
            return rest();
        case A::back_off:
            return back_off();
        case A::set_clock:
            return set_clock();
        case A::spread:
            return spread();
        case A::begin_pass:
            return begin_pass();
        case A::begin_named:
            return begin_named();
        case A::retry_pass:
            return pass_.retry(now_);
        case A::judge:
            return store_.server_heard();
        case A::apply:
            return apply();
        case A::go_back:
            return go_back();
        case A::restart:
            return restart();
        case A::confirm:
            stop_asking();
            return store_.confirm("an operator", std::exchange(command_.id, 0));
        case A::propose:
            return propose();
        case A::stop_asking:
            return stop_asking();
        case A::reset:
            stop_asking();
            jobs_.cancel_all(now_);
            if (acs_) acs_->transfers().forget(now_);
            return store_.factory_reset(std::exchange(command_.id, 0));
        case A::finish:
            return finish_by_verdict();
    }
}

// --- outcomes across -----------------------------------------------------------------------------

void Agent::take_store(StoreOutcome&& outcome) {
    const bool failed = outcome.news == StoreNews::failed || outcome.news == StoreNews::unrecorded;
    if (std::exchange(acs_writing_, false)) return take_acs_memory(failed, outcome.reason);
    if (std::exchange(acs_judging_, false)) return take_acs_judgement(outcome);
    if (outcome.origin == Origin::acs) return take_acs_change(outcome);
    const bool is_set = outcome.origin == Origin::operator_;
    const std::string words = is_set ? std::exchange(set_words_, {}) : "";
    const std::string done = words.empty() ? "done" : "done; " + words;
    reply(outcome.completion, !failed, failed ? outcome.reason : done);
    if (is_set) return take_setting(outcome);
    if (failed) verdict_ = {Verdict::not_applied, outcome.reason};
    switch (outcome.news) {
        case StoreNews::ready:
            if (state_ == LifeState::starting) judge_state();
            if (acs_) acs_->all_told(now_);
            return go_on();
        case StoreNews::applied:
            if (acs_ && outcome.origin == Origin::file)
                acs_->provisioned(now_, store_.active().source.url);
            plan_reboot(outcome.origin == Origin::file && may_reboot(),
                        "the new configuration takes effect with a restart");
            break;
        case StoreNews::confirmed:
        case StoreNews::withdrawn:
            return take_judgement(std::move(outcome));
        case StoreNews::returned:
            plan_reboot(may_reboot() && !outcome.of_acs, "the previous configuration returns");
            break;
        case StoreNews::kept:
            given_up_ = true;
            verdict_ = {Verdict::not_applied,
                        "no server answered the new configuration, nor the previous one"};
            plan_reboot(may_reboot() && !outcome.of_acs, "the newer configuration stays");
            break;
        case StoreNews::reset:
            clock_.forget_floor();
            if (acs_) acs_->forget();
            acs_kept_.reset();
            plan_reboot(reboot_.due || phone_.profile->after_apply == AfterApply::reboot,
                        "factory reset", reboot_.due && reboot_.afresh);
            return;
        case StoreNews::reboot_counted:
            if (restarts_for_acs_) acs_->take_order();
            plan_reboot(true, restarts_for_acs_ ? "the ACS orders it" : "a SIP NOTIFY asks for it",
                        true);
            return go_on();
        case StoreNews::failed:
            if (std::exchange(restarts_for_acs_, false)) acs_->take_order();
            return cue(LifeCue::failed);
        case StoreNews::unrecorded:
        case StoreNews::floor_kept:
        case StoreNews::acs_kept:
            return;
    }
    // From here on the SIP port belongs to the phone's own SIP stack.
    if (!store_.active().source.url.empty()) pass_.sources().release_sip_port(now_);
}

// What an operator has set is durable, or is not to be. The phone goes on as it did, and begins
// anew only where a pass would do something else now.
void Agent::take_setting(const StoreOutcome& outcome) {
    if (outcome.news == StoreNews::failed) return go_on();
    if (outcome.news != StoreNews::applied) return;
    const Settings before = phone_.settings_with(store_.predecessor());
    // Who has set it counts, too: a file that is on its way may not name another server then.
    const auto differs = [&](Setting one) {
        return before.get(one) != phone_.settings.get(one) ||
               before.layer_of(one) != phone_.settings.layer_of(one);
    };
    if (differs(Setting::provision_user) || differs(Setting::provision_password))
        pass_.forget_unwelcoming_servers();
    const bool needs_clock = !clock_.believed() && differs(Setting::clock_sntp);
    const bool steers = std::ranges::any_of(all_settings(), [&](const SettingForm& form) {
        return steers_pass(form.setting) && differs(form.setting);
    });
    if (steers || needs_clock) {
        drop_found();
        return cue(LifeCue::altered);
    }
    const bool other_static = differs(Setting::static_interval);
    if (other_static) timers_.clear(Timer::static_check);
    if (state_ == LifeState::resting && (other_static || differs(Setting::pnp_interval)))
        plan_next_check();
}

// What was found before an operator steered the phone elsewhere does not count any more, even if it
// waits for the disk already: it was judged by whom the phone trusted then.
void Agent::drop_found() {
    if (!store_.drop_file_proposals()) return;
    --applies_in_a_row_;
    pass_.set_concluded(true);
}

// What an answer, or an operator, meant for the trial is durable.
void Agent::take_judgement(StoreOutcome&& outcome) {
    const bool confirmed = outcome.news == StoreNews::confirmed;
    verdict_ = {confirmed ? Verdict::provisioned : Verdict::rolled_back,
                confirmed ? "applied and confirmed" : std::move(outcome.reason)};
    if (state_ == LifeState::passing) return pass_.judged(now_, verdict_);
    pass_.set_concluded(true);
    cue(LifeCue::done);
}

void Agent::take_pass(PassOutcome&& outcome) {
    verdict_ = pass_.verdict();
    switch (outcome.news) {
        case PassNews::over:
            return cue(LifeCue::pass_over);
        case PassNews::changed:
            offered_ = std::move(outcome.proposal);
            return cue(LifeCue::changed);
        case PassNews::answered:
            return cue(LifeCue::answered);
        case PassNews::unreached:
            return cue(LifeCue::trial_over);
        case PassNews::begin_again:
            return cue(LifeCue::ask);
        case PassNews::clock_doubted:
            return doubt_clock();
    }
}

// --- time ----------------------------------------------------------------------------------------

std::optional<Instant> Agent::deadline() const {
    if (state_ == LifeState::leaving) return std::nullopt;
    auto earliest = earlier(timers_.at(Timer::once), next_check());
    if (trial_may_end()) earliest = earlier(earliest, store_.trial_ends());
    if (can_serve_trigger()) earliest = earlier(earliest, inbox_.trigger_due());
    earliest = earlier(earliest, jobs_.deadline());
    if (acs_) earliest = earlier(earliest, acs_->deadline());
    return earlier(earliest, earlier(pass_.deadline(), sntp_.deadline()));
}

// When the phone asks by itself. A wait that is set comes before the periods.
std::optional<Instant> Agent::next_check() const {
    if (const auto wait = timers_.at(Timer::wait)) return wait;
    if (state_ != LifeState::resting) return std::nullopt;
    return earlier(timers_.at(Timer::static_check), timers_.at(Timer::pnp_check));
}

// A durable change is seen to its end first, and so are the hooks; the trial's end waits.
bool Agent::trial_may_end() const {
    return store_.steady() && life_answers(state_, LifeCue::trial_over);
}

void Agent::check_times() {
    if (timers_.take(Timer::once, now_)) {
        verdict_.why = "the time of one life is used up; last: " + current_verdict().why;
        cue(LifeCue::stop);
    }
    if (trial_may_end() && store_.trial_ends() && *store_.trial_ends() <= now_)
        cue(LifeCue::trial_over);
    if (const auto due = next_check(); due && *due <= now_) {
        const bool waited = timers_.take(Timer::wait, now_);
        const bool all = waited || timers_.is_due(Timer::static_check, now_);
        only_source_ = all ? SourceKind::none : SourceKind::pnp;
        timers_.clear(Timer::pnp_check);
        cue(LifeCue::ask);
    }
}

// --- effects -------------------------------------------------------------------------------------

bool Agent::complete(Effect& effect) {
    auto* entry = std::get_if<JournalLine>(&effect);
    if (!entry) return true;
    entry->at_ms = now_.ms;
    entry->wall_s = clock_.at(now_);
    return outsider_lines_.may_write(now_, entry->kind);
}

// Nobody is asked any more, and nothing is waited for but the periods.
void Agent::stop_asking() {
    pass_.cancel(now_);
    timers_.clear(Timer::wait);
    timers_.clear(Timer::pnp_check);
}

void Agent::reply(RequestId id, bool ok, std::string text) {
    if (id != 0) emit(Reply{id, ok, std::move(text)});
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"

#include <algorithm>

#include "agent/agent_state.h"
#include "agent/limits.h"

namespace dialtone {

Agent::Agent(AgentOptions options) : state_(std::make_unique<AgentState>(std::move(options))) {
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

AgentState::AgentState(AgentOptions options) : options_(std::move(options)) {
}

void AgentState::handle(Instant now, const Event& event) {
    now_ = std::max(now_, now);
    if (state_ == LifeState::leaving) return;
    dispatch(event);
    run_engines(event);
    check_times();
    run_cues();
    serve_commands();
}

void AgentState::dispatch(const Event& event) {
    if (const auto* boot_event = std::get_if<Boot>(&event)) {
        boot(*boot_event);
    } else if (const auto* link = std::get_if<LinkChanged>(&event)) {
        if (link->up == link_up_) return;
        link_up_ = link->up;
        journal(line(link->up ? JournalKind::link_up : JournalKind::link_down)
                    .with("interface", options_.interface)
                    .with("address", link->address));
        if (link->up) cue(LifeCue::link_up);
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
    commit_.handle(event);
    sntp_.handle(now_, event);
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
        default:
            return act_while_online(action);
    }
}

void AgentState::act_while_online(LifeAction action) {
    switch (action) {
        case LifeAction::go_online:
            return go_online();
        case LifeAction::set_clock:
            return set_clock();
        case LifeAction::spread:
            return spread();
        case LifeAction::begin_pass:
            return begin_pass();
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
        case LifeAction::finish:
            return finish_by_verdict();
        default:
            return;
    }
}

// --- time ------------------------------------------------------------------------------------

std::optional<Instant> AgentState::deadline() const {
    if (state_ == LifeState::leaving) return std::nullopt;
    std::optional<Instant> earliest;
    for (const auto& due : {due_, trial_due_, once_due_, download_.deadline(), sntp_.deadline()}) {
        if (due && (!earliest || *due < *earliest)) earliest = due;
    }
    return earliest;
}

void AgentState::check_times() {
    if (once_due_ && *once_due_ <= now_) {
        once_due_.reset();
        verdict_why_ = "the time of one life is used up; last: " + verdict_why_;
        cue(LifeCue::time_up);
    }
    if (trial_due_ && *trial_due_ <= now_) {
        trial_due_.reset();
        cue(LifeCue::trial_over);
    }
    if (due_ && *due_ <= now_) {
        due_.reset();
        cue(LifeCue::due);
    }
}

void AgentState::wait_until_due(uint64_t wait_ms) {
    due_ = now_ + wait_ms;
}

WallSeconds AgentState::wall_now() const {
    return wall_base_s_ + static_cast<WallSeconds>(now_.since(wall_base_) / 1000);
}

// --- effects ---------------------------------------------------------------------------------

std::optional<Effect> AgentState::next() {
    if (effects_.empty()) drain_engines();
    if (effects_.empty()) return std::nullopt;
    Effect effect = std::move(effects_.front());
    effects_.pop_front();
    return effect;
}

void AgentState::drain_engines() {
    while (auto effect = download_.next()) {
        if (auto* entry = std::get_if<JournalLine>(&*effect)) stamp(*entry);
        effects_.push_back(std::move(*effect));
    }
    while (auto effect = commit_.next())
        effects_.push_back(std::move(*effect));
    while (auto effect = sntp_.next())
        effects_.push_back(std::move(*effect));
}

void AgentState::emit(Effect&& effect) {
    drain_engines();  // what an engine wanted before this goes out before it
    effects_.push_back(std::move(effect));
}

void AgentState::stamp(JournalLine& line) const {
    line.at_ms = now_.ms;
    line.wall_s = wall_now();
}

void AgentState::journal(JournalLine& line) {
    stamp(line);
    emit(std::move(line));
}

void AgentState::reply(RequestId id, bool ok, std::string text) {
    if (id != 0) emit(Reply{id, ok, std::move(text)});
}

// --- commands ----------------------------------------------------------------------------------

void AgentState::take_command(const Command& command) {
    if (commands_.size() >= limits::commands_queued)
        return reply(command.id, false, "too many commands are waiting; try again");
    commands_.push_back({command.id, command.kind, std::string(command.argument)});
}

void AgentState::serve_commands() {
    while (!commands_.empty() && state_ != LifeState::leaving) {
        const Pending pending = commands_.front();
        if (!serve_command(pending.kind, pending.argument, pending.id)) return;
        commands_.pop_front();
        run_cues();
    }
}

// False: not now, the command stays queued until a pass or a durable change is over.
bool AgentState::serve_command(CommandKind kind, const std::string& argument, RequestId id) {
    struct Row {
        CommandKind kind;
        LifeCue cue;
        std::string_view word;
    };
    constexpr Row rows[] = {
        {CommandKind::resync, LifeCue::resync, "resync"},
        {CommandKind::confirm, LifeCue::confirm, "confirm"},
        {CommandKind::set, LifeCue::set, "set"},
        {CommandKind::factory_reset, LifeCue::factory_reset, "factory-reset"},
        {CommandKind::stop, LifeCue::stop, "stop"},
    };
    const Row& row = *std::find_if(std::begin(rows), std::end(rows),
                                   [kind](const Row& one) { return one.kind == kind; });
    if (kind == CommandKind::resync && !link_up_) {
        reply(id, true, "will ask as soon as there is a link");
        return true;
    }
    if (commit_.busy()) return false;  // a durable change is seen to its end
    if (life_row(state_, row.cue).action == LifeAction::nothing) return false;
    const auto equals = argument.find('=');
    journal(line(JournalKind::operator_command)
                .with("command", row.word)
                .with("key", kind == CommandKind::set ? argument.substr(0, equals) : ""));
    return start_command(kind, argument, id, row.cue);
}

bool AgentState::start_command(CommandKind kind, const std::string& argument, RequestId id,
                               LifeCue its_cue) {
    switch (kind) {
        case CommandKind::resync:
            reply(id, true, "asking now");
            break;
        case CommandKind::confirm:
            if (record_.trial == TrialState::none) {
                reply(id, true, "nothing is on trial");
                return true;
            }
            awaited_reply_ = id;
            break;
        case CommandKind::set:
            if (!start_set(argument, id)) return true;
            break;
        case CommandKind::factory_reset:
            awaited_reply_ = id;
            break;
        case CommandKind::stop:
            verdict_why_ = "stopped by an operator";
            reply(id, true, "leaving");
            break;
    }
    cue(its_cue);
    return true;
}

// False: nothing to write, and the reply says so.
bool AgentState::start_set(const std::string& argument, RequestId id) {
    const auto needs = check_operator_value(argument);
    if (!needs) {
        journal(line(JournalKind::operator_refused)
                    .with("command", "set")
                    .with("reason", needs.error().detail));
        reply(id, false, needs.error().detail);
        return false;
    }
    if (*needs == SetNeeds::nothing) {
        reply(id, true, "it is set so already");
        return false;
    }
    due_.reset();
    if (submit(operator_proposal(argument, id))) return true;
    reply(id, false, "too many changes are waiting; try again");
    return false;
}

// --- the end of a pass, the end of a life ------------------------------------------------------

void AgentState::rest() {
    applies_in_a_row_ = 0;
    retry_.reset();
    run_ = {};
    if (options_.once) return finish_by_verdict();
    const uint64_t interval_ms = uint64_t{settings_.number(Setting::static_interval)} * 60'000;
    due_.reset();
    if (settings_.get(Setting::static_mode) == "interval") {
        // A tenth of the interval, drawn, keeps phones that were set up together apart.
        const auto tenth = static_cast<uint32_t>(std::min<uint64_t>(interval_ms / 10, UINT32_MAX));
        wait_until_due(interval_ms + rng_.below(tenth));
    }
    auto entry = line(JournalKind::rest).with("generation", active_.number);
    if (due_) entry.with("wait_s", due_->since(now_) / 1000);
    journal(std::move(entry));
}

// A daemon leaves only when it is told to, and that is no failure.
void AgentState::finish_by_verdict() {
    finish(options_.once ? static_cast<uint8_t>(verdict_) : 0, verdict_why_);
}

void AgentState::finish(uint8_t status, std::string why) {
    download_.stop(now_);
    due_.reset();
    trial_due_.reset();
    once_due_.reset();
    journal(line(JournalKind::finished).with("status", status).with("reason", why));
    for (const Pending& pending : commands_) {
        if (pending.kind != CommandKind::stop) reply(pending.id, false, "the agent is leaving");
    }
    commands_.clear();
    state_ = LifeState::leaving;
    cues_.clear();
    emit(Exit{status, std::move(why)});
}

}  // namespace dialtone

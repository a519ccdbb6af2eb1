// SPDX-License-Identifier: Apache-2.0
//
// What others want of a phone that is up: the commands of an operator; a check of the sources, or
// a reboot, that a SIP server asks for by NOTIFY; and what DHCP and the link have news of.
//
// Checks that were not asked for by an operator are rate-limited and never lost: one that comes
// too early, or in the middle of something else, waits. At most one waits.
#include <algorithm>

#include "agent/agent_state.h"
#include "agent/limits.h"

namespace dialtone {

// --- an operator's commands ----------------------------------------------------------------------

void AgentState::take_command(const Command& command) {
    if (command.kind == CommandKind::notify) return take_notify(command.argument, command.id);
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
    if (!life_answers(state_, row.cue)) return false;
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
        case CommandKind::notify:  // was seen to when it came
            return true;
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

// --- NOTIFY --------------------------------------------------------------------------------------

// The phone's SIP stack has accepted it: who sent it was its to judge.
void AgentState::take_notify(std::string_view message, RequestId id) {
    auto notice = read_notify(message);
    if (!notice) return reply(id, false, notice.error().detail);
    if (options_.once) return reply(id, false, "the agent runs one life and takes no requests");
    reply(id, true, "will be seen to");
    take_notice(std::move(*notice));
}

void AgentState::take_notice(Notice&& notice) {
    if (options_.once) return;
    Wish wanted;
    wanted.from = std::move(notice.from);
    std::string words = "ask its sources again";
    if (notice.kind == NotifyKind::urls && !notice.urls.empty()) {
        words = "take its configuration from " + masked_url(notice.urls.front(), default_scheme());
        wanted.urls = std::move(notice.urls);
    } else if (notice.kind == NotifyKind::check_and_reboot) {
        // A server that asks for it at every start must not keep the phone from working.
        wanted.reboot = now_.since(born_) >= uint64_t{limits::notify_reboot_after_s} * 1000;
        words = wanted.reboot ? "start again"
                              : "start again, just after a start; it asks its sources instead";
    }
    journal(line(JournalKind::notified).with("server", wanted.from).with("reason", words));
    wish(std::move(wanted));
}

// --- DHCP and the link
// -----------------------------------------------------------------------------

void AgentState::take_lease_news() {
    const bool changed = dhcp_.take_lease_changed();
    const bool renewed = dhcp_.take_lease_renewed() && settings_.flag(Setting::dhcp_renew_check);
    const bool under_way = state_ == LifeState::asking || state_ == LifeState::closing;
    const bool over = state_ == LifeState::resting || state_ == LifeState::waiting;
    if (options_.once || !(over || (under_way && changed)) || !(changed || renewed)) return;
    const std::string_view order = settings_.get(Setting::order);
    if (order.find(source_name(SourceKind::dhcp)) == std::string_view::npos) return;
    if (!why_not_asked(SourceKind::dhcp).empty()) return;
    wish({.from = changed ? "DHCP, which names other servers" : "DHCP, which renewed the lease"});
}

void AgentState::take_link(const LinkChanged& link) {
    const bool moved = link.up && link_up_ && !(link.address == address_);
    if (link.up == link_up_ && !moved) return;
    link_up_ = link.up;
    address_ = link.address;
    journal(line(link.up ? JournalKind::link_up : JournalKind::link_down)
                .with("interface", options_.interface)
                .with("address", address_text(link.address)));
    if (!link.up) return;
    if (state_ != LifeState::resting || options_.once) return cue(LifeCue::link_up);
    // A switch that restarts takes all its phones along, and they all come back at once.
    const uint32_t splay_ms = settings_.number(Setting::splay) * 1000;
    wish({.from = moved ? "the network, which gave another address" : "the network, which is back",
          .not_before = now_ + rng_.below(splay_ms)});
}

// --- a check that somebody wants
// --------------------------------------------------------------------

void AgentState::wish(Wish&& wanted) {
    wanted.not_before = std::max({wanted.not_before, now_, wishes_from_});
    if (wish_) {
        wanted.not_before = std::min(wanted.not_before, wish_->not_before);
        wanted.reboot = wanted.reboot || wish_->reboot;
        if (wanted.urls.empty()) wanted.urls = std::move(wish_->urls);
    }
    if (wanted.not_before > now_)
        journal(line(JournalKind::check_waits)
                    .with("wait_s", (wanted.not_before.since(now_) + 999) / 1000)
                    .with("from", wanted.from));
    wish_ = std::move(wanted);
}

void AgentState::begin_wish() {
    wishes_from_ = now_ + uint64_t{limits::wish_gap_s} * 1000;
}

LifeCue AgentState::cue_of_wish() const {
    if (wish_->reboot) return LifeCue::restart;
    return wish_->urls.empty() ? LifeCue::resync : LifeCue::named;
}

// A trial asks its own server first, and is not to be cut short.
bool AgentState::wish_can_be_served() const {
    if (!wish_ || commit_.busy()) return false;
    const LifeCue its_cue = cue_of_wish();
    if (record_.trial != TrialState::none && its_cue != LifeCue::resync) return false;
    return life_answers(state_, its_cue);
}

void AgentState::serve_wish() {
    if (!wish_can_be_served() || wish_->not_before > now_) return;
    const LifeCue its_cue = cue_of_wish();
    if (its_cue == LifeCue::resync) {
        journal(line(JournalKind::check_begins).with("from", wish_->from));
        wish_.reset();
        begin_wish();
    }
    cue(its_cue);
    run_cues();
}

// The reboot that a server asked for: a new beginning, which counts as one by an operator.
void AgentState::restart() {
    reboot_reason_ = "a SIP NOTIFY asks for it";
    leave_by_reboot(true);
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// What others want of a phone that is up: the inbox served, and what NOTIFYs, DHCP and the link
// have news of.
#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/agent.h"
#include "agent/config/assignment.h"
#include "agent/limits.h"
#include "agent/pass/operator_trust.h"
#include "agent/text.h"
#include "agent/transfer/plan.h"
#include "agent/transfer/url.h"

namespace dialtone {

// Whether the life, the pass and the store allow what this cue begins.
bool Agent::can_serve(LifeCue cue) const {
    if (!life_answers(state_, cue)) return false;
    const InboxRow& row = inbox_row(cue);
    // What a `set` means for trust is worked out from what the one before has left.
    if (cue == LifeCue::set && store_.has_proposals()) return false;
    if (state_ == LifeState::passing && (row.during_pass & in(pass_.state())) == 0) return false;
    return row.store == StoreNeed::any ||
           (row.store == StoreNeed::steady ? store_.steady() : !store_.writing());
}

// --- an operator's commands ----------------------------------------------------------------------

void Agent::serve_commands() {
    while (const PendingCommand* front = inbox_.front()) {
        if (state_ == LifeState::leaving) return;
        const PendingCommand command = *front;
        if (!serve_command(command)) return;
        inbox_.pop();
        run();
    }
}

// False: not now, the command stays queued until a pass or a durable change is over.
bool Agent::serve_command(const PendingCommand& command) {
    const LifeCue its_cue = cue_of(command.kind);
    if (command.kind == CommandKind::resync && !phone_.link_up) {
        reply(command.id, true, "will ask as soon as there is a link");
        return true;
    }
    if (!can_serve(its_cue)) return false;
    const bool sets = command.kind == CommandKind::set;
    const std::string keys = sets ? assigned_keys(command.argument) : "";
    journal(line(JournalKind::operator_command)
                .with("command", inbox_row(its_cue).word)
                .with("key", keys));
    if (start_command(command)) cue(its_cue);
    return true;
}

// False: it is answered, and nothing begins.
bool Agent::start_command(const PendingCommand& command) {
    switch (command.kind) {
        case CommandKind::resync:
            reply(command.id, true, "asking now");
            pass_.forget_held_urls();
            inbox_.forget_unopened();
            return true;
        case CommandKind::confirm:
            if (!store_.on_trial()) {
                reply(command.id, true, "nothing is on trial");
                return false;
            }
            command_ = command;
            return true;
        case CommandKind::set:
            return start_set(command);
        case CommandKind::factory_reset:
            command_ = command;
            return true;
        case CommandKind::stop:
            verdict_.why = "stopped by an operator";
            reply(command.id, true, "leaving");
            return true;
        case CommandKind::notify:  // were seen to when they came
        case CommandKind::voice:
        case CommandKind::model:
            return false;
    }
    __builtin_unreachable();
}

bool Agent::refuse_set(const PendingCommand& command, const Error& error) {
    journal(
        line(JournalKind::operator_refused).with("command", "set").with("reason", error.detail));
    reply(command.id, false, error.detail);
    return false;
}

bool Agent::start_set(const PendingCommand& command) {
    auto document = read_assignments(command.argument, *phone_.profile);
    if (document && store_.on_trial())
        document = fail(ErrorCode::bad_usage,
                        "a configuration is on trial; confirm it or wait until it has passed");
    if (!document) return refuse_set(command, document.error());
    const auto is_set = [this](const Entry& entry) {
        const Item* item = store_.active().find(entry.key, Origin::operator_);
        return item && item->value == entry.value;
    };
    if (store_.active_is_durable() && std::ranges::all_of(document->entries, is_set)) {
        reply(command.id, true, "it is set so already");
        return false;
    }
    Proposal proposal{.origin = Origin::operator_, .completion = command.id};
    const auto next = overlay(store_.active(), std::span(&*document, 1), Origin::operator_);
    if (next) {
        const Settings settings = phone_.settings_with(*next);
        const auto unwelcoming = pass_.unwelcoming_servers();
        auto whose = whose_credentials(phone_.settings, settings, unwelcoming);
        if (!whose) return refuse_set(command, whose.error());
        set_words_ = std::move(*whose);
        proposal.trust =
            trust_set_by_operator(store_.record().trust, phone_.settings, settings, unwelcoming);
    }
    proposal.documents.push_back(std::move(*document));
    offered_ = std::move(proposal);
    return true;
}

void Agent::propose() {
    Proposal proposal = *std::exchange(offered_, std::nullopt);
    const RequestId completion = proposal.completion;
    if (!store_.submit(std::move(proposal)))
        reply(completion, false, "too many changes are waiting; try again");
}

// --- the ACS's view
// --------------------------------------------------------------------------------

// Changes nothing, and so waits for nothing: an operator looks while the phone does what it does.
void Agent::show_model(const Command& command) {
    if (!acs_) return reply(command.id, false, "this build has no TR-069: no ACS sees anything");
    if (state_ == LifeState::off || state_ == LifeState::starting)
        return reply(command.id, false, "the phone is just starting; try again in a moment");
    std::string_view path = command.argument;
    const std::string_view number = take_piece(path, ' ');
    uint32_t first = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), first);
    if (read.ec != std::errc() || read.ptr != number.data() + number.size())
        return reply(command.id, false, "model takes a number and a path");
    ModelListing listing = acs_->list_model(now_, path, first);
    emit(Reply{command.id, listing.found, std::move(listing.text), std::move(listing.lines)});
}

// --- a trigger -----------------------------------------------------------------------------------

// A trial asks its own server first, and is not to be cut short.
bool Agent::can_serve_trigger() const {
    if (!inbox_.trigger()) return false;
    const LifeCue its_cue = inbox_.trigger()->cue();
    return (!store_.on_trial() || its_cue == LifeCue::ask) && can_serve(its_cue);
}

void Agent::serve_trigger() {
    if (!can_serve_trigger() || inbox_.trigger_due() > now_) return;
    const LifeCue its_cue = inbox_.trigger()->cue();
    if (its_cue == LifeCue::ask) {
        journal(line(JournalKind::check_begins).with("from", inbox_.trigger()->from));
        inbox_.take_trigger(now_);
    }
    cue(its_cue);
    run();
}

// What nobody may ask for is not taken either.
void Agent::take_voice(const Command& command) {
    if (!acs_) return reply(command.id, false, "this build has no TR-069");
    const Status taken = acs_->take_voice(now_, command.argument);
    reply(command.id, taken.has_value(), taken ? "taken" : describe(taken.error()));
}

// The phone's SIP stack has accepted it: who sent it was its to judge.
void Agent::take_notify(const Command& command) {
    auto notice = read_notify(command.argument);
    if (!notice) return reply(command.id, false, notice.error().detail);
    if (phone_.once)
        return reply(command.id, false, "the agent runs one life and takes no requests");
    const std::string refusal = take_notice(std::move(*notice));
    reply(command.id, refusal.empty(), refusal.empty() ? "will be seen to" : refusal);
}

// Empty: it will be seen to; or why it is left out.
std::string Agent::take_notice(Notice&& notice) {
    if (phone_.once) return {};
    Trigger trigger{.from = std::move(notice.from)};
    std::string words = "ask its sources again";
    if (notice.kind == NotifyKind::urls && !notice.urls.empty()) {
        words = "take its configuration from " +
                masked_url(notice.urls.front(), default_scheme(phone_.settings));
        trigger.urls = std::move(notice.urls);
    } else if (notice.kind == NotifyKind::check_and_reboot) {
        const std::string obstacle = why_no_restart();
        trigger.reboot = obstacle.empty();
        words = "start again" + obstacle;
    }
    // A restart is counted by itself, in the record.
    const std::string refusal = trigger.reboot ? std::string() : count_check();
    if (!refusal.empty()) {
        words += "; " + refusal;
    } else if (notice.kind == NotifyKind::check_and_reboot && !trigger.reboot) {
        words += "; it asks its sources instead";
    }
    journal(line(JournalKind::notified).with("server", trigger.from).with("reason", words));
    if (refusal.empty()) inbox_.want(now_, std::move(trigger));
    return refusal;
}

// A server that asks for it at every start must not keep the phone from working.
std::string Agent::why_no_restart() const {
    const bool too_early = now_.since(born_) < uint64_t{limits::notify_reboot_after_s} * 1000;
    if (too_early) return ", just after a start";
    if (notify_reboots_left() > 0) return {};
    if (!state_lost_.empty()) return ", which this phone could not count";
    return ", as servers have asked " + std::to_string(limits::notify_reboots) + " times already";
}

// Empty: the phone may ask, and it is counted; or why not. Somebody waits for a phone that has no
// configuration: it may always.
std::string Agent::count_check() {
    if (store_.active().source.url.empty() || inbox_.may_check(now_)) return {};
    return "it is left out, as NOTIFYs have asked for " + std::to_string(limits::notify_checks) +
           " checks already; the next one may come in " +
           std::to_string(inbox_.next_check_s(now_)) + " s";
}

// --- DHCP and the link ---------------------------------------------------------------------------

void Agent::take_lease_news() {
    const bool changed = pass_.sources().take_lease_changed();
    const bool renewed =
        pass_.sources().take_lease_renewed() && phone_.settings.flag(Setting::dhcp_renew_check);
    const bool passing = state_ == LifeState::passing;
    const bool under_way =
        passing && (in(pass_.state()) & in(PassState::asking, PassState::judging));
    const bool over =
        state_ == LifeState::resting || (passing && pass_.state() == PassState::waiting);
    if (phone_.once || !(over || (under_way && changed)) || !(changed || renewed)) return;
    const std::string_view order = phone_.settings.get(Setting::order);
    if (order.find(source_name(SourceKind::dhcp)) == std::string_view::npos) return;
    if (!pass_.sources().why_not_asked(SourceKind::dhcp).empty()) return;
    inbox_.want(now_, {.from = changed ? "DHCP, which names other servers"
                                       : "DHCP, which renewed the lease"});
}

void Agent::take_link(const LinkChanged& link) {
    const bool moved = link.up && phone_.link_up && !(link.address == phone_.address);
    if (link.up == phone_.link_up && !moved) return;
    phone_.link_up = link.up;
    phone_.address = link.address;
    journal(line(link.up ? JournalKind::link_up : JournalKind::link_down)
                .with("interface", phone_.interface)
                .with("address", address_text(link.address)));
    if (!link.up) return;
    if (state_ != LifeState::resting || phone_.once) return cue(LifeCue::link_up);
    // A switch that restarts takes all its phones along, and they all come back at once.
    const uint32_t splay_ms = phone_.settings.number(Setting::splay) * 1000;
    inbox_.want(now_, {.from = moved ? "the network, which gave another address"
                                     : "the network, which is back",
                       .not_before = now_ + phone_.rng.below(splay_ms)});
}

}  // namespace dialtone

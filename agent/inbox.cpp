// SPDX-License-Identifier: Apache-2.0
#include "agent/inbox.h"

#include <algorithm>
#include <utility>

#include "agent/limits.h"

namespace dialtone {
namespace {

using P = PassState;
using C = LifeCue;
using N = StoreNeed;

constexpr uint32_t between_plans = in(P::idle, P::discovering, P::waiting);
constexpr uint32_t unjudged = between_plans | in(P::asking);

// clang-format off
constexpr InboxRow rows[] = {
    // cue            during a pass            store           word
    {C::ask,           in(P::idle, P::waiting), N::not_writing, "resync"},
    {C::named,         between_plans,           N::not_writing, "notify"},
    {C::restart,       between_plans,           N::steady,      "restart"},
    {C::confirm,       unjudged,                N::steady,      "confirm"},
    {C::set,           unjudged,                N::not_writing, "set"},
    {C::factory_reset, between_plans,           N::steady,      "factory-reset"},
    {C::stop,          all_states<P>(),         N::not_writing, "stop"},
};
// clang-format on

}  // namespace

const InboxRow& inbox_row(LifeCue cue) {
    return *std::ranges::find(rows, cue, &InboxRow::cue);
}

LifeCue cue_of(CommandKind kind) {
    switch (kind) {
        case CommandKind::resync:
            return C::ask;
        case CommandKind::confirm:
            return C::confirm;
        case CommandKind::set:
            return C::set;
        case CommandKind::factory_reset:
            return C::factory_reset;
        case CommandKind::stop:
            return C::stop;
        case CommandKind::notify:
        case CommandKind::voice:
        case CommandKind::model:  // none of these waits here
            return C::named;
    }
    __builtin_unreachable();
}

bool waits_in_inbox(CommandKind kind) {
    return kind != CommandKind::notify && kind != CommandKind::voice && kind != CommandKind::model;
}

LifeCue Trigger::cue() const {
    if (reboot) return C::restart;
    return urls.empty() ? C::ask : C::named;
}

void Inbox::handle(Instant, const Event& event) {
    const auto* command = std::get_if<Command>(&event);
    if (!command || !waits_in_inbox(command->kind)) return;
    if (commands_.size() < limits::commands_queued)
        return commands_.push_back({command->id, command->kind, std::string(command->argument)});
    if (command->id != 0)
        emit(Reply{command->id, false, "too many commands are waiting; try again"});
}

void Inbox::answer_all(std::string_view text, bool stops) {
    for (const PendingCommand& one : std::exchange(commands_, {})) {
        const bool ok = stops && one.kind == CommandKind::stop;
        if (one.id != 0) emit(Reply{one.id, ok, std::string(text)});
    }
}

void Inbox::want(Instant now, Trigger&& trigger) {
    trigger.not_before = std::max(trigger.not_before, now);
    if (trigger_) {
        trigger.not_before = std::min(trigger.not_before, trigger_->not_before);
        trigger.reboot = trigger.reboot || trigger_->reboot;
        if (trigger.urls.empty()) trigger.urls = std::move(trigger_->urls);
    }
    trigger_ = std::move(trigger);
    if (trigger_due() > now)
        journal(line(JournalKind::check_waits)
                    .with("wait_s", (trigger_due().since(now) + 999) / 1000)
                    .with("from", trigger_->from));
}

bool Inbox::may_check(Instant now) {
    if (trigger_) return true;
    constexpr uint64_t back_ms = uint64_t{limits::notify_check_back_s} * 1000;
    const uint64_t back = now.since(counted_) / back_ms;
    if (checks_left_ + back >= limits::notify_checks) {
        checks_left_ = limits::notify_checks;
        counted_ = now;
    } else {
        checks_left_ += static_cast<uint32_t>(back);
        counted_ = counted_ + back * back_ms;
    }
    if (checks_left_ == 0) return false;
    --checks_left_;
    return true;
}

uint32_t Inbox::next_check_s(Instant now) const {
    const Instant due = counted_ + uint64_t{limits::notify_check_back_s} * 1000;
    return static_cast<uint32_t>((due.since(now) + 999) / 1000);
}

uint32_t Inbox::gap_s() const {
    uint32_t gap_s = limits::trigger_gap_s;
    for (uint32_t times = 0; times < unopened_ && gap_s < limits::trigger_gap_most_s; ++times)
        gap_s = std::min(2 * gap_s, limits::trigger_gap_most_s);
    return gap_s;
}

Instant Inbox::trigger_due() const {
    if (!gap_begins_) return trigger_->not_before;
    return std::max(trigger_->not_before, *gap_begins_ + uint64_t{gap_s()} * 1000);
}

Trigger Inbox::take_trigger(Instant now) {
    gap_begins_ = now;
    return *std::exchange(trigger_, std::nullopt);
}

void Inbox::take_opening(Instant now, Opening opening) {
    if (opening == Opening::opened) forget_unopened();
    if (opening != Opening::failed) return;
    ++unopened_;
    gap_begins_ = now;
    journal(line(JournalKind::file_unopened)
                .with("times", unopened_)
                .with("next", "checks that no operator asks for are " + std::to_string(gap_s()) +
                                  " s apart now"));
}

}  // namespace dialtone

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
    {C::set,           unjudged,                N::any,         "set"},
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
            return C::named;
    }
    __builtin_unreachable();
}

LifeCue Trigger::cue() const {
    if (reboot) return C::restart;
    return urls.empty() ? C::ask : C::named;
}

void Inbox::handle(Instant, const Event& event) {
    const auto* command = std::get_if<Command>(&event);
    if (!command || command->kind == CommandKind::notify) return;
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
    trigger.not_before = std::max({trigger.not_before, now, triggers_from_});
    if (trigger_) {
        trigger.not_before = std::min(trigger.not_before, trigger_->not_before);
        trigger.reboot = trigger.reboot || trigger_->reboot;
        if (trigger.urls.empty()) trigger.urls = std::move(trigger_->urls);
    }
    if (trigger.not_before > now)
        journal(line(JournalKind::check_waits)
                    .with("wait_s", (trigger.not_before.since(now) + 999) / 1000)
                    .with("from", trigger.from));
    trigger_ = std::move(trigger);
}

Trigger Inbox::take_trigger(Instant now) {
    triggers_from_ = now + uint64_t{limits::trigger_gap_s} * 1000;
    return *std::exchange(trigger_, std::nullopt);
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/waiting_call.h"

#include <algorithm>
#include <utility>

#include "agent/cwmp/watch.h"
#include "agent/limits.h"

namespace dialtone {

void WaitingCall::take(Instant now, PendingCall&& call) {
    if (auto* values = std::get_if<ValuesCall>(&call)) {
        change_ = std::move(*values);
        step_ = Step::waits;
        answer_due_ = now + limits::cwmp_change_wait_ms;
        return;
    }
    change_memory(now, std::move(call));
    // A call that changes nothing, or what the disk has already, needs no disk.
    if (events_.memory() == record_.acs) return answer(now, {});
    step_ = Step::memory;
}

void WaitingCall::change_memory(Instant now, PendingCall&& call) {
    undone_ = ScheduleCall{};
    if (auto* schedule = std::get_if<ScheduleCall>(&call)) {
        events_.schedule(now, std::move(*schedule));
    } else if (auto* attributes = std::get_if<AttributesCall>(&call)) {
        AcsMemory next = events_.memory();
        std::swap(next.watched, attributes->watched);
        events_.set_memory(std::move(next));
        undone_ = std::move(*attributes);
    } else if (auto* transfer = std::get_if<TransferCall>(&call)) {
        transfers_.add(now, std::move(transfer->transfer));
        undone_ = TransferCall{};
    } else {
        auto cancel = std::move(std::get<CancelCall>(call));
        cancelled_ = transfers_.cancel(now, cancel.command_key);
        undone_ = std::move(cancel);
    }
}

void WaitingCall::undo(Instant now) {
    if (auto* attributes = std::get_if<AttributesCall>(&undone_)) {
        AcsMemory next = events_.memory();
        next.watched = std::move(attributes->watched);
        events_.set_memory(std::move(next));
    } else if (std::holds_alternative<TransferCall>(undone_)) {
        transfers_.withdraw_last();
    } else if (std::holds_alternative<CancelCall>(undone_)) {
        transfers_.restore(now, std::exchange(cancelled_, {}));
    } else {
        events_.unschedule_last();
    }
}

void WaitingCall::memory_kept(Instant now, bool kept, std::string_view reason) {
    if (step_ != Step::memory) return;
    if (kept && events_.memory() != record_.acs) return;  // the next one has it
    if (kept) return answer(now, {});
    undo(now);
    refuse(now, cpe_fault::internal_error, std::string(reason));
}

AcsMemory WaitingCall::memory_with_change() const {
    AcsMemory out = events_.memory();
    take_written(out, change_.paths);
    if (!change_.counter) return out;
    const InstanceCounter& counter = *change_.counter;
    const auto place = std::ranges::find(out.counters, counter.path, &InstanceCounter::path);
    if (place != out.counters.end()) {
        place->next = std::max(place->next, counter.next);
    } else {
        out.counters.push_back(counter);
    }
    return out;
}

AcsChange WaitingCall::take_change(std::string url, uint32_t session) {
    step_ = Step::submitted;
    answer_due_.reset();
    AcsChange change{.document = change_.change.document,
                     .url = std::move(url),
                     .is_verified = session_.is_verified(),
                     .session = session,
                     .memory = memory_with_change()};
    change.document.entries.push_back(
        {.key = std::string(parameter_key_name), .value = change_.parameter_key});
    return change;
}

bool WaitingCall::change_done(Instant now, AcsChangeOutcome&& outcome, const ModelFacts& facts) {
    if (outcome.fault != 0) {
        refuse(now, outcome.fault, std::move(outcome.reason));
        return false;
    }
    AcsMemory next = memory_with_change();
    settle_written(next, facts);
    events_.set_memory(std::move(next));
    if (!session_.is_storing()) {
        step_ = Step::nothing;
        return true;
    }
    if (!outcome.is_new || !record_.hooks_due) {
        answer(now, {.is_applied = !record_.hooks_due}, outcome.is_new);
        return false;
    }
    step_ = Step::durable;
    answer_due_ = now + limits::cwmp_hooks_wait_ms;
    return false;
}

void WaitingCall::all_told(Instant now) {
    if (step_ == Step::durable) answer(now, {.is_applied = !record_.hooks_due}, true);
}

void WaitingCall::session_is_over() {
    if (step_ != Step::submitted) step_ = Step::nothing;
    answer_due_.reset();
}

void WaitingCall::refuse(Instant now, uint32_t fault, std::string reason) {
    answer(now, {.fault = fault, .reason = std::move(reason)});
}

void WaitingCall::answer(Instant now, StoredCall stored, bool changed) {
    step_ = Step::nothing;
    answer_due_.reset();
    if (!session_.is_storing()) return;
    if (change_.counter) stored.instance = change_.counter->next - 1;
    const bool touched = changed && change_.change.touches_acs_way;
    change_ = {};
    session_.stored(now, std::move(stored), changed, touched);
}

void WaitingCall::check(Instant now) {
    if (!answer_due_ || *answer_due_ > now) return;
    if (step_ == Step::durable) return answer(now, {.is_applied = false}, true);
    refuse(now, cpe_fault::internal_error,
           "another change of the phone's configuration is under way");
}

}  // namespace dialtone

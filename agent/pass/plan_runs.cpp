// SPDX-License-Identifier: Apache-2.0
#include "agent/pass/plan_runs.h"

#include <algorithm>
#include <utility>

#include "agent/limits.h"

namespace dialtone {

PlanRuns::PlanRuns(RequestIds& ids, const PhoneFacts& phone, const WallClock& clock,
                   const Trust& trust)
    : EngineBase(ids), one_(ids, phone, clock, trust), two_(ids, phone, clock, trust) {
    drives(one_);
    drives(two_);
}

void PlanRuns::start(Instant now, Source source, const Generation& active, SipServer sip_server) {
    began_ = now;
    current_->start(now, std::move(source), active, std::move(sip_server));
}

void PlanRuns::stop(Instant now) {
    current_->stop(now);
    leave_earlier(now);
}

// --- one beside the other ------------------------------------------------------------------------

std::optional<Instant> PlanRuns::silent_at() const {
    if (has_earlier_ || current_->ready() || current_->heard()) return std::nullopt;
    return began_ + limits::url_beside_ms;
}

void PlanRuns::put_aside() {
    std::swap(current_, other_);
    earlier_began_ = began_;
    has_earlier_ = true;
}

PlanOutcome PlanRuns::take_earlier_outcome() {
    has_earlier_ = false;
    return *other_->take_outcome();
}

void PlanRuns::return_to_earlier(Instant now) {
    current_->stop(now);
    std::swap(current_, other_);
    began_ = earlier_began_;
    has_earlier_ = false;
}

void PlanRuns::leave_earlier(Instant now) {
    other_->stop(now);
    has_earlier_ = false;
}

// A server that has begun to answer is waited for as long as it goes on.
std::optional<Instant> PlanRuns::patience_ends() const {
    if (!has_earlier_ || !current_->ready() || other_->heard()) return std::nullopt;
    return earlier_began_ + limits::url_patience_ms;
}

bool PlanRuns::ready(Instant now) const {
    if (!current_->ready()) return false;
    if (!has_earlier_ || current_->has_failed()) return true;
    const auto ends = patience_ends();
    return ends && *ends <= now;
}

// --- both ----------------------------------------------------------------------------------------

ClockEvidence PlanRuns::take_clock_evidence() {
    const ClockEvidence one = one_.take_clock_evidence();
    const ClockEvidence two = two_.take_clock_evidence();
    return {std::max(one.later_than_s, two.later_than_s), std::max(one.date_s, two.date_s)};
}

void PlanRuns::handle(Instant now, const Event& event) {
    one_.handle(now, event);
    two_.handle(now, event);
}

std::optional<Instant> PlanRuns::deadline() const {
    return dialtone::earlier(dialtone::earlier(one_.deadline(), two_.deadline()), patience_ends());
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// The plan runs of a pass: the current one, and beside it perhaps an earlier one, whose URL comes
// first by the rules and is silent. As clients do with the addresses of one name (RFC 8305), nobody
// waits for a silent server before the next one is asked; but while it may still answer, what it
// has counts before what the next one has.
//
// Who calls it: pass.h, which says when the next URL is asked and what an outcome means.
#pragma once

#include <optional>

#include "agent/pass/plan_run.h"

namespace dialtone {

class PlanRuns : public EngineBase {
  public:
    // All outlive it. `trust` is the record's.
    PlanRuns(RequestIds& ids, const PhoneFacts& phone, const WallClock& clock, const Trust& trust);

    // Starts the current one anew, as PlanRun does.
    void start(Instant now, Source source, const Generation& active, SipServer sip_server);
    void stop(Instant now);
    const PlanRun& current() const { return *current_; }
    // The outcome of the current one that may be used: of a success, once no better URL can answer.
    bool ready(Instant now) const;
    PlanOutcome take_outcome() { return *current_->take_outcome(); }

    // When the current one will have been silent for limits::url_beside_ms; nothing: its server has
    // answered, or there is an earlier one already.
    std::optional<Instant> silent_at() const;
    // The current one becomes the earlier one, and the next start() is beside it.
    void put_aside();

    bool has_earlier() const { return has_earlier_; }
    const PlanRun& earlier() const { return *other_; }
    bool earlier_ready() const { return has_earlier_ && other_->ready(); }
    PlanOutcome take_earlier_outcome();
    // The current one is stopped, and the earlier one takes its place.
    void return_to_earlier(Instant now);
    // The earlier one is asked no more.
    void leave_earlier(Instant now);

    // Of both.
    ClockEvidence take_clock_evidence();

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

  private:
    std::optional<Instant> patience_ends() const;

    PlanRun one_;
    PlanRun two_;
    PlanRun* current_ = &one_;
    PlanRun* other_ = &two_;
    Instant began_ = {};  // the current one
    Instant earlier_began_ = {};
    bool has_earlier_ = false;
};

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/clock/wall_clock.h"

#include <algorithm>

#include "agent/limits.h"

namespace dialtone {

std::string_view clock_proposal_words(ClockProposal proposal) {
    switch (proposal) {
        case ClockProposal::taken:
            return "";
        case ClockProposal::before_floor:
            return "that is before what the phone has evidence for";
        case ClockProposal::after_span:
            return "that is more than 20 years after what the phone has evidence for";
        case ClockProposal::needless:
            return "a server that the phone's configuration names has shown the time already";
    }
    __builtin_unreachable();
}

ClockProposal WallClock::begin(Instant now, WallSeconds hardware_s, WallSeconds build_s,
                               WallSeconds floor_s) {
    build_s_ = build_s;
    floor_s_ = std::max(build_s, floor_s);
    set(now, floor_s_, Standing::unknown);
    return propose(now, hardware_s);
}

ClockProposal WallClock::propose(Instant now, WallSeconds wall_s) {
    const ClockProposal judgement = judge(wall_s);
    if (judgement == ClockProposal::taken) set(now, wall_s, Standing::proposed);
    return judgement;
}

ClockProposal WallClock::judge(WallSeconds wall_s) const {
    if (standing_ == Standing::proven) return ClockProposal::needless;
    if (wall_s < floor_s_) return ClockProposal::before_floor;
    const WallSeconds last_s = std::min(floor_s_ + limits::clock_span_s, limits::wall_clock_end_s);
    return wall_s > last_s ? ClockProposal::after_span : ClockProposal::taken;
}

bool WallClock::prove_later(Instant now, WallSeconds wall_s) {
    floor_s_ = std::max(floor_s_, wall_s);
    if (at(now) >= wall_s) return false;
    set(now, wall_s, standing_);
    return true;
}

bool WallClock::prove(Instant now, WallSeconds wall_s) {
    if (wall_s < floor_s_) return false;
    floor_s_ = wall_s;
    const bool other = at(now) != wall_s;
    set(now, wall_s, Standing::proven);
    return other;
}

bool WallClock::may_be_doubted(Instant now) const {
    if (standing_ == Standing::proven) return false;
    return !was_doubted_ || now.since(doubted_at_) >= uint64_t{limits::clock_doubt_s} * 1000;
}

void WallClock::doubt(Instant now) {
    was_doubted_ = true;
    doubted_at_ = now;
    standing_ = Standing::unknown;
}

void WallClock::set(Instant now, WallSeconds wall_s, Standing standing) {
    set_at_ = now;
    set_s_ = wall_s;
    standing_ = standing;
}

}  // namespace dialtone

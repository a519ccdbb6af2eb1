// SPDX-License-Identifier: Apache-2.0
//
// The time of day as the agent carries it on by itself, and the floor below which no time is
// believed. TLS, the journal and the waits of refused plans read it; everything else goes by
// Instant.
//
// The hardware's clock and time servers propose a time, and anybody on the network may be one.
// Evidence is what nobody can forge who does not own a key: the beginning of a verified
// certificate, and the date of a server that the phone's configuration names, as long as it lies
// within the time of that server's certificates. Only evidence raises the floor.
//
// The agent sets it, from the boot event, SNTP's outcome and what the pass has seen.
#pragma once

#include <cstdint>
#include <string_view>

#include "agent/instant.h"

namespace dialtone {

enum class ClockProposal : uint8_t {
    taken,
    before_floor,  // earlier than what the phone has evidence for
    after_span,    // so much later that it cannot be
    needless,      // the phone has better than that
};

// Why it was not taken, for people.
std::string_view clock_proposal_words(ClockProposal proposal);

class WallClock {
  public:
    // At the start. `build_s`: when this release was built. `floor_s`: what the record has, 0 for
    // nothing.
    ClockProposal begin(Instant now, WallSeconds hardware_s, WallSeconds build_s,
                        WallSeconds floor_s);
    // Somebody says what time it is.
    ClockProposal propose(Instant now, WallSeconds wall_s);
    // It is later than `wall_s`, or just that. Whether the phone's time is another one now.
    bool prove_later(Instant now, WallSeconds wall_s);
    bool prove(Instant now, WallSeconds wall_s);
    // A certificate has expired by this clock, which may be what is wrong. Not when it is proven,
    // or was doubted a moment ago.
    bool may_be_doubted(Instant now) const;
    void doubt(Instant now);
    // The floor is the build's time again.
    void forget_floor() { floor_s_ = build_s_; }

    WallSeconds at(Instant now) const {
        return set_s_ + static_cast<WallSeconds>(now.since(set_at_) / 1000);
    }
    WallSeconds floor_s() const { return floor_s_; }
    // Somebody has said the time, and nothing speaks against it.
    bool believed() const { return standing_ != Standing::unknown; }
    bool proven() const { return standing_ == Standing::proven; }
    bool was_doubted() const { return was_doubted_; }

  private:
    enum class Standing : uint8_t {
        unknown,  // it runs from the floor, or is doubted
        proposed,
        proven,
    };

    ClockProposal judge(WallSeconds wall_s) const;
    void set(Instant now, WallSeconds wall_s, Standing standing);

    Instant set_at_ = {};
    WallSeconds set_s_ = 0;
    WallSeconds build_s_ = 0;
    WallSeconds floor_s_ = 0;
    Standing standing_ = Standing::unknown;
    bool was_doubted_ = false;
    Instant doubted_at_ = {};
};

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// A world that also says each journal line on standard error: for a phone whose state directory
// cannot be written to, so that somebody learns what happens. All else is the other world's.
#pragma once

#include "platform/world.h"

namespace dialtone {

class JournalEcho final : public World {
  public:
    // `world` has to outlive this.
    explicit JournalEcho(World& world) : world_(world) {}

    Instant now() const override { return world_.now(); }
    void carry_out(Effect&& effect) override;
    void wait(std::optional<Instant> deadline, EventSink& sink) override {
        world_.wait(deadline, sink);
    }
    std::optional<Departure> departure() const override { return world_.departure(); }

  private:
    World& world_;
};

}  // namespace dialtone

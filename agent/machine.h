// SPDX-License-Identifier: Apache-2.0
//
// The three verbs of everything that decides: the agent and each engine inside it. A world drives
// a Machine; a Machine never calls a world, never waits and never asks for the time.
#pragma once

#include <optional>

#include "agent/effect.h"
#include "agent/event.h"
#include "agent/instant.h"

namespace dialtone {

class Machine {
  public:
    virtual ~Machine() = default;

    // Takes in what happened. `now` never goes back. next() must have been drained before.
    virtual void handle(Instant now, const Event& event) = 0;

    // The next thing wanted of the world, in order; nothing when there is none.
    virtual std::optional<Effect> next() = 0;

    // When a Wake is due at the latest; nothing: only an event can wake the machine.
    virtual std::optional<Instant> deadline() const = 0;
};

}  // namespace dialtone

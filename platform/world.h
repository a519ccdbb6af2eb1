// SPDX-License-Identifier: Apache-2.0
//
// The port: what the agent needs of a world, and all of it. platform/linux is the real one, sim/
// pretends. Porting Dialtone to another system means implementing this class; docs/porting.md
// says how. The conformance suite (tests/conformance) runs against any World.
#pragma once

#include <optional>
#include <string>

#include "agent/effect.h"
#include "agent/event.h"
#include "agent/instant.h"
#include "agent/machine.h"

namespace dialtone {

// Takes the events of a world. Called from World::wait() only; it may call World::carry_out(),
// so a world must be ready for that in the middle of wait().
class EventSink {
  public:
    virtual ~EventSink() = default;
    virtual void take(Instant now, const Event& event) = 0;
};

// How a life ended.
struct Departure {
    enum class Kind : uint8_t { exit, reboot };
    Kind kind = Kind::exit;
    uint8_t status = 0;
    std::string why = {};
    bool afresh = false;  // of a reboot: it counts as power-on
};

class World {
  public:
    virtual ~World() = default;

    // Monotonic milliseconds; 0 is power-on (not the start of this process: a provisioning reboot
    // does not set it back).
    virtual Instant now() const = 0;

    // Starts what the effect asks for and returns at once. Never calls the sink from here: the
    // answer comes out of a later wait(). Storage steps are carried out in the order they came.
    virtual void carry_out(Effect&& effect) = 0;

    // Sleeps until something happened or `deadline` is due, hands every event to `sink` (a Wake
    // for the deadline) and returns after at least one, or after a Departure.
    virtual void wait(std::optional<Instant> deadline, EventSink& sink) = 0;

    // Set once an Exit or Reboot effect was carried out and everything before it is done
    // (journal lines and replies included).
    virtual std::optional<Departure> departure() const = 0;
};

// Runs `machine` in `world` from `boot` until its departure: drains next() after every event.
Departure live(World& world, Machine& machine, const Boot& boot);

}  // namespace dialtone

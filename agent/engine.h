// SPDX-License-Identifier: Apache-2.0
//
// What every part of the agent that decides has in common: the queue of its effects, the ids of
// its requests, and the outcome its owner waits for. An engine derives from Engine<Outcome>, takes
// events in handle(), asks the world for things with emit() and says with finish() what it came to.
//
// An owner drives the engines below it: it hands events down, starts and stops them and takes their
// outcomes. Engines side by side never see one another. What an engine below asks for goes through
// its owner at once, so that effects leave in the order of the decisions.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <utility>

#include "agent/journal.h"
#include "agent/machine.h"

namespace dialtone {

// The numbers that requests and their answers carry. One counter serves all engines of an agent, so
// that no two requests of a life share one. The highest bit belongs to worlds (see Accepted).
class RequestIds {
  public:
    RequestId next();

  private:
    RequestId last_ = 0;
};

class EngineBase : public Machine {
  public:
    EngineBase(const EngineBase&) = delete;
    EngineBase& operator=(const EngineBase&) = delete;
    ~EngineBase() override = default;

    std::optional<Effect> next() final;

  protected:
    explicit EngineBase(RequestIds& ids) : ids_(ids) {}

    // Declares that this engine drives `engine`, whose effects become its own.
    void drives(EngineBase& engine) { engine.owner_ = this; }
    RequestId new_id() { return ids_.next(); }
    void emit(Effect effect);
    void journal(JournalLine& line) { emit(std::move(line)); }
    void journal(JournalLine&& line) { emit(std::move(line)); }
    // Completes an effect of this engine or of one below; the agent stamps journal lines here.
    // False: it is not to be carried out.
    virtual bool complete(Effect&) { return true; }

  private:
    RequestIds& ids_;
    EngineBase* owner_ = nullptr;
    std::list<Effect> effects_ = {};  // of the topmost one only: the others take no memory for it
};

template <typename Outcome>
class Engine : public EngineBase {
  public:
    // There is an outcome to take.
    bool ready() const { return outcome_.has_value(); }
    // Gives the outcome away, once.
    std::optional<Outcome> take_outcome() { return std::exchange(outcome_, std::nullopt); }

  protected:
    explicit Engine(RequestIds& ids) : EngineBase(ids) {}

    void finish(Outcome outcome) { outcome_ = std::move(outcome); }
    void forget_outcome() { outcome_.reset(); }

  private:
    std::optional<Outcome> outcome_ = {};
};

// The earlier of two moments of which either may not be set.
constexpr std::optional<Instant> earlier(std::optional<Instant> one, std::optional<Instant> other) {
    if (!one || !other) return one ? one : other;
    return *other < *one ? other : one;
}

// A journal line without its times, which the agent adds.
inline JournalLine line(JournalKind kind) {
    JournalLine out;
    out.kind = kind;
    return out;
}

}  // namespace dialtone

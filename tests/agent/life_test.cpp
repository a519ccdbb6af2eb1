// SPDX-License-Identifier: Apache-2.0
#include "agent/life.h"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace dialtone;

namespace {

struct Taken {
    LifeAction action;
    LifeState next;
};

Taken taken(LifeState state, LifeCue cue) {
    const LifeAction action = take_cue(state, cue);
    return {action, state};
}

}  // namespace

TEST_CASE("every state of a life can be stopped and nothing happens after that") {
    for (uint32_t i = 0; i < static_cast<uint32_t>(LifeState::count_); ++i)
        CHECK(taken(static_cast<LifeState>(i), LifeCue::stop).next == LifeState::leaving);
    for (uint32_t i = 0; i < static_cast<uint32_t>(LifeCue::count_); ++i)
        CHECK(taken(LifeState::leaving, static_cast<LifeCue>(i)).action == LifeAction::nothing);
}

TEST_CASE("a reboot follows only when the store owes nothing any more") {
    for (uint32_t i = 0; i < static_cast<uint32_t>(LifeState::count_); ++i) {
        const auto state = static_cast<LifeState>(i);
        const bool reboots = taken(state, LifeCue::leave).action == LifeAction::reboot;
        CHECK(reboots == (state == LifeState::starting || state == LifeState::changing));
    }
}

TEST_CASE("a state in which a durable change is under way takes no operator's change") {
    for (const LifeState state : {LifeState::starting, LifeState::changing}) {
        CHECK(taken(state, LifeCue::set).action == LifeAction::nothing);
        CHECK(taken(state, LifeCue::factory_reset).action == LifeAction::nothing);
    }
}

// SPDX-License-Identifier: Apache-2.0
#include "agent/life.h"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace dialtone;

TEST_CASE("every state of a life can be stopped and nothing happens after that") {
    for (uint32_t i = 0; i < static_cast<uint32_t>(LifeState::count_); ++i) {
        const auto state = static_cast<LifeState>(i);
        const LifeRow& row = life_row(state, LifeCue::stop);
        CHECK((row.stay ? state : row.next) == LifeState::leaving);
    }
    for (uint32_t i = 0; i < static_cast<uint32_t>(LifeCue::count_); ++i) {
        const LifeRow& row = life_row(LifeState::leaving, static_cast<LifeCue>(i));
        CHECK(row.action == LifeAction::nothing);
    }
}

TEST_CASE("a reboot follows only when the phone's software was told and that is recorded") {
    for (uint32_t i = 0; i < static_cast<uint32_t>(LifeState::count_); ++i) {
        const auto state = static_cast<LifeState>(i);
        const bool reboots = life_row(state, LifeCue::leave).action == LifeAction::reboot;
        CHECK(reboots == (state == LifeState::settling));
    }
}

TEST_CASE("a state in which a durable change is under way takes no operator's change") {
    for (LifeState state :
         {LifeState::loading, LifeState::marking, LifeState::turning, LifeState::applying,
          LifeState::resetting, LifeState::telling, LifeState::settling, LifeState::closing}) {
        CHECK(life_row(state, LifeCue::set).action == LifeAction::nothing);
        CHECK(life_row(state, LifeCue::factory_reset).action == LifeAction::nothing);
    }
}

// SPDX-License-Identifier: Apache-2.0
//
// The life of a phone as one table: when it may do what. How a search goes is the pass's table
// (pass/pass.h), how a change becomes durable the store's (store/config_store.h). The agent
// (agent.cpp) turns events and the outcomes of the parts it owns into cues and carries out the
// actions.
#pragma once

#include <cstdint>
#include <string_view>

#include "agent/table.h"

namespace dialtone {

enum class LifeState : uint8_t {
    off,       // before the Boot event
    starting,  // the store loads the configuration and does what the last life owed
    offline,   // no link yet
    clock,     // the wall clock is asked for
    splay,     // spread out after a power cut
    passing,   // a pass is under way
    changing,  // the store makes a change, and nobody is asked until it has made it
    resting,   // the phone has what its server offers
    leaving,   // a Reboot or Exit is on its way
    count_
};

enum class LifeCue : uint8_t {
    booted,
    ready,   // the store owes nothing: the phone can go online
    leave,   // a reboot is due
    failed,  // the change did not happen
    done,    // a change that needs no new start is over
    link_up,
    clock_ready,
    pass_over,
    answered,    // the trial's server has answered
    changed,     // the pass has a new configuration
    trial_over,  // nothing answered in the trial's time
    ask,         // the sources, from the first one on
    named,       // a server has named a URL unasked
    restart,     // a reboot that was asked for
    confirm,
    set,
    altered,  // what an operator set changes what a pass would do
    factory_reset,
    stop,  // by an operator, or --once has used its time
    count_
};

enum class LifeAction : uint8_t {
    nothing,
    load,
    go_online,
    reboot,
    rest,
    back_off,
    set_clock,
    spread,
    begin_pass,
    begin_named,
    retry_pass,
    judge,
    apply,
    go_back,
    restart,
    confirm,
    propose,
    stop_asking,
    reset,
    finish,
};

// The action of a cue, and the state after it. Called by the agent.
LifeAction take_cue(LifeState& state, LifeCue cue);
// Whether anything would happen; takes no row.
bool life_answers(LifeState state, LifeCue cue);

}  // namespace dialtone

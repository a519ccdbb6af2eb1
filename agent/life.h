// SPDX-License-Identifier: Apache-2.0
//
// The life of a phone as one table: boot, find, fetch, apply, reboot, confirm, rest. The agent
// (agent.cpp) turns events and the outcomes of its engines into cues and carries out the actions.
#pragma once

#include <cstdint>

#include "agent/table.h"

namespace dialtone {

enum class LifeState : uint8_t {
    off,          // before the Boot event
    loading,      // the generations the record names are read
    marking,      // the start of a trial life is counted
    turning,      // the record goes back to the predecessor, or gives it up
    applying,     // a new generation is written
    resetting,    // factory reset
    telling,      // the phone's software is told what changed
    settling,     // and that it was told is recorded
    offline,      // no link yet
    clock,        // the wall clock is asked for
    splay,        // spread out after a power cut
    discovering,  // a source of the chain is asked for a server
    asking,       // a plan is under way
    closing,      // what the answer means for a trial is recorded
    waiting,      // for the next try
    resting,      // the phone has what its server offers
    leaving,      // a Reboot or Exit is on its way
    count_
};

enum class LifeCue : uint8_t {
    booted,
    loaded,
    saved,  // the durable change of this state is done, or none was needed
    save_failed,
    told,
    leave,  // a reboot is due
    ready,  // nothing is owed: the phone can go online
    link_up,
    clock_ready,
    due,          // the life's own timer
    next_source,  // the next source of the chain is to be asked
    source_over,  // the source has said what it knows
    plan_over,    // all of a plan's files are here, or one of them failed it
    unheard,      // the trial's server has not answered yet
    changed,      // the plan has a new configuration
    next_url,     // this URL led nowhere
    wait,         // the same again, or the chain again, later
    rest,
    trial_over,  // nothing answered in the trial's time
    resync,
    named,    // a server has named a URL unasked
    restart,  // a reboot that was asked for
    confirm,
    set,
    factory_reset,
    stop,
    time_up,  // --once has used its time
    count_
};

enum class LifeAction : uint8_t {
    nothing,
    load,
    count_trial_start,
    tell,
    settle,
    go_on,
    reboot,
    go_online,
    set_clock,
    spread,
    begin_pass,
    ask_source,
    use_source,
    use_named,
    ask_again,
    judge,
    use_result,
    apply,
    report_apply_failure,
    report_save_failure,
    try_next_url,
    sit_out,
    rest,
    turn_back,
    confirm_trial,
    reset,
    restart,
    finish,
};

using LifeRow = Row<LifeState, LifeCue, LifeAction>;
// The row that is taken now.
const LifeRow& life_row(LifeState state, LifeCue cue);
// Whether anything would happen; takes no row.
bool life_answers(LifeState state, LifeCue cue);

}  // namespace dialtone

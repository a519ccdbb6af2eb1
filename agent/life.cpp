// SPDX-License-Identifier: Apache-2.0
#include "agent/life.h"

#include "agent/table_registry.h"

namespace dialtone {
namespace {

using S = LifeState;
using C = LifeCue;
using A = LifeAction;

// States in which the phone waits for something that may take long. Commands are taken here.
constexpr uint32_t idle =
    in(S::offline, S::clock, S::splay, S::discovering, S::waiting, S::resting);
constexpr uint32_t online = idle | in(S::asking);

// clang-format off
constexpr Row<S, C, A> rows[] = {
    // states                      cue               action                    next
    {in(S::off),                   C::booted,        A::load,                  S::loading},

    {in(S::loading),               C::loaded,        A::count_trial_start,     S::marking},

    {in(S::marking, S::turning, S::applying, S::resetting),
                                   C::saved,         A::tell,                  S::telling},
    {in(S::settling),              C::saved,         A::go_on,                 S::settling},
    {in(S::closing),               C::saved,         A::use_result,            S::closing},

    {in(S::marking),               C::save_failed,   A::report_save_failure,   S::telling},
    {in(S::turning, S::closing),   C::save_failed,   A::report_save_failure,   S::resting},
    {in(S::applying),              C::save_failed,   A::report_apply_failure,  S::resting},
    {in(S::resetting),             C::save_failed,   A::report_apply_failure,  S::resting},
    {in(S::settling),              C::save_failed,   A::go_on,                 S::settling},

    {in(S::telling),               C::told,          A::settle,                S::settling},

    {in(S::settling),              C::leave,         A::reboot,                S::leaving},
    {in(S::settling),              C::ready,         A::go_online,             S::offline},

    {in(S::offline),               C::link_up,       A::set_clock,             S::clock},
    {in(S::waiting),               C::link_up,       A::ask_again,             S::asking},
    {in(S::discovering),           C::link_up,       A::begin_pass,            S::discovering},

    {in(S::clock),                 C::clock_ready,   A::spread,                S::splay},

    {in(S::splay, S::resting),     C::due,           A::begin_pass,            S::discovering},
    {in(S::waiting),               C::due,           A::ask_again,             S::asking},

    {in(S::discovering, S::asking), C::next_source,  A::ask_source,            S::discovering},
    {in(S::discovering, S::asking), C::source_over,  A::use_source,            S::asking},

    {in(S::asking),                C::plan_over,     A::judge,                 S::closing},

    {in(S::closing),               C::unheard,       A::sit_out,               S::waiting},
    {in(S::closing),               C::changed,       A::apply,                 S::applying},
    {in(S::closing, S::asking),    C::next_url,      A::try_next_url,          S::asking},
    {in(S::closing, S::asking, S::discovering),
                                   C::wait,          A::sit_out,               S::waiting},
    {in(S::closing, S::asking, S::discovering),
                                   C::rest,          A::rest,                  S::resting},

    {online | in(S::marking, S::closing),
                                   C::trial_over,    A::turn_back,             S::turning},

    {in(S::splay, S::waiting, S::resting),
                                   C::resync,        A::begin_pass,            S::discovering},
    {in(S::splay, S::discovering, S::waiting, S::resting),
                                   C::named,         A::use_named,             S::asking},
    {idle,                         C::restart,       A::restart,               S::leaving},
    {online,                       C::confirm,       A::confirm_trial,         S::closing},
    {idle,                         C::set,           A::apply,                 S::applying},
    {idle,                         C::factory_reset, A::reset,                 S::resetting},

    {but(S::leaving),              C::stop,          A::finish,                S::leaving},
    {but(S::leaving),              C::time_up,       A::finish,                S::leaving},
};
// clang-format on
constexpr auto table =
    completed(rows, C::booted, C::loaded, C::saved, C::save_failed, C::told, C::leave, C::ready,
              C::link_up, C::clock_ready, C::due, C::next_source, C::source_over, C::plan_over,
              C::unheard, C::changed, C::next_url, C::wait, C::rest, C::trial_over, C::resync,
              C::named, C::restart, C::confirm, C::set, C::factory_reset, C::stop, C::time_up);
static_assert(is_total(table));

constexpr std::string_view state_names[] = {
    "off",     "loading",  "marking", "turning", "applying", "resetting",
    "telling", "settling", "offline", "clock",   "splay",    "discovering",
    "asking",  "closing",  "waiting", "resting", "leaving"};
constexpr std::string_view cue_names[] = {
    "booted",  "loaded",      "saved", "save failed",   "told",        "leave",     "ready",
    "link up", "clock ready", "due",   "next source",   "source over", "plan over", "unheard",
    "changed", "next url",    "wait",  "rest",          "trial over",  "resync",    "named",
    "restart", "confirm",     "set",   "factory reset", "stop",        "time up"};
constexpr std::string_view action_names[] = {"nothing",
                                             "load",
                                             "count trial start",
                                             "tell",
                                             "settle",
                                             "go on",
                                             "reboot",
                                             "go online",
                                             "set clock",
                                             "spread",
                                             "begin pass",
                                             "ask source",
                                             "use source",
                                             "use named",
                                             "ask again",
                                             "judge",
                                             "use result",
                                             "apply",
                                             "report apply failure",
                                             "report save failure",
                                             "try next url",
                                             "sit out",
                                             "rest",
                                             "turn back",
                                             "confirm trial",
                                             "reset",
                                             "restart",
                                             "finish"};
constexpr TableView view = table_view(
    {.name = "life",
     .title = "The life of a phone",
     .about = "`agent/life.cpp`. The agent turns events and its engines' outcomes into cues."},
    table, state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

}  // namespace

const LifeRow& life_row(LifeState state, LifeCue cue) {
    return row_for(table, state, cue);
}

bool life_answers(LifeState state, LifeCue cue) {
    return answers(table, state, cue);
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/life.h"

namespace dialtone {
namespace {

using S = LifeState;
using C = LifeCue;
using A = LifeAction;

template <typename... States>
constexpr uint32_t but(States... states) {
    return all_states<S>() & ~in(states...);
}

// States in which the phone waits for something that may take long. Commands are taken here.
constexpr uint32_t idle =
    in(S::offline, S::clock, S::splay, S::discovering, S::waiting, S::resting);
constexpr uint32_t online = idle | in(S::asking);

// clang-format off
constexpr LifeRow rows[] = {
    // states                      cue               action                    next
    {in(S::off),                   C::booted,        A::load,                  S::loading},
    {but(S::off),                  C::booted,        A::nothing,               S::off, true},

    {in(S::loading),               C::loaded,        A::count_trial_start,     S::marking},
    {but(S::loading),              C::loaded,        A::nothing,               S::off, true},

    {in(S::marking, S::turning, S::applying, S::resetting),
                                   C::saved,         A::tell,                  S::telling},
    {in(S::settling),              C::saved,         A::go_on,                 S::settling},
    {in(S::closing),               C::saved,         A::use_result,            S::closing},
    {but(S::marking, S::turning, S::applying, S::resetting, S::settling, S::closing),
                                   C::saved,         A::nothing,               S::off, true},

    {in(S::marking),               C::save_failed,   A::report_save_failure,   S::telling},
    {in(S::turning, S::closing),   C::save_failed,   A::report_save_failure,   S::resting},
    {in(S::applying),              C::save_failed,   A::report_apply_failure,  S::resting},
    {in(S::resetting),             C::save_failed,   A::report_apply_failure,  S::resting},
    {in(S::settling),              C::save_failed,   A::go_on,                 S::settling},
    {but(S::marking, S::turning, S::applying, S::resetting, S::settling, S::closing),
                                   C::save_failed,   A::nothing,               S::off, true},

    {in(S::telling),               C::told,          A::settle,                S::settling},
    {but(S::telling),              C::told,          A::nothing,               S::off, true},

    {in(S::settling),              C::leave,         A::reboot,                S::leaving},
    {but(S::settling),             C::leave,         A::nothing,               S::off, true},
    {in(S::settling),              C::ready,         A::go_online,             S::offline},
    {but(S::settling),             C::ready,         A::nothing,               S::off, true},

    {in(S::offline),               C::link_up,       A::set_clock,             S::clock},
    {in(S::waiting),               C::link_up,       A::ask_again,             S::asking},
    {in(S::discovering),           C::link_up,       A::begin_pass,            S::discovering},
    {but(S::offline, S::discovering, S::waiting),
                                   C::link_up,       A::nothing,               S::off, true},

    {in(S::clock),                 C::clock_ready,   A::spread,                S::splay},
    {but(S::clock),                C::clock_ready,   A::nothing,               S::off, true},

    {in(S::splay, S::resting),     C::due,           A::begin_pass,            S::discovering},
    {in(S::waiting),               C::due,           A::ask_again,             S::asking},
    {but(S::splay, S::waiting, S::resting),
                                   C::due,           A::nothing,               S::off, true},

    {in(S::discovering, S::asking), C::next_source,  A::ask_source,            S::discovering},
    {but(S::discovering, S::asking),
                                   C::next_source,   A::nothing,               S::off, true},
    {in(S::discovering, S::asking), C::source_over,  A::use_source,            S::asking},
    {but(S::discovering, S::asking),
                                   C::source_over,   A::nothing,               S::off, true},

    {in(S::asking),                C::plan_over,     A::judge,                 S::closing},
    {but(S::asking),               C::plan_over,     A::nothing,               S::off, true},

    {in(S::closing),               C::unheard,       A::sit_out,               S::waiting},
    {but(S::closing),              C::unheard,       A::nothing,               S::off, true},
    {in(S::closing),               C::changed,       A::apply,                 S::applying},
    {but(S::closing),              C::changed,       A::nothing,               S::off, true},
    {in(S::closing, S::asking),    C::next_url,      A::try_next_url,          S::asking},
    {but(S::closing, S::asking),   C::next_url,      A::nothing,               S::off, true},
    {in(S::closing, S::asking, S::discovering),
                                   C::wait,          A::sit_out,               S::waiting},
    {but(S::closing, S::asking, S::discovering),
                                   C::wait,          A::nothing,               S::off, true},
    {in(S::closing, S::asking, S::discovering),
                                   C::rest,          A::rest,                  S::resting},
    {but(S::closing, S::asking, S::discovering),
                                   C::rest,          A::nothing,               S::off, true},

    {online | in(S::marking, S::closing),
                                   C::trial_over,    A::turn_back,             S::turning},
    {all_states<S>() & ~(online | in(S::marking, S::closing)),
                                   C::trial_over,    A::nothing,               S::off, true},

    {in(S::splay, S::waiting, S::resting),
                                   C::resync,        A::begin_pass,            S::discovering},
    {but(S::splay, S::waiting, S::resting),
                                   C::resync,        A::nothing,               S::off, true},
    {in(S::splay, S::discovering, S::waiting, S::resting),
                                   C::named,         A::use_named,             S::asking},
    {but(S::splay, S::discovering, S::waiting, S::resting),
                                   C::named,         A::nothing,               S::off, true},
    {idle,                         C::restart,       A::restart,               S::leaving},
    {all_states<S>() & ~idle,      C::restart,       A::nothing,               S::off, true},
    {online,                       C::confirm,       A::confirm_trial,         S::closing},
    {all_states<S>() & ~online,    C::confirm,       A::nothing,               S::off, true},
    {idle,                         C::set,           A::apply,                 S::applying},
    {all_states<S>() & ~idle,      C::set,           A::nothing,               S::off, true},
    {idle,                         C::factory_reset, A::reset,                 S::resetting},
    {all_states<S>() & ~idle,      C::factory_reset, A::nothing,               S::off, true},

    {but(S::leaving),              C::stop,          A::finish,                S::leaving},
    {in(S::leaving),               C::stop,          A::nothing,               S::leaving},
    {but(S::leaving),              C::time_up,       A::finish,                S::leaving},
    {in(S::leaving),               C::time_up,       A::nothing,               S::leaving},
};
// clang-format on
static_assert(is_total(rows));

}  // namespace

std::span<const LifeRow> life_table() {
    return rows;
}

const LifeRow& life_row(LifeState state, LifeCue cue) {
    return row_for(rows, state, cue);
}

bool life_answers(LifeState state, LifeCue cue) {
    return look_up(std::span<const LifeRow>(rows), state, cue).action != LifeAction::nothing;
}

std::string_view name_of(LifeState state) {
    constexpr std::string_view names[] = {
        "off",     "loading",  "marking", "turning", "applying", "resetting",
        "telling", "settling", "offline", "clock",   "splay",    "discovering",
        "asking",  "closing",  "waiting", "resting", "leaving"};
    static_assert(std::size(names) == static_cast<uint32_t>(LifeState::count_));
    return names[static_cast<uint32_t>(state)];
}

std::string_view name_of(LifeCue cue) {
    constexpr std::string_view names[] = {
        "booted",  "loaded",      "saved", "save failed",   "told",        "leave",     "ready",
        "link up", "clock ready", "due",   "next source",   "source over", "plan over", "unheard",
        "changed", "next url",    "wait",  "rest",          "trial over",  "resync",    "named",
        "restart", "confirm",     "set",   "factory reset", "stop",        "time up"};
    static_assert(std::size(names) == static_cast<uint32_t>(LifeCue::count_));
    return names[static_cast<uint32_t>(cue)];
}

std::string_view name_of(LifeAction action) {
    constexpr std::string_view names[] = {"nothing",
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
    static_assert(std::size(names) == static_cast<uint32_t>(LifeAction::finish) + 1);
    return names[static_cast<uint32_t>(action)];
}

}  // namespace dialtone

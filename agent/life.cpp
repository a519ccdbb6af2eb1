// SPDX-License-Identifier: Apache-2.0
#include "agent/life.h"

#include "agent/table_registry.h"

namespace dialtone {
namespace {

using S = LifeState;
using C = LifeCue;
using A = LifeAction;

// States in which the phone is up, and can be told something.
constexpr uint32_t online = in(S::offline, S::clock, S::splay, S::passing, S::resting);
constexpr bool stay = true;

// clang-format off
constexpr Row<S, C, A> rows[] = {
    // states                             cue               action          next
    {in(S::off),                          C::booted,        A::load,        S::starting},
    {in(S::starting, S::changing),        C::ready,         A::go_online,   S::offline},
    {in(S::starting, S::changing),        C::leave,         A::reboot,      S::leaving},
    {in(S::passing, S::changing),         C::failed,        A::back_off,    S::resting},
    {in(S::changing),                     C::done,          A::rest,        S::resting},

    {in(S::offline),                      C::link_up,       A::set_clock,   S::clock},
    {in(S::passing),                      C::link_up,       A::retry_pass,  S::passing},
    {in(S::clock),                        C::clock_ready,   A::spread,      S::splay},

    {in(S::splay, S::passing, S::resting), C::ask,          A::begin_pass,  S::passing},
    {in(S::splay, S::passing, S::resting), C::named,        A::begin_named, S::passing},
    {in(S::passing),                      C::answered,      A::judge,       S::passing},
    {in(S::passing),                      C::changed,       A::apply,       S::changing},
    {in(S::passing),                      C::pass_over,     A::rest,        S::resting},

    {online,                              C::trial_over,    A::go_back,     S::changing},
    {online,                              C::restart,       A::restart,     S::changing},
    {online,                              C::confirm,       A::confirm,     S::changing},
    {online,                              C::set,           A::propose,     S{}, stay},
    {online,                              C::altered,       A::stop_asking, S::changing},
    {online,                              C::factory_reset, A::reset,       S::changing},

    {but(S::leaving),                     C::stop,          A::finish,      S::leaving},
};
// clang-format on
constexpr auto table =
    completed(rows, C::booted, C::ready, C::leave, C::failed, C::done, C::link_up, C::clock_ready,
              C::pass_over, C::answered, C::changed, C::trial_over, C::ask, C::named, C::restart,
              C::confirm, C::set, C::altered, C::factory_reset, C::stop);
static_assert(is_total(table));

constexpr std::string_view state_names[] = {"off",     "starting", "offline", "clock",  "splay",
                                            "passing", "changing", "resting", "leaving"};
constexpr std::string_view cue_names[] = {
    "booted",    "ready",    "leave",   "failed",        "done", "link up", "clock ready",
    "pass over", "answered", "changed", "trial over",    "ask",  "named",   "restart",
    "confirm",   "set",      "altered", "factory reset", "stop",
};
constexpr std::string_view action_names[] = {
    "nothing", "load",       "go online",   "reboot",      "rest",  "back off", "set clock",
    "spread",  "begin pass", "begin named", "retry pass",  "judge", "apply",    "go back",
    "restart", "confirm",    "propose",     "stop asking", "reset", "finish"};
constexpr TableView view =
    table_view({.name = "life", .title = "The life of a phone", .about = "`agent/life.cpp`."},
               table, state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

}  // namespace

LifeAction take_cue(LifeState& state, LifeCue cue) {
    const auto& row = row_for(table, state, cue);
    if (!row.stay) state = row.next;
    return row.action;
}

bool life_answers(LifeState state, LifeCue cue) {
    return answers(table, state, cue);
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/pnp_table.h"

#include <iterator>

namespace dialtone {
namespace {

using S = PnpState;
using C = PnpCue;
using A = PnpAction;

constexpr uint32_t deaf = in(S::idle, S::resolving);  // no socket, so nothing can arrive
constexpr uint32_t after = in(S::listening);

// clang-format off
constexpr PnpRow rows[] = {
    // states                        cue                  action                      next
    {all_states<S>(),                C::start,           A::look_up,                 S::resolving},

    {in(S::resolving),               C::address,         A::open,                    S::opening},
    {in(S::idle, S::opening, S::asking, S::waiting) | after,
                                     C::address,         A::nothing,                 S::idle, true},
    {in(S::resolving),               C::no_address,      A::report_no_address,       S::idle},
    {in(S::idle, S::opening, S::asking, S::waiting) | after,
                                     C::no_address,      A::nothing,                 S::idle, true},

    {in(S::opening),                 C::connected,       A::ask,                     S::asking},
    {deaf | in(S::asking, S::waiting) | after,
                                     C::connected,       A::nothing,                 S::idle, true},
    {in(S::opening, S::asking),      C::port_lost,       A::open_elsewhere,          S::opening},
    {in(S::waiting),                 C::port_lost,       A::report_no_port,          S::idle},
    {after,                          C::port_lost,       A::close,                   S::idle},
    {deaf,                           C::port_lost,       A::nothing,                 S::idle, true},
    {in(S::opening),                 C::connection_lost, A::report_no_connection,    S::idle},
    {in(S::asking),                  C::connection_lost, A::wait_without_connection, S::waiting},
    {deaf | in(S::waiting) | after,  C::connection_lost, A::nothing,                 S::idle, true},

    {in(S::asking, S::waiting),      C::accepted,        A::wait_for_notify,         S::waiting},
    {after,                          C::accepted,        A::keep_server,             S::listening},
    {deaf | in(S::opening),          C::accepted,        A::nothing,                 S::idle, true},
    {in(S::asking),                  C::declined,        A::wait_for_others,         S::waiting},
    {deaf | in(S::opening, S::waiting) | after,
                                     C::declined,        A::nothing,                 S::idle, true},

    {in(S::opening, S::asking, S::waiting),
                                     C::urls,            A::deliver,                 S::listening},
    {after,                          C::urls,            A::note,                    S::listening},
    {deaf,                           C::urls,            A::nothing,                 S::idle, true},
    {after,                          C::notice,          A::note,                    S::listening},
    {deaf | in(S::opening, S::asking, S::waiting),
                                     C::notice,          A::nothing,                 S::idle, true},

    {in(S::asking),                  C::try_due,         A::ask_again,               S::asking},
    {deaf | in(S::opening, S::waiting) | after,
                                     C::try_due,         A::nothing,                 S::idle, true},
    {in(S::resolving),               C::time_up,         A::report_no_address,       S::idle},
    {in(S::opening),                 C::time_up,         A::report_no_connection,    S::idle},
    {in(S::asking, S::waiting),      C::time_up,         A::end_window,              S::listening},
    {after,                          C::time_up,         A::close,                   S::idle},
    {in(S::idle),                    C::time_up,         A::nothing,                 S::idle},

    {in(S::resolving, S::opening, S::asking, S::waiting) | after,
                                     C::stop,            A::close,                   S::idle},
    {in(S::idle),                    C::stop,            A::nothing,                 S::idle},
};
// clang-format on
static_assert(is_total(rows));

}  // namespace

std::span<const PnpRow> pnp_table() {
    return rows;
}

const PnpRow& pnp_row(PnpState state, PnpCue cue) {
    return row_for(rows, state, cue);
}

std::string_view name_of(PnpState state) {
    constexpr std::string_view names[] = {"idle",   "resolving", "opening",
                                          "asking", "waiting",   "listening"};
    static_assert(std::size(names) == static_cast<uint32_t>(S::count_));
    return names[static_cast<uint32_t>(state)];
}

std::string_view name_of(PnpCue cue) {
    constexpr std::string_view names[] = {"start",     "address",         "no address", "connected",
                                          "port lost", "connection lost", "accepted",   "declined",
                                          "URLs",      "notice",          "try due",    "time up",
                                          "stop"};
    static_assert(std::size(names) == static_cast<uint32_t>(C::count_));
    return names[static_cast<uint32_t>(cue)];
}

std::string_view name_of(PnpAction action) {
    constexpr std::string_view names[] = {"nothing",
                                          "look up",
                                          "open",
                                          "open elsewhere",
                                          "ask",
                                          "ask again",
                                          "wait for a NOTIFY",
                                          "wait for others",
                                          "wait without connection",
                                          "keep server",
                                          "deliver",
                                          "note",
                                          "report no address",
                                          "report no connection",
                                          "report no port",
                                          "end window",
                                          "close"};
    static_assert(std::size(names) == static_cast<uint32_t>(A::close) + 1);
    return names[static_cast<uint32_t>(action)];
}

}  // namespace dialtone

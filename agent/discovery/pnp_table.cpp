// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/pnp_table.h"

#include "agent/table_registry.h"

namespace dialtone {
namespace {

using S = PnpState;
using C = PnpCue;
using A = PnpAction;

// clang-format off
constexpr Row<S, C, A> rows[] = {
    // states                        cue                  action                      next
    {all_states<S>(),                C::start,           A::look_up,                 S::resolving},

    {in(S::resolving),               C::address,         A::open,                    S::opening},
    {in(S::resolving),               C::no_address,      A::report_no_address,       S::idle},

    {in(S::opening),                 C::connected,       A::ask,                     S::asking},
    {in(S::opening, S::asking),      C::port_lost,       A::open_elsewhere,          S::opening},
    {in(S::asking),                  C::port_broke,      A::nothing,                 S::asking},
    {in(S::waiting),                 C::port_broke,      A::report_no_port,          S::idle},
    {in(S::listening),               C::port_broke,      A::close,                   S::idle},
    {in(S::opening),                 C::connection_lost, A::report_no_connection,    S::idle},
    {in(S::asking),                  C::connection_lost, A::wait_without_connection, S::waiting},

    {in(S::asking, S::waiting),      C::accepted,        A::wait_for_notify,         S::waiting},
    {in(S::listening),               C::accepted,        A::keep_server,             S::listening},
    {in(S::asking),                  C::declined,        A::wait_for_others,         S::waiting},

    {in(S::opening, S::asking, S::waiting),
                                     C::urls,            A::deliver,                 S::listening},
    {in(S::listening),               C::urls,            A::note,                    S::listening},
    {in(S::listening),               C::notice,          A::note,                    S::listening},

    {in(S::asking),                  C::try_due,         A::ask_again,               S::asking},
    {in(S::resolving),               C::time_up,         A::report_no_address,       S::idle},
    {in(S::opening),                 C::time_up,         A::report_no_connection,    S::idle},
    {in(S::asking, S::waiting),      C::time_up,         A::end_window,              S::listening},
    {in(S::listening),               C::time_up,         A::close,                   S::idle},

    {but(S::idle),                   C::stop,            A::close,                   S::idle},
};
// clang-format on
constexpr auto table = completed(rows, C::address, C::no_address, C::connected, C::port_lost,
                                 C::port_broke, C::connection_lost, C::accepted, C::declined,
                                 C::urls, C::notice, C::try_due, C::time_up, C::stop);
static_assert(is_total(table));

constexpr std::string_view state_names[] = {"idle",   "resolving", "opening",
                                            "asking", "waiting",   "listening"};
constexpr std::string_view cue_names[] = {
    "start",    "address",  "no address", "connected", "port lost", "port broke", "connection lost",
    "accepted", "declined", "URLs",       "notice",    "try due",   "time up",    "stop"};
constexpr std::string_view action_names[] = {"nothing",
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
constexpr TableView view =
    table_view({.name = "pnp",
                .title = "SIP plug and play",
                .about = "`agent/discovery/pnp_table.cpp`, the engine is `pnp.cpp`."},
               table, state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

}  // namespace

const PnpRow& pnp_row(PnpState state, PnpCue cue) {
    return row_for(table, state, cue);
}

}  // namespace dialtone

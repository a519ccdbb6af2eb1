// SPDX-License-Identifier: Apache-2.0
//
// The state machine of SIP plug and play as a table, for the engine (pnp.cpp).
#pragma once

#include <cstdint>

#include "agent/table.h"

namespace dialtone {

enum class PnpState : uint8_t {
    idle,
    resolving,  // the server's name
    opening,    // the port, and over TCP the connection
    asking,     // requests go out
    waiting,    // no more requests; a NOTIFY may come
    listening,  // the window is over; a NOTIFY may still come
    count_
};

enum class PnpCue : uint8_t {
    start,
    address,
    no_address,
    connected,        // over UDP: the port is open
    port_lost,        // the port that is listened on is taken, or over TCP broke
    port_broke,       // over UDP: it was open, and then the network failed it
    connection_lost,  // ours to the server, or it could not be made
    accepted,         // 2xx
    declined,         // 500
    urls,             // a NOTIFY whose URLs count
    notice,           // a NOTIFY whose sender may say so, without URLs or after the window
    try_due,          // time for the next request
    time_up,
    stop,
    count_
};

enum class PnpAction : uint8_t {
    nothing,
    look_up,
    open,
    open_elsewhere,
    ask,
    ask_again,
    wait_for_notify,
    wait_for_others,
    wait_without_connection,
    keep_server,
    deliver,
    note,
    report_no_address,
    report_no_connection,
    report_no_port,
    end_window,
    close,
};

using PnpRow = Row<PnpState, PnpCue, PnpAction>;
// The row the engine takes on `cue` in `state`.
const PnpRow& pnp_row(PnpState state, PnpCue cue);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// A phone that is a process: for servers' developers, laboratories and tests. It has the MAC
// address it is told, gets its power when the program starts and restarts without its machine.
#include "platform/boards/board.h"

namespace dialtone {

constexpr Board virtual_board = {
    .name = "virtual",
    .words = "a phone that is a process; it needs --mac and --interface",
    .default_interface = {},
    .mac = nullptr,
    .state_lasts = true,  // a restart is one of the process, which a file in memory outlives, too
    .start = nullptr,
    .announce_restart = nullptr,
    .restart = nullptr,
};

}  // namespace dialtone

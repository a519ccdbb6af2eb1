// SPDX-License-Identifier: Apache-2.0
//
// What the phone knows of its own start. Asked of the board by the daemon's parent process, and
// carried over a restart of the machine by restart_note.cpp.
#pragma once

#include <cstdint>

#include "agent/event.h"

namespace dialtone {

// Why the phone runs, and how often it restarted by itself since it got its power.
struct PhoneStart {
    ResetCause reset_cause = ResetCause::power_on;
    uint32_t provisioning_reboots = 0;
};

}  // namespace dialtone

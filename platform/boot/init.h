// SPDX-License-Identifier: Apache-2.0
//
// The Linux machine under a phone: which of its boots this is, and its restart in good order.
// Called by the boards that own their machine.
#pragma once

#include <string>

#include "agent/result.h"

namespace dialtone {

// What the kernel calls this boot (random(4), boot_id): another text after each start of the
// machine. Empty when the system does not say.
std::string boot_id();

// Has init restart the machine, as reboot(8) does: programs get SIGTERM and file systems are
// synced. Returns when init was told. Errors: io, with why reboot(8) could not be run or what it
// ended with.
Status restart_by_init();

}  // namespace dialtone

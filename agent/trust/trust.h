// SPDX-License-Identifier: Apache-2.0
//
// What the phone has learnt whom to trust, as the record keeps it: the pin, the servers its user
// and password are meant for, and the time before which no clock is believed.
#pragma once

#include <vector>

#include "agent/instant.h"
#include "agent/trust/pin.h"
#include "agent/trust/server_name.h"

namespace dialtone {

struct Trust {
    Pin pin = {};
    std::vector<ServerName> credential_servers = {};  // at most limits::credential_servers
    WallSeconds floor_s = 0;                          // 0: the build's time
    bool operator==(const Trust&) const = default;
};

}  // namespace dialtone

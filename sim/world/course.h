// SPDX-License-Identifier: Apache-2.0
//
// The course of a transfer: what a client makes of a server that answers like this. A model of the
// Linux world's transfers (libcurl for HTTP, RFC 9110 to 9112; its FTP client, RFC 959, 2428, 3659
// and 4217), which the conformance suite holds to the same sequences of events.
//
// Who calls it: World::start.
#pragma once

#include <cstdint>
#include <string>

#include "agent/effect.h"
#include "sim/servers/web.h"

namespace dialtone::sim {

struct Course {
    // Comes first, unless the transfer fails before it.
    bool has_head = true;
    uint16_t status = 200;
    int64_t content_length = -1;
    bool tls_verified = false;
    // Then so many bytes of the answer's body; UINT64_MAX: without end.
    uint64_t body_bytes = 0;
    // The server falls silent before the head, or after so many bytes of the body, until it is told
    // to go on, if ever.
    bool stalls_before_head = false;
    int64_t stalls_after = -1;
    // How it ends, after so long.
    bool fails = false;
    TransferFault fault = TransferFault::broken;
    std::string words = {};
    uint32_t fails_after_ms = 1;
    // The connection serves the next file of the same server.
    bool keeps_connection = false;
};

Course course_of(const StartTransfer& request, const Answer& answer);

}  // namespace dialtone::sim

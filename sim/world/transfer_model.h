// SPDX-License-Identifier: Apache-2.0
//
// What an HTTP or FTP client makes of an answer, as the events of one transfer. A model of the
// Linux world's transfers: libcurl for HTTP (RFC 9110 to 9112), our own client for FTP (RFC 959,
// 2428, 3659 and 4217). The conformance suite holds both to the same sequences of events.
//
// Who calls it: World, when the agent starts a transfer.
#pragma once

#include <cstdint>
#include <string>

#include "agent/effect.h"
#include "sim/servers/web.h"

namespace dialtone::sim {

struct TransferModel {
    // The head comes first, unless the transfer fails before it.
    bool has_head = true;
    uint16_t status = 200;
    int64_t content_length = -1;
    ContentRange range = {};
    bool is_decoded = false;  // the body comes out of a coding, whose tag and date are not told
    bool tls_verified = false;
    // Then come so many bytes of the answer's body; UINT64_MAX: without end.
    uint64_t body_bytes = 0;
    // So long the server takes before it, beside what every answer takes.
    uint32_t login_ms = 0;
    // The server sends nothing before the head, or nothing after so many bytes of the body, until
    // World::resume_stalled_transfers().
    bool stalls_before_head = false;
    int64_t stalls_after = -1;
    // Whether it ends in a failure, which, with what reason and how long after the start.
    bool fails = false;
    TransferFault fault = TransferFault::broken;
    std::string reason = {};
    uint32_t fails_after_ms = 1;
    // The connection serves the next file of the same server.
    bool keeps_connection = false;
};

TransferModel model_transfer(const StartTransfer& request, const Answer& answer);

}  // namespace dialtone::sim

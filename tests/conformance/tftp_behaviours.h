// SPDX-License-Identifier: Apache-2.0
//
// The conformance suite's TFTP list. TFTP is the agent's own engine over datagrams, so what a world
// is held to is what that engine makes of a server through it: the list plays the agent's Download
// on the world and demands its outcomes, one after the other, in this form, joined by ", ":
//     body N | absent | withheld | refused | unreachable    [unanswered]
// The servers are those of the simulator (sim/servers/tftp_server); a real world meets the same
// ones over real sockets.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sim/servers/tftp_server.h"

namespace dialtone::conformance {

struct TftpBehaviour {
    std::string_view name;

    uint32_t files = 1;          // asked for, one after another
    uint32_t body_bytes = 3000;  // of each
    int32_t error = -1;          // the server answers with this ERROR instead
    bool is_down = false;        // nobody listens
    sim::TftpServerBehaviour server = {};
    // The sink has room for sink_bytes and keeps what it holds so long after it came; 0: at once,
    // never: UINT32_MAX.
    uint32_t sink_bytes = 64 * 1024;
    uint32_t keeps_after_ms = 0;
    // So many times faster than it is, for engine and server alike: nobody wants to wait for the
    // end of a real server's patience.
    uint32_t speed_up = 1;

    std::string_view expected = {};
    std::string_view says = {};  // a part of the last outcome's reason
    uint32_t requests = 1;       // seen by the server; 0: does not matter
    // Codes that the server is told in the end, joined by ' '; "any" does not matter.
    std::string_view errors = {};
};

std::span<const TftpBehaviour> tftp_behaviours();

// The behaviour of that name, null when there is none.
const TftpBehaviour* tftp_behaviour_called(std::string_view name);

inline constexpr char tftp_file[] = "gs/cfg000b82273b89.xml";

// What the server has under tftp_file.
std::string tftp_body(uint32_t bytes);

}  // namespace dialtone::conformance

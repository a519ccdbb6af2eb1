// SPDX-License-Identifier: Apache-2.0
//
// The SUBSCRIBE of SIP plug and play, out of a profile's template (PnpForm of agent/profile.h).
// Called by the plug and play engine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/discovery/pnp.h"
#include "agent/rng.h"

namespace dialtone {

// What makes one request and its repetitions different from all others.
struct PnpCall {
    std::string branch = {};  // begins with z9hG4bK, RFC 3261 8.1.1.7
    std::string tag = {};
    std::string number = {};  // of the Call-ID, decimal
};

PnpCall draw_call(Rng& rng);

struct PnpParties {
    Address own_address = {};
    uint16_t own_port = 0;
    std::string server = {};  // as it was asked for
    Address server_address = {};
    uint16_t server_port = 0;
    PnpTransport transport = PnpTransport::udp;
};

// The whole request with CR LF and the blank line, at most limits::pnp_request_bytes: a model or
// version over limits::pnp_name_bytes is cut, and for a server's name over limits::pnp_host_bytes
// stands its address. `user` is a template, too. Control characters in what is filled in are left
// out.
std::string subscribe_text(std::string_view form, std::string_view user, const Identity& identity,
                           const PnpParties& parties, const PnpCall& call);

}  // namespace dialtone

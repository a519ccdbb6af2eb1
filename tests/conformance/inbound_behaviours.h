// SPDX-License-Identifier: Apache-2.0
//
// The conformance suite's second list: what a client may say to the phone's HTTP port, as data, and
// what a world must make of it. Clients are described in the simulator's own terms
// (sim/servers/http_client.h): the simulator plays them by its model, and a client with real
// sockets plays them to platform/linux.
//
// The expected sequence is text, its items separated by ", ":
//     request METHOD TARGET [host HOST] [auth TEXT] [type TYPE] [body N]     told to the agent
//     answer STATUS [body N]                                                 heard by the client
//     closed                                                                 the same
//     failed                                                                 the port is gone
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sim/servers/http_client.h"

namespace dialtone::conformance {

// How the agent takes a request.
enum class AgentManner : uint8_t {
    answers,  // at once
    never_answers,
    closes_port,  // instead of answering
    answers_twice,
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct InboundBehaviour {
    std::string_view name;
    std::vector<sim::ClientRequest> requests = {};
    bool pipelined = false;         // all at once, before any answer
    uint32_t idle_connections = 0;  // that others hold, and say nothing on
    AgentManner agent = AgentManner::answers;
    uint16_t status = 204;  // of its reply
    uint32_t body_bytes = 0;
    bool closes = false;
    // The end may take until the world's patience is over. Otherwise what follows silence is not
    // waited for.
    bool is_slow = false;
    std::string_view expected = {};
    std::string_view real_only = {};  // why the simulator does not play it; empty: it does
};

std::span<const InboundBehaviour> inbound_behaviours();

// Null when there is none of that name.
const InboundBehaviour* inbound_behaviour_called(std::string_view name);

}  // namespace dialtone::conformance

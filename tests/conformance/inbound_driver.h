// SPDX-License-Identifier: Apache-2.0
//
// Plays one behaviour of the list of clients against a world, as the agent in it, and writes down
// what came of it. Knows the port only: a fixture brings the world and the client.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/world.h"
#include "tests/conformance/inbound_behaviours.h"

namespace dialtone::conformance {

// How long the worlds of these tests wait, in place of seconds.
inline constexpr uint32_t short_patience_ms = 400;

class InboundFixture {
  public:
    virtual ~InboundFixture() = default;

    virtual World& world() = 0;
    virtual uint16_t port() const = 0;

    // The client of the behaviour, or one of those that only hold a connection.
    virtual void connect(bool is_idle) = 0;
    virtual void send(const sim::ClientRequest& request) = 0;
    // What the client has heard and not told yet.
    virtual std::optional<sim::ClientNews> next() = 0;
};

// In the form of InboundBehaviour::expected.
std::string observe(InboundFixture& fixture, const InboundBehaviour& behaviour);

}  // namespace dialtone::conformance

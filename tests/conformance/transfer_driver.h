// SPDX-License-Identifier: Apache-2.0
//
// Plays one behaviour of the list against a world and writes down what the world made of it.
// Knows the port only: a fixture brings the world and the server that belongs to it.
#pragma once

#include <cstdint>
#include <string>

#include "platform/world.h"
#include "tests/conformance/behaviours.h"

namespace dialtone::conformance {

// A world with a server that behaves as it was told.
class WorldFixture {
  public:
    virtual ~WorldFixture() = default;

    virtual World& world() = 0;
    virtual std::string url() const = 0;
    // The files for the behaviour's trust and client certificate; `verify` is set already.
    virtual void fill_tls(TlsPolicy& tls) const = 0;

    // Ends one wait of the server.
    virtual void go_on() = 0;
    // Nothing more will come before go_on(), more credit, or transfer number `transfers` + 1.
    virtual bool server_is_idle(uint32_t transfers) const = 0;

    virtual uint32_t connections() const = 0;
    virtual uint32_t requests_seen() const = 0;
    // As Behaviour::seen.
    virtual std::string last_request() const = 0;
};

struct Observation {
    std::string sequence = {};  // in the form of Behaviour::expected
    std::string reason = {};    // of the last failure
};

Observation observe(WorldFixture& fixture, const Behaviour& behaviour);

}  // namespace dialtone::conformance

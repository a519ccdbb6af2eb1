// SPDX-License-Identifier: Apache-2.0
//
// Plays one behaviour of the TFTP list: the agent's Download on top of a world, in whose network
// the behaviour's server stands. Knows the port only.
#pragma once

#include <cstdint>
#include <string>

#include "platform/world.h"
#include "tests/conformance/tftp_behaviours.h"

namespace dialtone::conformance {

class TftpFixture {
  public:
    virtual ~TftpFixture() = default;

    virtual World& world() = 0;
    virtual std::string server() const = 0;  // as it stands in a URL: name or address, port

    // Of the server, up to now.
    virtual uint32_t requests() const = 0;
    virtual std::string errors() const = 0;  // in the form of TftpBehaviour::errors
};

struct TftpObservation {
    std::string sequence = {};  // in the form of TftpBehaviour::expected
    std::string reason = {};    // of the last outcome
    uint32_t requests = 0;
    std::string errors = {};
};

TftpObservation observe(TftpFixture& fixture, const TftpBehaviour& behaviour);

// The behaviour that the running test case is named by, observed and compared.
void check_tftp(TftpFixture& fixture, const TftpBehaviour& behaviour);

}  // namespace dialtone::conformance

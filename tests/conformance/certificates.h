// SPDX-License-Identifier: Apache-2.0
//
// The certificates of tests/data/tls, described as the simulator describes certificates, so that
// one description serves its model of TLS and a real server, which needs the file.
#pragma once

#include <string>

#include "sim/servers/web.h"

namespace dialtone::conformance {

// The files an authority is known by, without their folder.
inline constexpr char authority_file[] = "authority.pem";
inline constexpr char self_signed_file[] = "alone.pem";

sim::Certificate good_certificate();         // for server.test and 127.0.0.1, by the authority
sim::Certificate self_signed_certificate();  // for the same, by itself
sim::Certificate other_certificate();        // for other.test, by the authority

// The file that has the certificate, without ".pem"; its key is beside it, in ".key". Empty when
// there is no such file.
std::string file_of_certificate(const sim::Certificate& certificate);

}  // namespace dialtone::conformance

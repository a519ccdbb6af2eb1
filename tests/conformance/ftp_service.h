// SPDX-License-Identifier: Apache-2.0
//
// The FTP server (RFC 959) of the misbehaving server: one session at a time, one file whose name
// does not matter, passive data connections only. Called in its process.
#pragma once

#include "tests/conformance/behaviours.h"
#include "tests/conformance/misbehaving_server.h"

namespace dialtone::conformance {

// Until the process ends. `go_on` is the eventfd that ends one wait.
void serve_ftp(const Behaviour& behaviour, ServerLog& log, int go_on, int listener);

}  // namespace dialtone::conformance

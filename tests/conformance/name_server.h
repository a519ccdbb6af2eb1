// SPDX-License-Identifier: Apache-2.0
//
// A name server on the loopback (RFC 1035) that knows one name, "server.test", as 127.0.0.1, and
// denies all others; or one that never answers.
#pragma once

#include <cstdint>
#include <string>

#include "platform/common/descriptor.h"
#include "tests/conformance/child_process.h"

namespace dialtone::conformance {

class NameServer {
  public:
    // False when the system refuses.
    bool open(bool is_mute);

    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  private:
    Descriptor socket_ = {};
    uint16_t port_ = 0;
    ChildProcess process_ = {};
};

}  // namespace dialtone::conformance

// SPDX-License-Identifier: Apache-2.0
//
// The simulator's TFTP server behind real sockets on the loopback, as a process of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "platform/common/descriptor.h"
#include "tests/conformance/child_process.h"
#include "tests/conformance/tftp_behaviours.h"

namespace dialtone::conformance {

// What the two processes share.
struct TftpLog {
    std::atomic<uint32_t> requests;
    std::atomic<uint32_t> error_count;
    std::atomic<uint16_t> errors[16];  // the first ones
};

class TftpService {
  public:
    TftpService();
    ~TftpService();
    TftpService(const TftpService&) = delete;
    TftpService& operator=(const TftpService&) = delete;

    // `behaviour` has to outlive this. False when the system refuses.
    bool open(const TftpBehaviour& behaviour);

    uint16_t port() const { return port_; }
    uint32_t requests() const { return log_->requests; }
    std::string errors() const;

  private:
    TftpLog* log_ = nullptr;
    Descriptor known_ = {};  // what is port 69 to the server
    uint16_t port_ = 0;
    ChildProcess process_ = {};
};

}  // namespace dialtone::conformance

// SPDX-License-Identifier: Apache-2.0
//
// A web or FTP server on the loopback that does what a behaviour of the list says, with real
// sockets, as a process of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "platform/common/descriptor.h"
#include "tests/conformance/behaviours.h"
#include "tests/conformance/child_process.h"

namespace dialtone::conformance {

// What the two processes share.
struct ServerLog {
    std::atomic<uint32_t> connections;
    std::atomic<uint32_t> requests;
    std::atomic<uint32_t> answers;          // whole ones, a challenge that is answered not counted
    std::atomic<bool> waits;                // for go_on()
    std::atomic<bool> is_blocked;           // the client takes nothing
    char last_request[4096];                // its head, to be read after its answer has come
    std::atomic<uint32_t> last_body_bytes;  // of it, as far as they were those of the suite
};

class MisbehavingServer {
  public:
    MisbehavingServer();
    ~MisbehavingServer();
    MisbehavingServer(const MisbehavingServer&) = delete;
    MisbehavingServer& operator=(const MisbehavingServer&) = delete;

    // Listens and starts to serve. `behaviour` has to outlive the server. False when the system
    // refuses.
    bool open(const Behaviour& behaviour);

    uint16_t port() const { return port_; }
    void go_on();
    const ServerLog& log() const { return *log_; }
    std::string last_request() const { return log_->last_request; }

  private:
    bool listen(sim::Reachability reachability);

    ServerLog* log_ = nullptr;
    Descriptor go_on_ = {};
    Descriptor listener_ = {};
    Descriptor fillers_[2] = {};  // fill the queue of a listener that takes no connection
    uint16_t port_ = 0;
    ChildProcess process_ = {};
};

}  // namespace dialtone::conformance

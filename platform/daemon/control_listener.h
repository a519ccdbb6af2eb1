// SPDX-License-Identifier: Apache-2.0
//
// The daemon's end of the control socket (control.h says what is spoken on it): bound once by the
// parent process and kept over provisioning reboots, so that a client who comes during one waits
// instead of failing. The parent itself is a client too: that is how it tells the agent to leave.
// Called by dialtoned.cpp and supervisor.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/result.h"
#include "platform/common/descriptor.h"

namespace dialtone {

class ControlListener {
  public:
    // Listens at `path` (mode 0600, owned by `owner` if one is given). The caller holds the state
    // directory's lock, so a socket that is there is a dead daemon's and is replaced; nothing else
    // is. Errors: io, too_big; in words that name the path.
    static Result<ControlListener> at(const std::string& path, std::optional<uint32_t> owner);

    // Listens where no operator can reach it, for a system without a runtime directory. Errors: io.
    static Result<ControlListener> unreachable();

    int descriptor() const { return socket_.get(); }

    // Connects to the agent and sends "stop". The answer is not read. The command is withdrawn if
    // the result is closed before the agent has left. Errors: io.
    Result<Descriptor> say_stop() const;

    // Removes the socket's name. Called by the process that made the listener, at its end.
    void remove();

  private:
    Descriptor socket_ = {};
    std::string path_ = {};  // empty: unreachable
};

}  // namespace dialtone

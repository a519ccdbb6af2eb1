// SPDX-License-Identifier: Apache-2.0
//
// The agent: takes a phone from power-on to dial tone and keeps it there. It owns the engines
// (time, fetch, commit), the chain of sources and the generations, and is itself a Machine that a
// world drives. One Agent lives from one boot to the next.
//
// Who calls it: platform/daemon/dialtoned.cpp through live(), the simulator, the tests.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/machine.h"
#include "agent/profile.h"
#include "agent/settings.h"

namespace dialtone {

struct AgentOptions {
    const Profile* profile = nullptr;
    Identity identity = {};
    std::string interface = {};  // for the journal's words
    // The layers command_line and file are filled; the agent adds the others.
    Settings settings = {};
    bool once = false;        // one life, then Exit
    WallSeconds floor_s = 0;  // no clock reading before this is believed: the build's time
};

// How a life with --once ends; the process's exit status.
enum class Verdict : uint8_t {
    provisioned = 0,  // applied or found unchanged, and confirmed
    bad_usage = 2,
    no_source = 3,    // nothing gave a URL, or no file of the plan exists
    not_applied = 4,  // a URL was there and nothing could be applied
    rolled_back = 5,  // applied, and the predecessor had to return
};

class AgentState;
class RequestIds;

class Agent : public Machine {
  public:
    explicit Agent(AgentOptions options);
    ~Agent() override;
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;

    void handle(Instant now, const Event& event) override;
    std::optional<Effect> next() override;
    std::optional<Instant> deadline() const override;

  private:
    std::unique_ptr<RequestIds> ids_;
    std::unique_ptr<AgentState> state_;
};

}  // namespace dialtone

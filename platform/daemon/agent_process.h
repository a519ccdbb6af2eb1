// SPDX-License-Identifier: Apache-2.0
//
// What the agent's process does from fork() to its end: it gives up privileges, reads what the
// agent has to know at boot, makes the Linux world and lives one life in it.
// Called by supervisor.cpp, made by dialtoned.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/common/lease_file.h"
#include "platform/common/state_directory.h"
#include "platform/daemon/account.h"
#include "platform/daemon/control_listener.h"
#include "platform/daemon/options.h"
#include "platform/daemon/supervisor.h"

namespace dialtone {

struct AgentSetup {
    const DaemonOptions* options = nullptr;  // with the layer `file` filled
    std::string settings_error = {};
    StateDirectory* state = nullptr;
    ControlListener* listener = nullptr;
    std::optional<Account> account = {};  // nothing: stays who it is
    uint64_t power_on_ms = 0;             // CLOCK_MONOTONIC at power-on
    std::string runtime_directory = {};   // where the lease files are
};

class AgentLife final : public AgentProcess {
  public:
    explicit AgentLife(AgentSetup setup) : setup_(std::move(setup)) {}

    int live(const AgentStart& start) override;
    void forget() override;

  private:
    Status drop_privileges() const;
    std::vector<LeaseRecord> find_leases() const;
    std::string_view lost_words() const;
    int live_in_world(const AgentStart& start, std::vector<LeaseRecord>&& leases);

    AgentSetup setup_;
};

}  // namespace dialtone

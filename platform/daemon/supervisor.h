// SPDX-License-Identifier: Apache-2.0
//
// The small parent process. It starts the agent's process by fork() alone, so that a reboot costs
// no dynamic linking; it has the board restart the machine, or plays that restart on a board that
// has none of its own, starts the agent again after a crash, hands its hooks to a process of their
// own and passes SIGTERM and SIGINT on as a `stop` command, so that the agent leaves in good order.
//
// Called by dialtoned.cpp, and by its test with a fake agent.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "agent/event.h"
#include "platform/boards/board.h"
#include "platform/common/descriptor.h"
#include "platform/daemon/control_listener.h"
#include "platform/linux/hooks.h"

namespace dialtone {

// What one start of the agent's process has to know.
struct AgentStart {
    PhoneStart phone = {};
    int hook_socket = -1;  // the agent's end, its own to close
};

// What the agent's process does; dialtoned's and a test's.
class AgentProcess {
  public:
    virtual ~AgentProcess() = default;

    // Called in the new process, whose signals SIGTERM, SIGINT, SIGHUP and SIGCHLD are blocked. The
    // process ends with what it returns: the status of an Exit effect, or agent_wants_*.
    virtual int live(const AgentStart& start) = 0;

    // Called in the process that runs hooks: closes what only the agent's process uses.
    virtual void forget() {}
};

// The statuses an agent's process can leave with in good order are those of Verdict and these.
inline constexpr int agent_wants_reboot = 64;
inline constexpr int agent_wants_restart = 65;  // a reboot that was asked for: a new power-on

struct SupervisorPlan {
    bool once = false;               // a crash ends everything
    uint32_t crash_wait_ms = 1'000;  // before the agent is started again, doubled each time
    uint32_t crash_wait_cap_ms = 60'000;
    uint32_t calm_ms = 600'000;             // after a life this long crashes count from 0 again
    uint32_t stop_patience_ms = 10'000;     // from `stop` to SIGKILL
    uint32_t restart_patience_ms = 60'000;  // from asking init to the SIGTERM it sends
    const Board* board = &virtual_board;
    int state_directory = -1;  // the board's notes are there
    HookService hooks = {};    // its helper, if there is one, restarts the machine as well
};

class Supervisor {
  public:
    // `agent` and `listener` must outlive it.
    Supervisor(AgentProcess& agent, const ControlListener& listener, SupervisorPlan plan)
        : agent_(agent), listener_(listener), plan_(std::move(plan)) {}

    // Returns the program's exit status: with --once that of the agent, 4 after a crash; else 0
    // after a stop. Says on standard error what the agent cannot say itself.
    int run();

  private:
    enum class Turn : uint8_t { again, over };

    bool block_signals();
    bool start_agent();
    void start_hooks();
    std::optional<int> wait_for_agent();
    void wait_for_hooks();
    void wait(std::optional<uint64_t> until_ms);
    void take_signals();
    void reap();
    void stop_agent();
    Turn judge(int wait_status, uint64_t lived_ms);
    Turn judge_crash(int wait_status, uint64_t lived_ms);
    void rest_after_crash();
    void restart();
    Status restart_machine();

    AgentProcess& agent_;
    const ControlListener& listener_;
    SupervisorPlan plan_;
    PhoneStart next_ = {};
    bool restart_due_ = false;
    Descriptor signals_ = {};
    Descriptor hook_socket_ = {};  // the parent's end, until a process that runs hooks takes it
    Descriptor stop_word_ = {};    // the connection on which `stop` was said
    pid_t agent_process_ = 0;      // 0: none
    pid_t hook_process_ = 0;
    std::optional<int> agent_status_ = {};  // as waitpid() gave it
    std::optional<uint64_t> kill_at_ms_ = {};
    uint32_t crashes_ = 0;  // in a row
    bool stopping_ = false;
    int exit_status_ = 0;
};

}  // namespace dialtone

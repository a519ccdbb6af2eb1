// SPDX-License-Identifier: Apache-2.0
#include "platform/daemon/supervisor.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <new>

#include "platform/linux/clock.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

constexpr uint32_t starts_kept = 16;

// What the agents of one test leave behind for it, in memory that all processes share.
struct Ledger {
    uint32_t starts = 0;
    AgentStart start[starts_kept] = {};
    uint64_t at_ms[starts_kept] = {};
};

class SharedLedger {
  public:
    SharedLedger() {
        void* memory = ::mmap(nullptr, sizeof(Ledger), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        REQUIRE(memory != MAP_FAILED);
        ledger_ = new (memory) Ledger();
    }
    ~SharedLedger() { ::munmap(ledger_, sizeof(Ledger)); }
    SharedLedger(const SharedLedger&) = delete;
    SharedLedger& operator=(const SharedLedger&) = delete;

    Ledger& operator*() const { return *ledger_; }
    Ledger* operator->() const { return ledger_; }

  private:
    Ledger* ledger_ = nullptr;
};

// Takes note of its start, says so on a pipe and does what its test wants.
class FakeAgent final : public AgentProcess {
  public:
    using Act = int (*)(FakeAgent& agent, const AgentStart& start, uint32_t number);

    explicit FakeAgent(Act act) : act_(act) {
        int ends[2] = {-1, -1};
        REQUIRE(::pipe(ends) == 0);
        started_.reset(ends[0]);
        starting_.reset(ends[1]);
        auto made = ControlListener::unreachable();
        REQUIRE(made);
        listener = std::move(*made);
    }

    int live(const AgentStart& start) override {
        const uint32_t number = ledger->starts++;
        ledger->start[number % starts_kept] = start;
        ledger->at_ms[number % starts_kept] = monotonic_ms();
        (void)!::write(starting_.get(), "s", 1);
        return act_(*this, start, number);
    }

    // Waits for a start; false when every process that could start is gone.
    bool wait_for_start() {
        starting_.reset();
        char byte = 0;
        return ::read(started_.get(), &byte, 1) == 1;
    }

    SharedLedger ledger;
    ControlListener listener;

  private:
    Act act_;
    Descriptor started_, starting_;
};

SupervisorPlan quick_plan() {
    SupervisorPlan plan;
    plan.crash_wait_ms = 1;
    plan.crash_wait_cap_ms = 4;
    return plan;
}

// The supervisor lives in a process of its own, because it takes the signals of its process.
pid_t start_supervisor(FakeAgent& agent, const SupervisorPlan& plan) {
    const pid_t process = ::fork();
    if (process == 0) ::_exit(Supervisor(agent, agent.listener, plan).run());
    REQUIRE(process > 0);
    return process;
}

int status_of(pid_t process) {
    int status = 0;
    REQUIRE(::waitpid(process, &status, 0) == process);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int supervise(FakeAgent& agent, const SupervisorPlan& plan) {
    return status_of(start_supervisor(agent, plan));
}

int die(FakeAgent&, const AgentStart&, uint32_t) {
    ::raise(SIGKILL);
    return 0;
}

[[noreturn]] void wait_for_ever() {
    for (;;)
        ::pause();
}

// Leaves once somebody has said "stop" on the control socket.
int leave_when_told(FakeAgent& agent, const AgentStart&, uint32_t) {
    pollfd wait = {agent.listener.descriptor(), POLLIN, 0};
    while (::poll(&wait, 1, -1) != 1) {
    }
    const Descriptor client(::accept(agent.listener.descriptor(), nullptr, nullptr));
    char line[8] = {};
    const ssize_t got = ::read(client.get(), line, sizeof line);
    return std::string_view(line, got > 0 ? static_cast<uint32_t>(got) : 0) == "stop\n" ? 3 : 5;
}

}  // namespace

TEST_CASE("a reboot starts the agent again and is counted") {
    FakeAgent agent([](FakeAgent&, const AgentStart&, uint32_t number) {
        return number < 2 ? agent_wants_reboot : 0;
    });
    auto plan = quick_plan();
    plan.once = true;
    CHECK(supervise(agent, plan) == 0);
    REQUIRE(agent.ledger->starts == 3);
    CHECK(agent.ledger->start[0].phone.reset_cause == ResetCause::power_on);
    CHECK(agent.ledger->start[0].phone.provisioning_reboots == 0);
    CHECK(agent.ledger->start[1].phone.reset_cause == ResetCause::provisioning_reboot);
    CHECK(agent.ledger->start[1].phone.provisioning_reboots == 1);
    CHECK(agent.ledger->start[2].phone.provisioning_reboots == 2);
}

TEST_CASE("a reboot beyond the bound of a power-on waits like a crash") {
    FakeAgent agent([](FakeAgent&, const AgentStart&, uint32_t number) {
        return number < 3 ? agent_wants_reboot : 0;
    });
    auto plan = quick_plan();
    plan.crash_wait_ms = 20;
    plan.crash_wait_cap_ms = 20;
    CHECK(supervise(agent, plan) == 0);
    REQUIRE(agent.ledger->starts == 4);
    CHECK(agent.ledger->start[3].phone.reset_cause == ResetCause::provisioning_reboot);
    CHECK(agent.ledger->at_ms[3] - agent.ledger->at_ms[2] >= 20);
}

TEST_CASE("a board that restarts its machine says why the phone runs and takes it down") {
    static Ledger* told = nullptr;
    FakeAgent agent([](FakeAgent&, const AgentStart&, uint32_t) { return agent_wants_reboot; });
    told = &*agent.ledger;
    Board board = virtual_board;
    board.start = [](int) { return PhoneStart{ResetCause::provisioning_reboot, 1}; };
    board.announce_restart = [](int state_directory, const PhoneStart& next) -> Status {
        told->start[1].phone = next;
        told->start[1].hook_socket = state_directory;
        return {};
    };
    board.restart = []() -> Status {
        ::kill(::getpid(), SIGTERM);  // as init does
        return {};
    };
    auto plan = quick_plan();
    plan.board = &board;
    plan.state_directory = 77;
    CHECK(supervise(agent, plan) == 0);
    CHECK(agent.ledger->starts == 1);
    CHECK(agent.ledger->start[0].phone.reset_cause == ResetCause::provisioning_reboot);
    CHECK(agent.ledger->start[0].phone.provisioning_reboots == 1);
    CHECK(agent.ledger->start[1].phone.reset_cause == ResetCause::provisioning_reboot);
    CHECK(agent.ledger->start[1].phone.provisioning_reboots == 2);
    CHECK(agent.ledger->start[1].hook_socket == 77);
}

TEST_CASE("a restart that was asked for is a power-on for the board, too") {
    static Ledger* told = nullptr;
    FakeAgent agent([](FakeAgent&, const AgentStart&, uint32_t) { return agent_wants_restart; });
    told = &*agent.ledger;
    Board board = virtual_board;
    board.start = [](int) { return PhoneStart{ResetCause::crash, 2}; };
    board.announce_restart = [](int, const PhoneStart& next) -> Status {
        told->start[1].phone = next;
        return {};
    };
    board.restart = []() -> Status {
        ::kill(::getpid(), SIGTERM);
        return {};
    };
    auto plan = quick_plan();
    plan.board = &board;
    CHECK(supervise(agent, plan) == 0);
    CHECK(agent.ledger->start[1].phone.reset_cause == ResetCause::power_on);
    CHECK(agent.ledger->start[1].phone.provisioning_reboots == 0);
}

TEST_CASE("a machine that cannot restart, or does not, gets its agent started anew") {
    for (const bool says_so : {true, false}) {
        FakeAgent agent([](FakeAgent&, const AgentStart&, uint32_t number) {
            return number == 0 ? agent_wants_reboot : 0;
        });
        Board board = virtual_board;
        board.restart = []() -> Status { return fail(ErrorCode::io, "no reboot(8) here"); };
        if (!says_so) board.restart = []() -> Status { return {}; };
        auto plan = quick_plan();
        plan.board = &board;
        plan.restart_patience_ms = 1;
        CHECK(supervise(agent, plan) == 0);
        REQUIRE(agent.ledger->starts == 2);
        CHECK(agent.ledger->start[1].phone.reset_cause == ResetCause::provisioning_reboot);
        CHECK(agent.ledger->start[1].phone.provisioning_reboots == 1);
    }
}

TEST_CASE("a daemon with a helper announces a restart itself and has the helper carry it out") {
    static Ledger* told = nullptr;
    FakeAgent agent([](FakeAgent&, const AgentStart&, uint32_t number) {
        return number == 0 ? agent_wants_reboot : 0;
    });
    told = &*agent.ledger;
    Board board = virtual_board;
    board.announce_restart = [](int, const PhoneStart& next) -> Status {
        told->start[15].phone = next;
        return {};
    };
    board.restart = []() -> Status { ::_exit(99); };
    auto plan = quick_plan();
    plan.board = &board;
    plan.hooks.helper = "/nowhere/socket";  // and so the agent alone is started anew
    CHECK(supervise(agent, plan) == 0);
    CHECK(agent.ledger->starts == 2);
    CHECK(told->start[15].phone.provisioning_reboots == 1);
}

TEST_CASE("with --once no machine is restarted") {
    FakeAgent agent([](FakeAgent&, const AgentStart&, uint32_t number) {
        return number == 0 ? agent_wants_reboot : 3;
    });
    Board board = virtual_board;
    board.restart = []() -> Status { ::_exit(99); };
    auto plan = quick_plan();
    plan.board = &board;
    plan.once = true;
    CHECK(supervise(agent, plan) == 3);
    CHECK(agent.ledger->starts == 2);
}

TEST_CASE("the agent's verdict is the exit status of a life with --once") {
    FakeAgent agent([](FakeAgent&, const AgentStart&, uint32_t) { return 3; });
    auto plan = quick_plan();
    plan.once = true;
    CHECK(supervise(agent, plan) == 3);
    CHECK(agent.ledger->starts == 1);
}

TEST_CASE("a crash ends a life with --once with status 4") {
    for (const FakeAgent::Act act :
         {FakeAgent::Act(die),
          FakeAgent::Act([](FakeAgent&, const AgentStart&, uint32_t) { return 70; })}) {
        FakeAgent agent(act);
        auto plan = quick_plan();
        plan.once = true;
        CHECK(supervise(agent, plan) == 4);
        CHECK(agent.ledger->starts == 1);
    }
}

TEST_CASE("after a crash the agent is started again, later each time up to a bound") {
    FakeAgent agent([](FakeAgent& self, const AgentStart& start, uint32_t number) {
        if (number == 0) return agent_wants_reboot;
        return number < 4 ? die(self, start, number) : 0;
    });
    auto plan = quick_plan();
    plan.crash_wait_ms = 20;
    plan.crash_wait_cap_ms = 40;
    CHECK(supervise(agent, plan) == 0);
    const Ledger& ledger = *agent.ledger;
    REQUIRE(ledger.starts == 5);
    CHECK(ledger.start[2].phone.reset_cause == ResetCause::crash);
    CHECK(ledger.start[2].phone.provisioning_reboots == 1);
    CHECK(ledger.at_ms[2] - ledger.at_ms[1] >= 20);
    CHECK(ledger.at_ms[3] - ledger.at_ms[2] >= 40);
    CHECK(ledger.at_ms[4] - ledger.at_ms[3] >= 40);
}

TEST_CASE("SIGTERM and SIGINT tell the agent to leave and end the daemon") {
    for (const int signal : {SIGTERM, SIGINT}) {
        FakeAgent agent(leave_when_told);
        auto plan = quick_plan();
        plan.once = true;  // to see the agent's own status
        const pid_t supervisor = start_supervisor(agent, plan);
        REQUIRE(agent.wait_for_start());
        ::kill(supervisor, signal);
        CHECK(status_of(supervisor) == 3);
    }
}

TEST_CASE("a daemon that was told to stop ends with status 0") {
    FakeAgent agent(leave_when_told);
    const pid_t supervisor = start_supervisor(agent, quick_plan());
    REQUIRE(agent.wait_for_start());
    ::kill(supervisor, SIGTERM);
    CHECK(status_of(supervisor) == 0);
    CHECK(agent.ledger->starts == 1);
}

TEST_CASE("an agent that does not leave is ended when patience is") {
    FakeAgent agent([](FakeAgent&, const AgentStart&, uint32_t) -> int { wait_for_ever(); });
    auto plan = quick_plan();
    plan.stop_patience_ms = 10;
    const pid_t supervisor = start_supervisor(agent, plan);
    REQUIRE(agent.wait_for_start());
    ::kill(supervisor, SIGTERM);
    CHECK(status_of(supervisor) == 0);
    CHECK(!agent.wait_for_start());  // nobody is left who could start
}

TEST_CASE("a stop ends the wait after a crash") {
    FakeAgent agent(die);
    auto plan = quick_plan();
    plan.crash_wait_ms = 3'600'000;
    plan.crash_wait_cap_ms = 3'600'000;
    const pid_t supervisor = start_supervisor(agent, plan);
    REQUIRE(agent.wait_for_start());
    ::kill(supervisor, SIGTERM);
    CHECK(status_of(supervisor) == 0);
    CHECK(agent.ledger->starts == 1);
}

TEST_CASE("the agent does not outlive its parent") {
    FakeAgent agent([](FakeAgent&, const AgentStart&, uint32_t) -> int { wait_for_ever(); });
    const pid_t supervisor = start_supervisor(agent, quick_plan());
    REQUIRE(agent.wait_for_start());
    ::kill(supervisor, SIGKILL);
    CHECK(status_of(supervisor) == -SIGKILL);
    CHECK(!agent.wait_for_start());  // the agent held the pipe's other end
}

TEST_CASE("hooks run outside of the agent's process, and only those of the one directory") {
    const ScratchDirectory scratch;
    REQUIRE(::mkdir(scratch.file("hooks").c_str(), 0700) == 0);
    scratch.write("hooks/10-copy", "#!/bin/sh\ncp \"$1\" \"${0%/*}/../copy\"\n");
    REQUIRE(::chmod(scratch.file("hooks/10-copy").c_str(), 0700) == 0);
    static std::string directory;
    directory = scratch.file("hooks");
    FakeAgent agent([](FakeAgent&, const AgentStart& start, uint32_t) {
        HookClient client(start.hook_socket);
        client.start({.directory = directory, .key_lines = "P47=sip.example\n"});
        for (;;) {
            const short wanted =
                static_cast<short>(client.wants_to_write() ? POLLIN | POLLOUT : POLLIN);
            pollfd wait = {client.descriptor(), wanted, 0};
            ::poll(&wait, 1, -1);
            client.ready();
            if (const auto result = client.result()) {
                return result->ran == 1 && result->failed == 0 ? 0 : 5;
            }
        }
    });
    auto plan = quick_plan();
    plan.once = true;
    plan.hooks = {directory, scratch.path()};
    CHECK(supervise(agent, plan) == 0);
    char copied[32] = {};
    const Descriptor copy(::open(scratch.file("copy").c_str(), O_RDONLY));
    CHECK(::read(copy.get(), copied, sizeof copied) == 16);
    CHECK(std::string_view(copied) == "P47=sip.example\n");
    plan.hooks.directory = "/somewhere/else";
    CHECK(supervise(agent, plan) == 5);
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "platform/daemon/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "agent/agent.h"
#include "agent/limits.h"
#include "platform/common/output.h"
#include "platform/linux/clock.h"

namespace dialtone {
namespace {

constexpr std::string_view program = "dialtoned";
constexpr uint32_t doublings = 16;  // of the wait after a crash

std::string crash_words(int wait_status) {
    if (WIFSIGNALED(wait_status)) {
        const int number = WTERMSIG(wait_status);
        return "the agent's process was ended by signal " + std::to_string(number) + " (" +
               ::strsignal(number) + ")";
    }
    return "the agent's process ended with status " + std::to_string(WEXITSTATUS(wait_status));
}

// Has the kernel end the agent when its parent ends. False when the parent has ended already.
bool bind_to_parent(pid_t parent) {
    return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent;
}

}  // namespace

bool Supervisor::block_signals() {
    ::signal(SIGCHLD, SIG_DFL);  // a parent that ignores it would take the children's statuses
    sigset_t set;
    ::sigemptyset(&set);
    for (int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) {
        struct sigaction before = {};
        ::sigaction(number, nullptr, &before);
        // nohup(1) and shells ignore signals on purpose; signalfd would bring them back.
        if (before.sa_handler != SIG_IGN) ::sigaddset(&set, number);
    }
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    return signals_.is_open();
}

bool Supervisor::start_agent() {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) return false;
    Descriptor mine(pair[0]);
    Descriptor theirs(pair[1]);
    const pid_t parent = ::getpid();
    const pid_t process = ::fork();
    if (process < 0) return false;
    if (process == 0) {
        signals_.reset();
        mine.reset();
        const AgentStart start = {next_, theirs.release()};
        ::_exit(bind_to_parent(parent) ? agent_.live(start) : EXIT_FAILURE);
    }
    agent_process_ = process;
    agent_status_.reset();
    hook_socket_ = std::move(mine);
    return true;
}

// Hooks may take half a minute each, and the parent has signals to answer meanwhile.
void Supervisor::start_hooks() {
    const pid_t process = ::fork();
    if (process == 0) {
        signals_.reset();
        stop_word_.reset();
        agent_.forget();
        serve_hooks(hook_socket_.get(), plan_.hooks);
        ::_exit(EXIT_SUCCESS);
    }
    // Should fork() have failed, the closed socket tells the agent that no hook will run.
    if (process > 0) hook_process_ = process;
    hook_socket_.reset();
}

void Supervisor::reap() {
    int status = 0;
    for (pid_t ended; (ended = ::waitpid(-1, &status, WNOHANG)) != 0;) {
        if (ended < 0 && errno == EINTR) continue;
        if (ended < 0) return;
        if (ended == agent_process_) {
            agent_process_ = 0;
            agent_status_ = status;
        } else if (ended == hook_process_) {
            hook_process_ = 0;
        }
    }
}

void Supervisor::stop_agent() {
    const bool again = stopping_;
    stopping_ = true;
    if (agent_process_ == 0) return;
    auto said = listener_.say_stop();
    if (said && !again) {
        stop_word_ = std::move(*said);
        kill_at_ms_ = monotonic_ms() + plan_.stop_patience_ms;
    } else {
        ::kill(agent_process_, SIGKILL);  // `stop` cannot be sent, or this is the second signal
    }
}

void Supervisor::take_signals() {
    signalfd_siginfo taken = {};
    while (::read(signals_.get(), &taken, sizeof taken) == sizeof taken) {
        if (taken.ssi_signo == SIGCHLD) {
            reap();
        } else {
            stop_agent();
        }
    }
}

// Sleeps until a signal came, the agent asks for hooks or `until_ms` is there.
void Supervisor::wait(std::optional<uint64_t> until_ms) {
    pollfd waits[] = {{signals_.get(), POLLIN, 0}, {hook_socket_.get(), POLLIN, 0}};
    const uint64_t now_ms = monotonic_ms();
    int wait_ms = -1;
    if (until_ms) wait_ms = *until_ms > now_ms ? static_cast<int>(*until_ms - now_ms) : 0;
    if (::poll(waits, 2, wait_ms) < 0) return;
    if (waits[0].revents != 0) take_signals();
    if ((waits[1].revents & POLLIN) == 0) return;
    char first = 0;  // the socket is readable, too, when the agent has closed its end
    const ssize_t count = ::recv(hook_socket_.get(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count == 1) return start_hooks();
    if (count < 0 && errno == EINTR) return;
    hook_socket_.reset();
}

std::optional<int> Supervisor::wait_for_agent() {
    while (!agent_status_) {
        wait(kill_at_ms_);
        if (agent_process_ == 0 || !kill_at_ms_ || monotonic_ms() < *kill_at_ms_) continue;
        complain(program, "the agent does not leave and is ended");
        kill_at_ms_.reset();
        ::kill(agent_process_, SIGKILL);
    }
    kill_at_ms_.reset();
    return agent_status_;
}

// The next agent could ask for hooks while those of the last one still run.
void Supervisor::wait_for_hooks() {
    hook_socket_.reset();
    while (hook_process_ != 0 && !stopping_)
        wait(std::nullopt);
}

// The wait doubles with each crash in a row.
void Supervisor::rest_after_crash() {
    const uint64_t wait_ms = std::min<uint64_t>(
        uint64_t{plan_.crash_wait_ms} << std::min(crashes_, doublings), plan_.crash_wait_cap_ms);
    ++crashes_;
    complain(program, "the agent is started again in " + std::to_string(wait_ms) + " ms");
    const uint64_t until_ms = monotonic_ms() + wait_ms;
    while (!stopping_ && monotonic_ms() < until_ms)
        wait(until_ms);
}

Supervisor::Turn Supervisor::judge_crash(int wait_status, uint64_t lived_ms) {
    complain(program, crash_words(wait_status));
    exit_status_ = static_cast<int>(Verdict::not_applied);
    if (plan_.once || stopping_) return Turn::over;
    if (lived_ms >= plan_.calm_ms) crashes_ = 0;
    next_.reset_cause = ResetCause::crash;
    rest_after_crash();
    return Turn::again;
}

Supervisor::Turn Supervisor::judge(int wait_status, uint64_t lived_ms) {
    const int code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
    if (code == agent_wants_reboot) {
        next_.reset_cause = ResetCause::provisioning_reboot;
        ++next_.provisioning_reboots;
        exit_status_ = static_cast<int>(Verdict::not_applied);  // if a stop comes first
        // The agent bounds its reboots. If that fails, the wait keeps the phone from rebooting
        // fast.
        if (next_.provisioning_reboots > limits::provisioning_reboots) rest_after_crash();
        restart_due_ = true;
        return Turn::again;
    }
    if (code == agent_wants_restart) {
        next_.reset_cause = ResetCause::power_on;
        next_.provisioning_reboots = 0;
        restart_due_ = true;
        exit_status_ = static_cast<int>(Verdict::not_applied);
        return Turn::again;
    }
    if (code < 0 || code > static_cast<int>(Verdict::rolled_back)) {
        return judge_crash(wait_status, lived_ms);
    }
    exit_status_ = code;
    return Turn::over;
}

Status Supervisor::restart_machine() {
    const Board& board = *plan_.board;
    if (board.announce_restart != nullptr)
        TRY(board.announce_restart(plan_.state_directory, next_));
    return plan_.hooks.helper.empty() ? board.restart() : restart_by_helper(plan_.hooks.helper);
}

// Has the board restart the machine, and waits for init to end this process. Returns, so that only
// the agent is started anew, where the board has no restart, with --once, whose caller waits for
// the exit status, and where the restart fails: the phone has to work all the same.
void Supervisor::restart() {
    restart_due_ = false;
    if (plan_.board->restart == nullptr || plan_.once || stopping_) return;
    if (const auto told = restart_machine(); !told) {
        complain(program, "the machine cannot be restarted: " + told.error().detail +
                              "; the agent alone is started anew");
        return;
    }
    const uint64_t until_ms = monotonic_ms() + plan_.restart_patience_ms;
    while (!stopping_ && monotonic_ms() < until_ms)
        wait(until_ms);
    if (!stopping_) {
        complain(program,
                 "the machine was told to restart and does not; "
                 "the agent alone is started anew");
    }
}

int Supervisor::run() {
    if (!block_signals()) {
        complain(program, std::string("signals cannot be received: ") + ::strerror(errno));
        return static_cast<int>(Verdict::not_applied);
    }
    if (plan_.board->start != nullptr) next_ = plan_.board->start(plan_.state_directory);
    Turn turn = Turn::again;
    while (turn == Turn::again && !stopping_) {
        const uint64_t started_ms = monotonic_ms();
        if (!start_agent()) {
            complain(program, std::string("the agent cannot be started: ") + ::strerror(errno));
            exit_status_ = static_cast<int>(Verdict::not_applied);
            if (plan_.once) break;
            rest_after_crash();
            continue;
        }
        const auto wait_status = wait_for_agent();
        turn = judge(*wait_status, monotonic_ms() - started_ms);
        wait_for_hooks();
        if (restart_due_) restart();
    }
    stop_word_.reset();
    return plan_.once ? exit_status_ : 0;
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// The RunHooks effect. The agent's process has dropped its privileges, so a small parent process
// runs the programs of the hook directory; the two talk over a stream socket pair:
//
//     request    u32 bytes of each part, then the parts: directory, key lines, and of a file that
//                is handed over its name in the state directory, its type and its own name
//     answer     u32 ran, u32 failed, u32 text bytes, text
//
// in the machine's byte order, one request at a time. Either end may go: the agent's end answers
// with a failure, the parent's end returns.
//
// Where a service manager starts the daemon as a user of its own, a helper that is root does both
// what hooks need and what a restart of the machine needs: it listens on a socket that this user
// alone may connect to, and the parent passes requests on. A request without a directory asks it
// for the restart.
//
// Called by: world.cpp through HookRunner (the agent's end), the supervisor through serve_hooks()
// or run_hooks() (the parent's end), dialtoned.cpp as the helper.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/effect.h"
#include "agent/result.h"
#include "platform/common/descriptor.h"

namespace dialtone {

struct HookResult {
    uint32_t ran = 0;
    uint32_t failed = 0;
    std::string first_failure = {};  // "10-sip ended with status 3", empty when none failed
};

// Something that runs hooks for the world while the loop goes on.
class HookRunner {
  public:
    virtual ~HookRunner() = default;

    // To be polled for EPOLLIN, and for EPOLLOUT while wants_to_write(); then ready() is called.
    // It is the same for the runner's whole life; -1: the runner has none, or it failed.
    virtual int descriptor() const = 0;
    virtual bool wants_to_write() const = 0;
    virtual void ready() = 0;

    // Never called before the last result() was taken.
    virtual void start(const RunHooks& wanted) = 0;

    // The result of what was started, once.
    virtual std::optional<HookResult> result() = 0;
};

// The agent's end of the socket pair.
class HookClient final : public HookRunner {
  public:
    // Takes the descriptor over and makes it non-blocking.
    explicit HookClient(int socket);

    int descriptor() const override { return socket_.get(); }
    bool wants_to_write() const override { return !outgoing_.empty(); }
    void ready() override;
    void start(const RunHooks& wanted) override;
    std::optional<HookResult> result() override;

  private:
    void send();
    void receive();
    void give_up();

    Descriptor socket_;
    std::string outgoing_ = {};
    std::string incoming_ = {};
    bool asked_ = false;
    std::optional<HookResult> result_ = {};
};

struct HookService {
    // The only directories that may be asked for: the agent's process has fewer privileges than its
    // parent and must not choose what the parent runs. Empty: none.
    std::string directory = {};
    // Where the file with the key lines is made, for instance the runtime directory; on a medium
    // that a power-off empties, because the lines hold passwords.
    std::string runtime_directory = {};
    std::string helper = {};           // the socket of who runs them instead; empty: nobody
    Status (*restart)() = nullptr;     // of the machine; for the helper alone
    uint32_t run_ms = 0;               // 0: limits::hook_run_ms; a test's patience is shorter
    std::string file_directory = {};   // of those that take a file
    std::string state_directory = {};  // where it lies
};

// Answers requests on `socket` until the agent's end is closed. While it waits for a program it
// takes SIGCHLD; a caller who waits for the agent's process waits for this function to return.
// The socket must be closed on exec, or a hook that stays behind keeps it open.
void serve_hooks(int socket, const HookService& service);

// Has the helper that listens at `path` restart the machine. Errors: io, with the helper's words.
Status restart_by_helper(const std::string& path);

// Runs the executable files of service.directory in the order of their names, at most
// limits::hook_programs, each with the path of a file (mode 0600) that holds `key_lines`, with
// nothing to read on standard input and a PATH as its whole environment, in a process group of
// its own that is ended after run_ms. Left out: what is not an executable file, and names that
// begin with '.'. Refused, as a failure: what everybody may write to. No directory: nothing ran.
HookResult run_hooks(const HookService& service, const std::string& key_lines);

// The same of service.file_directory, each with the path of a staged file of the state directory,
// which is in its environment as DIALTONE_FILE, too, beside DIALTONE_FILE_TYPE and
// DIALTONE_FILE_NAME. Refused: what is no staged file, a name that is none or says where to put it.
HookResult run_file_hooks(const HookService& service, const HandedFile& file);

}  // namespace dialtone

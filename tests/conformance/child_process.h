// SPDX-License-Identifier: Apache-2.0
//
// A part of a test that runs as a process of its own and ends with its object.
#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace dialtone::conformance {

class ChildProcess {
  public:
    ChildProcess() = default;
    ~ChildProcess() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    // Runs `work` in the child, which ends with it. To be called once.
    template <typename Work>
    bool start(Work&& work) {
        process_ = ::fork();
        if (process_ != 0) return process_ > 0;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        work();
        ::_exit(0);
    }

  private:
    pid_t process_ = -1;
};

}  // namespace dialtone::conformance

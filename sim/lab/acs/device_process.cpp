// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/acs/device_process.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "sim/lab/console.h"

namespace dialtone::sim::acs {
namespace {

constexpr uint32_t patience_ms = 5'000;
constexpr int look_every_ms = 20;
constexpr int no_program = 127;  // as a shell tells it

}  // namespace

bool DeviceProcess::start(std::string_view command, std::string_view name, std::string_view value) {
    const std::string line(command);
    const std::string variable(name);
    const std::string content(value);
    process_ = fork();
    if (process_ != 0) return process_ > 0;
    setpgid(0, 0);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    setenv(variable.c_str(), content.c_str(), 1);
    execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    _exit(no_program);
}

DeviceProcess::~DeviceProcess() {
    if (process_ <= 0) return;
    setpgid(process_, process_);  // should it not have come to that itself
    kill(-process_, SIGTERM);
    const uint64_t limit_ms = console::now_ms() + patience_ms;
    while (waitpid(process_, nullptr, WNOHANG) == 0) {
        if (console::now_ms() >= limit_ms) {
            kill(-process_, SIGKILL);
            waitpid(process_, nullptr, 0);
            return;
        }
        poll(nullptr, 0, look_every_ms);
    }
}

}  // namespace dialtone::sim::acs

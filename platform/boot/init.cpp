// SPDX-License-Identifier: Apache-2.0
#include "platform/boot/init.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "platform/common/read_file.h"

namespace dialtone {
namespace {

constexpr uint32_t boot_id_bytes = 64;
constexpr char reboot_program[] = "/sbin/reboot";

// The program starts with no signal blocked; this process blocks those it waits for.
int spawn_reboot(pid_t& process) {
    posix_spawnattr_t attributes;
    if (const int error = ::posix_spawnattr_init(&attributes); error != 0) return error;
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    char name[] = "reboot";
    char path[] = "PATH=/sbin:/bin:/usr/sbin:/usr/bin";
    char* const arguments[] = {name, nullptr};
    char* const environment[] = {path, nullptr};
    const int error =
        ::posix_spawn(&process, reboot_program, nullptr, &attributes, arguments, environment);
    ::posix_spawnattr_destroy(&attributes);
    return error;
}

}  // namespace

std::string boot_id() {
    auto id = read_file("/proc/sys/kernel/random/boot_id", boot_id_bytes);
    if (!id) return {};
    while (id->ends_with('\n'))
        id->pop_back();
    return std::move(*id);
}

Status restart_by_init() {
    const std::string program(reboot_program);
    pid_t process = 0;
    if (const int error = spawn_reboot(process); error != 0) {
        return fail(ErrorCode::io, program + " cannot be run: " + ::strerror(error));
    }
    int status = 0;
    while (::waitpid(process, &status, 0) < 0) {
        if (errno != EINTR) return fail(ErrorCode::io, program + ": " + ::strerror(errno));
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    return fail(
        ErrorCode::io,
        program + (WIFEXITED(status) ? " ended with status " + std::to_string(WEXITSTATUS(status))
                                     : " was ended by signal " + std::to_string(WTERMSIG(status))));
}

}  // namespace dialtone

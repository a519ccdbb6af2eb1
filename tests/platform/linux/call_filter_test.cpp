// SPDX-License-Identifier: Apache-2.0
//
// Each case is a process of its own: a filter is for good.
#include "platform/linux/call_filter.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <string>

#include "dialtone_build.h"
#include "platform/daemon/account.h"

namespace dialtone {
namespace {

const pid_t test_process = ::getpid();

// The status of a process that does this behind the filter, as waitpid(2) gives it.
int behind_filter(int (*act)()) {
    const pid_t process = ::fork();
    REQUIRE(process >= 0);
    if (process == 0) ::_exit(give_up_new_privileges() && restrict_calls() ? act() : 99);
    int status = 0;
    REQUIRE(::waitpid(process, &status, 0) == process);
    return status;
}

int exit_behind_filter(int (*act)()) {
    const int status = behind_filter(act);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

struct Forbidden {
    const char* what;
    long number;
    long (*call)();
};

const Forbidden forbidden[] = {
    {"another program", SYS_execve,
     [] {
         char shell[] = "/bin/sh";
         char* const arguments[] = {shell, nullptr};
         return long{::execve(shell, arguments, arguments + 1)};
     }},
    {"another program by its descriptor", SYS_execveat,
     [] { return ::syscall(SYS_execveat, AT_FDCWD, "/bin/sh", nullptr, nullptr, 0); }},
    {"another process", SYS_clone, [] { return ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }},
    {"tracing", SYS_ptrace, [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }},
    {"another's memory", SYS_process_vm_readv,
     [] { return ::syscall(SYS_process_vm_readv, test_process, nullptr, 0, nullptr, 0, 0); }},
    {"a mount", SYS_mount, [] { return long{::mount("none", "/mnt", "tmpfs", 0, nullptr)}; }},
    {"another root", SYS_chroot, [] { return long{::chroot("/")}; }},
    {"a namespace", SYS_unshare, [] { return long{::unshare(CLONE_NEWUSER)}; }},
    {"another user", SYS_setuid, [] { return ::syscall(SYS_setuid, 0); }},
    {"capabilities", SYS_capset, [] { return ::syscall(SYS_capset, nullptr, nullptr); }},
    {"a program in the kernel", SYS_bpf, [] { return ::syscall(SYS_bpf, 0, nullptr, 0); }},
    {"a kernel module", SYS_init_module, [] { return ::syscall(SYS_init_module, nullptr, 0, ""); }},
    {"a restart", SYS_reboot, [] { return ::syscall(SYS_reboot, 0, 0, 0, nullptr); }},
    {"the clock", SYS_clock_settime,
     [] { return ::syscall(SYS_clock_settime, CLOCK_REALTIME, nullptr); }},
    {"a signal to another", SYS_kill, [] { return long{::kill(test_process, SIGCONT)}; }},
    {"a signal to another's thread", SYS_tgkill,
     [] { return ::syscall(SYS_tgkill, test_process, test_process, SIGCONT); }},
    {"keys", SYS_keyctl, [] { return ::syscall(SYS_keyctl, 0, 0, 0, 0, 0); }},
    {"a ring of calls", SYS_io_uring_setup,
     [] { return ::syscall(SYS_io_uring_setup, 1, nullptr); }},
    {"owners", SYS_fchown, [] { return long{::fchown(0, 1, 1)}; }},
    {"modes", SYS_fchmod, [] { return long{::fchmod(0, 04755)}; }},
    {"a device", SYS_mknodat,
     [] { return ::syscall(SYS_mknodat, AT_FDCWD, "/tmp/dialtone-no-device", S_IFCHR, 0); }},
    {"core files again", SYS_prctl, [] { return long{::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)}; }},
    {"a bluetooth socket", SYS_socket, [] { return long{::socket(AF_BLUETOOTH, SOCK_RAW, 0)}; }},
    {"a socket to a hypervisor", SYS_socket,
     [] { return long{::socket(AF_VSOCK, SOCK_STREAM, 0)}; }},
};

const Forbidden* tried = nullptr;

void* count(void* number) {
    ++*static_cast<int*>(number);
    // Refused, in a thread that blocks what the storage's blocks.
    if (::kill(test_process, 0) < 0 && errno == EPERM) ++*static_cast<int*>(number);
    return nullptr;
}

int use_a_thread() {
    sigset_t all;
    ::sigfillset(&all);
    ::sigdelset(&all, SIGSYS);
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
    int number = 0;
    pthread_t thread = {};
    if (::pthread_create(&thread, nullptr, count, &number) != 0) return 1;
    ::pthread_join(thread, nullptr);
    return number == 2 ? 0 : 2;
}

}  // namespace

TEST_CASE("what the agent does not need fails with EPERM, and its number is noted once") {
    if (!with_call_filter) return;
    for (const Forbidden& one : forbidden) {
        CAPTURE(std::string(one.what));
        tried = &one;
        CHECK(exit_behind_filter([] {
                  for (int i = 0; i < 2; ++i) {
                      errno = 0;
                      if (tried->call() != -1 || errno != EPERM) return 1;
                  }
                  const auto noted = take_refused_call();
                  if (!noted || *noted != static_cast<uint32_t>(tried->number)) return 2;
                  return take_refused_call() ? 3 : 0;
              }) == 0);
    }
}

TEST_CASE("there are no local sockets, and a library that tries one first causes no line") {
    if (!with_call_filter) return;
    CHECK(exit_behind_filter([] {
              if (::socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || errno != EAFNOSUPPORT) return 1;
              if (::if_nametoindex("lo") == 0) return 2;
              return take_refused_call() ? 3 : 0;
          }) == 0);
}

TEST_CASE("threads start, and a call that is refused in one ends nothing") {
    if (!with_call_filter) return;
    CHECK(exit_behind_filter(use_a_thread) == 0);
}

TEST_CASE("an assertion that fails still ends the process as abort() does") {
    if (!with_call_filter) return;
    CHECK(exit_behind_filter([]() -> int {
              const rlimit none = {};
              ::setrlimit(RLIMIT_CORE, &none);
              ::signal(SIGABRT, SIG_DFL);  // the test program reports it else
              ::abort();
          }) == -SIGABRT);
}

TEST_CASE("of many refused calls the first sixteen numbers are kept") {
    if (!with_call_filter) return;
    CHECK(exit_behind_filter([] {
              for (long number = 900; number < 930; ++number)
                  ::syscall(number);
              uint32_t expected = 900;
              while (const auto noted = take_refused_call())
                  if (*noted != expected++) return 1;
              return expected == 916 ? 0 : 2;
          }) == 0);
}

TEST_CASE("a signal like the kernel's, sent by somebody, notes nothing") {
    if (!with_call_filter) return;
    CHECK(exit_behind_filter([] {
              ::raise(SIGSYS);
              return take_refused_call() ? 1 : 0;
          }) == 0);
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "agent/limits.h"
#include "agent/store/durable_files.h"
#include "agent/text.h"
#include "platform/linux/clock.h"
#include "platform/linux/hooks.h"

namespace dialtone {
namespace {

constexpr char path_variable[] =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// The file with the key lines; it is gone when this is.
class KeyFile {
  public:
    KeyFile(const std::string& directory, const std::string& key_lines);
    ~KeyFile() {
        if (!failed_) ::unlink(path_.c_str());
    }
    KeyFile(const KeyFile&) = delete;
    KeyFile& operator=(const KeyFile&) = delete;

    bool failed() const { return failed_; }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
    bool failed_ = false;
};

KeyFile::KeyFile(const std::string& directory, const std::string& key_lines)
    : path_(directory + "/hook-keys-XXXXXX") {
    const Descriptor file(::mkostemp(path_.data(), O_CLOEXEC));  // mode 0600
    failed_ = !file.is_open();
    size_t written = 0;
    while (!failed_ && written < key_lines.size()) {
        const ssize_t count =
            ::write(file.get(), key_lines.data() + written, key_lines.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count > 0) {
            written += static_cast<size_t>(count);
            continue;
        }
        ::unlink(path_.c_str());
        failed_ = true;
    }
}

// Blocks SIGCHLD while a program runs, so that sigtimedwait() can wait for it with a time limit and
// the signal interrupts no other call.
class ChildSignal {
  public:
    ChildSignal() {
        ::sigemptyset(&child_);
        ::sigaddset(&child_, SIGCHLD);
        ::sigprocmask(SIG_BLOCK, &child_, &before_);
    }
    ~ChildSignal() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
    ChildSignal(const ChildSignal&) = delete;
    ChildSignal& operator=(const ChildSignal&) = delete;

    void wait(uint64_t wait_ms) const {
        const timespec wait = {static_cast<time_t>(wait_ms / 1000),
                               static_cast<long>(wait_ms % 1000) * 1000000};
        ::sigtimedwait(&child_, nullptr, &wait);
    }

  private:
    sigset_t child_, before_;
};

// False, and errno, for a directory that is there and cannot be read.
bool names_in(const std::string& directory, std::vector<std::string>& names) {
    DIR* entries = ::opendir(directory.c_str());
    if (entries == nullptr) return errno == ENOENT || errno == ENOTDIR;
    while (const dirent* entry = ::readdir(entries)) {
        if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    }
    ::closedir(entries);
    std::ranges::sort(names);
    return true;
}

enum class Fitness : uint8_t { no_program, unknown, unsafe, program };

Fitness fitness_of(const std::string& path) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) < 0)
        return errno == ENOENT ? Fitness::no_program : Fitness::unknown;
    if (!S_ISREG(status.st_mode)) return Fitness::no_program;
    if ((status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0) return Fitness::no_program;
    return (status.st_mode & S_IWOTH) != 0 ? Fitness::unsafe : Fitness::program;
}

// What the programs of one run are given: the path of a file, and variables beside PATH.
struct Given {
    std::string path = {};
    std::vector<std::string> variables = {};
};

// 0 and the process, or the error number.
int spawn(const std::string& program, const Given& given, pid_t& process) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    constexpr int flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    ::posix_spawnattr_setflags(&attributes, flags);
    char* const arguments[] = {const_cast<char*>(program.c_str()),
                               const_cast<char*>(given.path.c_str()), nullptr};
    std::vector<char*> environment = {const_cast<char*>(path_variable)};
    for (const std::string& variable : given.variables)
        environment.push_back(const_cast<char*>(variable.c_str()));
    environment.push_back(nullptr);
    const int number = ::posix_spawn(&process, program.c_str(), &actions, &attributes, arguments,
                                     environment.data());
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    return number;
}

// Waits for the program's end; what went wrong, empty for status 0.
std::string wait_for(pid_t process, uint32_t run_ms, const ChildSignal& child_signal) {
    const uint64_t end_ms = monotonic_ms() + run_ms;
    for (;;) {
        int status = 0;
        const pid_t ended = ::waitpid(process, &status, WNOHANG);
        if (ended < 0 && errno == EINTR) continue;
        if (ended < 0) return {};  // SIGCHLD is ignored: it has ended, its status is lost
        if (ended == process && WIFSIGNALED(status)) {
            return " was ended by signal " + std::to_string(WTERMSIG(status));
        }
        if (ended == process) {
            const int code = WEXITSTATUS(status);
            return code == 0 ? "" : " ended with status " + std::to_string(code);
        }
        const uint64_t now_ms = monotonic_ms();
        if (now_ms >= end_ms) break;
        child_signal.wait(end_ms - now_ms);
    }
    ::kill(-process, SIGKILL);
    while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
    }
    return " still ran after " + std::to_string(run_ms) + " ms and was ended";
}

void note(HookResult& result, const std::string& name, const std::string& failure) {
    if (failure.empty()) return;
    ++result.failed;
    if (result.first_failure.empty()) result.first_failure = name + failure;
}

void run_program(HookResult& result, const std::string& name, const std::string& path,
                 const Given& given, uint32_t run_ms, const ChildSignal& child_signal) {
    pid_t process = 0;
    const int number = spawn(path, given, process);
    if (number != 0)
        return note(result, name, std::string(" could not be started: ") + ::strerror(number));
    ++result.ran;
    note(result, name, wait_for(process, run_ms, child_signal));
}

// Nothing: the directory cannot be read, which is noted.
std::optional<std::vector<std::string>> programs_of(const std::string& directory,
                                                    HookResult& result) {
    std::vector<std::string> names;
    if (names_in(directory, names)) return names;
    note(result, directory, std::string(" cannot be read: ") + ::strerror(errno));
    return {};
}

void run_all(const std::string& directory, const std::vector<std::string>& names,
             const Given& given, uint32_t run_ms, HookResult& result) {
    const ChildSignal child_signal;
    if (run_ms == 0) run_ms = limits::hook_run_ms;
    uint32_t programs = 0;
    for (const std::string& name : names) {
        const std::string path = directory + '/' + name;
        const Fitness fitness = fitness_of(path);
        if (fitness == Fitness::no_program) continue;
        if (++programs > limits::hook_programs) {
            note(result, name, " was left out, there are too many hooks");
        } else if (fitness == Fitness::unknown) {
            note(result, name, " could not be looked at and was not started");
        } else if (fitness == Fitness::unsafe) {
            note(result, name, " may be changed by everybody and was not started");
        } else {
            run_program(result, name, path, given, run_ms, child_signal);
        }
    }
}

// What the agent's process asks the parent to hand over may not be anything else, whoever has come
// to speak for it.
std::string flaw_of(const HandedFile& file, const std::string& path) {
    if (!is_durable_file(file.stored_name, DurableKind::staged))
        return file.stored_name + " is no downloaded file";
    if (!is_printable(file.type) || !is_bare_name(file.name))
        return "the file has no proper type or name";
    struct stat status = {};
    if (::lstat(path.c_str(), &status) < 0) return path + ": " + ::strerror(errno);
    if (!S_ISREG(status.st_mode) || status.st_nlink != 1) return path + " is no file of its own";
    return {};
}

}  // namespace

HookResult run_hooks(const HookService& service, const std::string& key_lines) {
    HookResult result;
    const auto names = programs_of(service.directory, result);
    if (!names || names->empty()) return result;
    const KeyFile keys(service.runtime_directory, key_lines);
    if (keys.failed()) {
        note(result, service.runtime_directory, ": no file for the changed keys could be made");
        return result;
    }
    run_all(service.directory, *names, {keys.path()}, service.run_ms, result);
    return result;
}

HookResult run_file_hooks(const HookService& service, const HandedFile& file) {
    HookResult result;
    const std::string path = service.state_directory + '/' + file.stored_name;
    if (const std::string flaw = flaw_of(file, path); !flaw.empty()) return {0, 1, flaw};
    const auto names = programs_of(service.file_directory, result);
    if (!names) return result;
    run_all(service.file_directory, *names,
            {path,
             {"DIALTONE_FILE=" + path, "DIALTONE_FILE_TYPE=" + file.type,
              "DIALTONE_FILE_NAME=" + file.name}},
            service.run_ms, result);
    return result;
}

}  // namespace dialtone

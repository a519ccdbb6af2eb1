// SPDX-License-Identifier: Apache-2.0
#include "platform/common/state_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

namespace dialtone {
namespace {

// A reading command holds the lock for microseconds to see whether it is free; a daemon that
// starts in that moment tries again.
constexpr uint32_t lock_tries = 5;
constexpr long lock_wait_ns = 20'000'000;

std::unexpected<Error> fail_about(const std::string& path, int number) {
    const auto code = number == ENOENT ? ErrorCode::not_found : ErrorCode::io;
    return fail(code, "state directory " + path + ": " + ::strerror(number));
}

Status make_directories(const std::string& path) {
    for (auto slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
        if (::mkdir(path.substr(0, slash).c_str(), 0755) < 0 && errno != EEXIST) {
            return fail_about(path, errno);
        }
    }
    if (::mkdir(path.c_str(), 0700) < 0 && errno != EEXIST) return fail_about(path, errno);
    return {};
}

Result<Descriptor> open_directory(const std::string& path) {
    Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.is_open()) return directory;
    if (errno == ENOTDIR) return fail(ErrorCode::bad_usage, "--state " + path + " is no directory");
    return fail_about(path, errno);
}

// The file to lock. Not writable is no failure: flock() takes any descriptor.
Result<Descriptor> open_lock(const Descriptor& directory, const std::string& path) {
    const int flags = O_CLOEXEC | O_NOFOLLOW;
    Descriptor lock(::openat(directory.get(), "lock", flags | O_RDWR | O_CREAT, 0600));
    if (lock.is_open()) return lock;
    lock.reset(::openat(directory.get(), "lock", flags | O_RDONLY));
    if (lock.is_open()) return lock;
    return open_directory(path);
}

bool lock_with_patience(const Descriptor& lock) {
    for (uint32_t tries = 0; tries < lock_tries; ++tries) {
        if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return true;
        if (errno != EWOULDBLOCK && errno != EINTR) return false;
        const timespec wait = {0, lock_wait_ns};
        ::nanosleep(&wait, nullptr);
    }
    return false;
}

}  // namespace

Result<std::string> real_path_of(const std::string& path) {
    char* resolved = ::realpath(path.c_str(), nullptr);
    if (resolved == nullptr) return fail_about(path, errno);
    std::string real_path(resolved);
    ::free(resolved);
    return real_path;
}

Result<StateDirectory> take_state_directory(const std::string& path) {
    StateDirectory state;
    state.path = path;
    // A directory that is there may have parents that nobody may write to.
    auto directory = open_directory(path);
    if (!directory && directory.error().code == ErrorCode::not_found) {
        TRY(make_directories(path));
        directory = open_directory(path);
        state.created = true;
    }
    if (!directory) return std::unexpected(directory.error());
    state.directory = std::move(*directory);
    state.real_path = TRY(real_path_of(path));
    state.lock = TRY(open_lock(state.directory, path));
    if (lock_with_patience(state.lock)) return state;
    if (errno == EWOULDBLOCK) {
        return fail(ErrorCode::bad_usage, "another dialtoned uses the state directory " + path +
                                              " (end it, or give this one its own --state DIR)");
    }
    return fail_about(path + ": lock", errno);
}

Result<bool> is_daemon_running(const std::string& path) {
    auto directory = open_directory(path);
    if (!directory) return fail(directory.error().code, directory.error().detail);
    Descriptor lock(::openat(directory->get(), "lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!lock.is_open() && errno != ENOENT) return fail_about(path + ": lock", errno);
    const int probed = lock.is_open() ? lock.get() : directory->get();
    // The end of this function closes the descriptor and with it a lock that was free.
    if (::flock(probed, LOCK_SH | LOCK_NB) == 0) return false;
    if (errno == EWOULDBLOCK) return true;
    return fail_about(path + ": lock", errno);
}

}  // namespace dialtone

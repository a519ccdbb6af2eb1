// SPDX-License-Identifier: Apache-2.0
#include "platform/common/state_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include <array>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "agent/store/durable_files.h"
#include "platform/common/state_file.h"

namespace dialtone {
namespace {

// A reading command holds the lock for microseconds to see whether it is free; a daemon that
// starts in that moment tries again.
constexpr uint32_t lock_tries = 5;
constexpr long lock_wait_ns = 20'000'000;

constexpr const char* lock_name = "lock";
constexpr size_t names_beside = 3;

// All that may be in the directory. The lock stays its maker's: by its owner an operator's program
// knows whose daemon it is.
constexpr auto names = [] {
    std::array<const char*, std::size(durable_files) + names_beside> all = {lock_name, "restart",
                                                                            "restart.new"};
    for (size_t i = 0; i < std::size(durable_files); ++i)
        all[names_beside + i] = durable_files[i].name.data();
    return all;
}();

std::unexpected<Error> fail_about(const std::string& path, std::string_view words) {
    return fail(ErrorCode::io, "state directory " + path + ": " + std::string(words));
}

std::unexpected<Error> fail_about(const std::string& path, int number) {
    const auto code = number == ENOENT ? ErrorCode::not_found : ErrorCode::io;
    return fail(code, "state directory " + path + ": " + ::strerror(number));
}

// Empty when it is not known to be memory.
std::string memory_words(int directory, const std::string& path) {
    struct statfs found = {};
    if (::fstatfs(directory, &found) < 0) return {};
    const auto kind = static_cast<uint32_t>(found.f_type);
    if (kind != TMPFS_MAGIC && kind != RAMFS_MAGIC) return {};
    return "the state directory " + path + " lies on a " +
           (kind == TMPFS_MAGIC ? "tmpfs" : "ramfs") + ", which is memory";
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

bool is_ours(uid_t owner, const std::optional<Account>& account) {
    return owner == 0 || owner == ::geteuid() || (account && owner == account->user);
}

// What somebody else may have done to the directory or a file in it; nullptr: nothing.
const char* blemish_of(const struct stat& found, const std::optional<Account>& account) {
    if (!is_ours(found.st_uid, account))
        return "it belongs to somebody who is neither root nor the service's own user";
    const bool is_loose = (found.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    return is_loose ? "its group or others may write to it" : nullptr;
}

// The same of a file, which also has to be one; and nothing if it is not there.
const char* blemish_of_file(int directory, const char* name,
                            const std::optional<Account>& account) {
    struct stat found = {};
    if (::fstatat(directory, name, &found, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? nullptr : ::strerror(errno);
    if (S_ISLNK(found.st_mode)) return state_file_words(ELOOP);
    if (!S_ISREG(found.st_mode)) return state_file_words(ENXIO);
    if (found.st_nlink > 1) return "it has another name somewhere else";
    return blemish_of(found, account);
}

// Gives away what root owns: by the descriptor, and only what has no second name by now. Where that
// cannot be, on a read-only medium, the agent reads what it may.
void give(int descriptor, const Account& account) {
    struct stat found = {};
    const bool is_one = ::fstat(descriptor, &found) == 0 && found.st_uid != account.user &&
                        (S_ISDIR(found.st_mode) || found.st_nlink == 1);
    if (is_one) static_cast<void>(!::fchown(descriptor, account.user, account.group));
}

Status take_content(const StateDirectory& state, const std::optional<Account>& account) {
    const int directory = state.directory.get();
    struct stat found = {};
    if (::fstat(directory, &found) < 0) return fail_about(state.path, errno);
    if (const char* blemish = blemish_of(found, account)) return fail_about(state.path, blemish);
    const bool gives = account && ::geteuid() == 0;
    for (const char* name : names) {
        if (const char* blemish = blemish_of_file(directory, name, account))
            return fail_about(state.path + "/" + name, blemish);
        if (!gives || name == lock_name) continue;
        const Descriptor file = open_state_file(directory, name, O_RDONLY);
        if (file.is_open()) give(file.get(), *account);
    }
    // Last: until here nobody but root could put anything else into a directory of root's.
    if (gives) give(directory, *account);
    return {};
}

// The file to lock. Not writable is no failure: flock() takes any descriptor.
Result<Descriptor> open_lock(const Descriptor& directory, const std::string& path) {
    Descriptor lock = open_state_file(directory.get(), lock_name, O_RDWR | O_CREAT);
    if (!lock.is_open()) lock = open_state_file(directory.get(), lock_name, O_RDONLY);
    if (lock.is_open()) return lock;
    return open_directory(path);
}

}  // namespace

bool lock_with_patience(const Descriptor& lock) {
    for (uint32_t tries = 0; tries < lock_tries; ++tries) {
        if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return true;
        if (errno != EWOULDBLOCK && errno != EINTR) return false;
        const timespec wait = {0, lock_wait_ns};
        ::nanosleep(&wait, nullptr);
    }
    return false;
}

Result<Descriptor> open_directory(const std::string& path) {
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC;
    Descriptor directory(::open(path.c_str(), flags));
    if (directory.is_open()) return directory;
    return fail_about(path, errno);
}

Result<std::string> real_path_of(const std::string& path) {
    char* resolved = ::realpath(path.c_str(), nullptr);
    if (resolved == nullptr) return fail_about(path, errno);
    std::string real_path(resolved);
    ::free(resolved);
    return real_path;
}

Result<std::string> real_path_to_be(const std::string& directory) {
    auto real_path = real_path_of(directory);
    if (real_path || real_path.error().code != ErrorCode::not_found) return real_path;
    std::string_view name = directory;
    while (name.size() > 1 && name.ends_with('/'))
        name.remove_suffix(1);
    const auto slash = name.rfind('/');
    const std::string parent(slash == std::string_view::npos ? "." : name.substr(0, slash + 1));
    if (parent == name) return real_path;
    std::string path = TRY(real_path_to_be(parent));
    if (!path.ends_with('/')) path += '/';
    return path + std::string(name.substr(slash + 1));
}

Result<StateDirectory> take_state_directory(const std::string& path,
                                            const std::optional<Account>& account) {
    StateDirectory state;
    state.path = path;
    // A directory that is there may have parents that nobody may write to.
    auto directory = open_directory(path);
    if (!directory && directory.error().code == ErrorCode::not_found) {
        TRY(make_directories(path));
        directory = open_directory(path);
    }
    if (!directory) return std::unexpected(directory.error());
    state.directory = std::move(*directory);
    state.real_path = TRY(real_path_of(path));
    TRY(take_content(state, account));
    state.in_memory = memory_words(state.directory.get(), path);
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
    const Descriptor lock = open_state_file(directory->get(), lock_name, O_RDONLY);
    if (!lock.is_open() && errno != ENOENT)
        return fail_about(path + ": lock", state_file_words(errno));
    const int probed = lock.is_open() ? lock.get() : directory->get();
    // The end of this function closes the descriptor and with it a lock that was free.
    if (::flock(probed, LOCK_SH | LOCK_NB) == 0) return false;
    if (errno == EWOULDBLOCK) return true;
    return fail_about(path + ": lock", errno);
}

}  // namespace dialtone

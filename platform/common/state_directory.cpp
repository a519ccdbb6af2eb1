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

#include <cstdint>
#include <string_view>

#include "agent/store/durable_files.h"
#include "platform/common/state_file.h"

namespace dialtone {
namespace {

// A reading command holds the lock for microseconds to see whether it is free; a daemon that
// starts in that moment tries again.
constexpr uint32_t lock_tries = 5;
constexpr long lock_wait_ns = 20'000'000;

constexpr char lock_name[] = "lock";
// Beside the durable files. The lock stays its maker's: by its owner an operator's program knows
// whose daemon it is.
constexpr const char* other_names[] = {lock_name, "restart", "restart.new"};

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

// What somebody else may have done to the directory or a file in it; empty: nothing.
std::string blemish_of(const struct stat& found, const std::optional<Account>& account) {
    if (!is_ours(found.st_uid, account)) {
        return "it belongs to the user " + std::to_string(found.st_uid) +
               ", who is neither root nor the service's own";
    }
    return (found.st_mode & (S_IWGRP | S_IWOTH)) != 0 ? "its group or others may write to it" : "";
}

// By the descriptor, so that what is given away is what was looked at.
void give_to(const Account& account, int descriptor, const struct stat& found) {
    if (::geteuid() != 0 || found.st_uid == account.user) return;
    // Where that cannot be, on a read-only medium, the agent reads what it may.
    static_cast<void>(!::fchown(descriptor, account.user, account.group));
}

// Errors: the file is none, or may not be only ours.
Status take_file(const StateDirectory& state, const char* name,
                 const std::optional<Account>& account) {
    struct stat found = {};
    if (::fstatat(state.directory.get(), name, &found, AT_SYMLINK_NOFOLLOW) < 0) {
        return errno == ENOENT ? Status{} : fail_about(state.path + "/" + name, errno);
    }
    const std::string path = state.path + "/" + name;
    if (S_ISLNK(found.st_mode)) return fail_about(path, state_file_words(ELOOP));
    if (!S_ISREG(found.st_mode)) return fail_about(path, state_file_words(ENXIO));
    if (found.st_nlink > 1) return fail_about(path, "it has another name somewhere else");
    if (const auto blemish = blemish_of(found, account); !blemish.empty())
        return fail_about(path, blemish);
    if (!account || found.st_uid == account->user) return {};
    if (std::string_view(name) == lock_name) return {};
    const Descriptor file = open_state_file(state.directory.get(), name, O_RDONLY);
    if (file.is_open() && ::fstat(file.get(), &found) == 0 && found.st_nlink == 1)
        give_to(*account, file.get(), found);
    return {};
}

Status take_content(const StateDirectory& state, const std::optional<Account>& account) {
    struct stat found = {};
    if (::fstat(state.directory.get(), &found) < 0) return fail_about(state.path, errno);
    if (const auto blemish = blemish_of(found, account); !blemish.empty())
        return fail_about(state.path, blemish);
    for (const DurableFile& file : durable_files)
        TRY(take_file(state, file.name.data(), account));
    for (const char* name : other_names)
        TRY(take_file(state, name, account));
    // Last: until here nobody but root could put anything else into a directory of root's.
    if (account) give_to(*account, state.directory.get(), found);
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

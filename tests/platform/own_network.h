// SPDX-License-Identifier: Apache-2.0
//
// Runs a piece of a test in a process of its own, with a network of its own in which there is
// nothing but lo, which is down. What the piece finds wrong comes back as text.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <string>

namespace dialtone {

inline bool write_text(const char* path, const std::string& text) {
    const int descriptor = ::open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool good =
        ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(descriptor);
    return good;
}

// A plain user has to be root of a user namespace before.
inline bool enter_own_network() {
    const std::string user = std::to_string(::geteuid()), group = std::to_string(::getegid());
    if (user == "0") return ::unshare(CLONE_NEWNET) == 0;
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) return false;
    return write_text("/proc/self/setgroups", "deny") &&
           write_text("/proc/self/uid_map", "0 " + user + " 1") &&
           write_text("/proc/self/gid_map", "0 " + group + " 1");
}

// Each of `commands` is the rest of an ip(8) command line.
inline bool lay_out(std::initializer_list<const char*> commands) {
    for (const char* command : commands) {
        const std::string line = std::string("PATH=$PATH:/usr/sbin:/sbin ip ") + command;
        if (std::system(line.c_str()) != 0) return false;
    }
    return true;
}

// "" when `piece` found everything as it should be. Skips the test, with a message, where nobody
// may make a network namespace.
inline std::string in_own_network(std::string (*piece)()) {
    constexpr int no_namespace = 77;
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const pid_t process = ::fork();
    REQUIRE(process >= 0);
    if (process == 0) {
        if (!enter_own_network()) ::_exit(no_namespace);
        const std::string told = piece();
        static_cast<void>(!::write(ends[1], told.data(), told.size()));
        ::_exit(0);
    }
    ::close(ends[1]);
    std::string told;
    char bytes[256];
    ssize_t count = 0;
    while ((count = ::read(ends[0], bytes, sizeof bytes)) > 0)
        told.append(bytes, static_cast<size_t>(count));
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(process, &status, 0) == process);
    if (WIFEXITED(status) && WEXITSTATUS(status) == no_namespace) {
        MESSAGE("this system lets nobody make a network namespace");
        return "";
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? told : told + " and died";
}

}  // namespace dialtone

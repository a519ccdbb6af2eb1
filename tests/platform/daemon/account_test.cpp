// SPDX-License-Identifier: Apache-2.0
#include "platform/daemon/account.h"

#include <doctest/doctest.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dialtone_build.h"
#include "platform/common/descriptor.h"
#include "tests/platform/own_network.h"

namespace dialtone {
namespace {

uint64_t permitted_capabilities() {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
    if (::syscall(SYS_capget, &header, sets) < 0) return ~uint64_t{0};
    return uint64_t{sets[1].permitted} << 32 | sets[0].permitted | sets[0].inheritable;
}

std::string become_nobody() {
    if (::geteuid() != 0) return "not root";
    const auto nobody = find_account("nobody");
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!nobody || !give_up_new_privileges() || !become(*nobody)) return "nobody cannot be become";
    if (::geteuid() != nobody->user || ::getegid() != nobody->group) return "another user";
    if (permitted_capabilities() != CAP_TO_MASK(CAP_NET_RAW)) return "other capabilities";
    const Descriptor socket(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) return "no packet socket";
    int signal = 0;
    ::prctl(PR_GET_PDEATHSIG, &signal);
    if (signal != SIGKILL) return "the parent's end is not told any more";
    return ::setuid(0) < 0 ? "" : "root again";
}

TEST_CASE("another user keeps packet sockets and its parent, and nothing else of root's") {
    if (::geteuid() != 0) {
        MESSAGE("only root can become another user");
        return;
    }
    CHECK(in_own_network(become_nobody) == "");
}

std::string give_up_memory() {
    if (!keep_memory_private() || !forbid_core_files()) return "refused";
    rlimit core = {1, 1};
    ::getrlimit(RLIMIT_CORE, &core);
    if (core.rlim_cur != 0 || core.rlim_max != 0) return "core files";
    return ::prctl(PR_GET_DUMPABLE) == (is_sanitized ? 1 : 0) ? "" : "others may look";
}

TEST_CASE("a process can keep its memory to itself, and leave no core file") {
    CHECK(in_own_network(give_up_memory) == "");
}

TEST_CASE("bad input: a user that does not exist") {
    const auto account = find_account("no-such-user");
    REQUIRE(!account);
    CHECK(account.error().code == ErrorCode::bad_usage);
}

}  // namespace
}  // namespace dialtone

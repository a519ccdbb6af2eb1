// SPDX-License-Identifier: Apache-2.0
#include "platform/daemon/account.h"

#include <doctest/doctest.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

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

TEST_CASE("bad input: a user that does not exist") {
    const auto account = find_account("no-such-user");
    REQUIRE(!account);
    CHECK(account.error().code == ErrorCode::bad_usage);
}

}  // namespace
}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "platform/daemon/account.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dialtone_build.h"

namespace dialtone {
namespace {

std::unexpected<Error> fail_with(std::string_view what) {
    return fail(ErrorCode::io, std::string(what) + ": " + ::strerror(errno));
}

// Of what the process has. What it has not cannot be kept, and the agent does without.
Status keep_packet_sockets_only() {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
    if (::syscall(SYS_capget, &header, sets) < 0) return fail_with("capabilities cannot be read");
    const uint32_t kept = sets[0].permitted & CAP_TO_MASK(CAP_NET_RAW);
    sets[0] = {.effective = kept, .permitted = kept, .inheritable = 0};
    sets[1] = {};
    if (::syscall(SYS_capset, &header, sets) == 0) return {};
    return fail_with("capabilities cannot be given up");
}

}  // namespace

Result<Account> find_account(const std::string& name) {
    const passwd* entry = ::getpwnam(name.c_str());
    if (entry == nullptr) return fail(ErrorCode::bad_usage, "--user: no user '" + name + "'");
    return Account{entry->pw_uid, entry->pw_gid};
}

Status give_up_new_privileges() {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) return {};
    return fail_with("new privileges cannot be given up");
}

Status keep_memory_private() {
    if constexpr (is_sanitized) return {};
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0) return {};
    return fail_with("memory cannot be kept private");
}

Status forbid_core_files() {
    const rlimit none = {};
    if (::setrlimit(RLIMIT_CORE, &none) == 0) return {};
    return fail_with("core files cannot be given up");
}

Status become(const Account& account) {
    if (account.user == ::geteuid() && account.group == ::getegid()) return {};
    int parent_death_signal = 0;
    ::prctl(PR_GET_PDEATHSIG, &parent_death_signal);
    if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) return fail_with("capabilities cannot be kept");
    // Groups first: afterwards there is no right left to change them.
    if (::setgroups(0, nullptr) < 0) return fail_with("groups cannot be given up");
    if (::setgid(account.group) < 0) return fail_with("the group cannot be changed");
    if (::setuid(account.user) < 0) return fail_with("the user cannot be changed");
    TRY(keep_packet_sockets_only());
    // The kernel forgets it with each change of credentials (prctl(2)).
    if (::prctl(PR_SET_PDEATHSIG, parent_death_signal) == 0) return {};
    return fail_with("the parent's end cannot be told");
}

}  // namespace dialtone

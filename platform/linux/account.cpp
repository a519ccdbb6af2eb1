// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace dialtone {
namespace {

std::unexpected<Error> fail_with(std::string_view what) {
    return fail(ErrorCode::io, std::string(what) + ": " + ::strerror(errno));
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

Status become(const Account& account) {
    if (account.user == ::geteuid() && account.group == ::getegid()) return {};
    // Groups first: afterwards there is no right left to change them.
    if (::setgroups(0, nullptr) < 0) return fail_with("groups cannot be given up");
    if (::setgid(account.group) < 0) return fail_with("the group cannot be changed");
    if (::setuid(account.user) < 0) return fail_with("the user cannot be changed");
    return {};
}

}  // namespace dialtone

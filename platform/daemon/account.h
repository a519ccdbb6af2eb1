// SPDX-License-Identifier: Apache-2.0
//
// The user whom the agent's process becomes (`--user NAME`), and the other privileges that it drops
// before it talks to a network. It keeps one: a DHCP question beside the phone's DHCP client needs
// a packet socket.
#pragma once

#include <sys/types.h>

#include <string>

#include "agent/result.h"

namespace dialtone {

struct Account {
    uid_t user = 0;
    gid_t group = 0;
};

// Errors: bad_usage when there is no such user.
Result<Account> find_account(const std::string& name);

// No program this process starts can gain privileges any more. Errors: io.
Status give_up_new_privileges();

// This process becomes `account`, has no other group, and of all capabilities at most CAP_NET_RAW,
// which no program that it starts has. Errors: io.
Status become(const Account& account);

}  // namespace dialtone

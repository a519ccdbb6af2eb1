// SPDX-License-Identifier: Apache-2.0
//
// The user whom the agent's process becomes (`--user NAME`), and the other privileges that it drops
// before it talks to a network. It keeps one: a DHCP question beside the phone's DHCP client needs
// a packet socket.
#pragma once

#include <string>

#include "agent/result.h"
#include "platform/common/state_directory.h"

namespace dialtone {

// Errors: bad_usage when there is no such user.
Result<Account> find_account(const std::string& name);

// No program this process starts can gain privileges any more. Errors: io.
Status give_up_new_privileges();

// No other process of the same user can look at this one's memory, and there is no core file of it.
// Not where a sanitizer looks. Errors: io.
Status keep_memory_private();

// Nor of any process that this one starts. Errors: io.
Status forbid_core_files();

// This process becomes `account`, has no other group, and of all capabilities at most CAP_NET_RAW,
// which no program that it starts has. Errors: io.
Status become(const Account& account);

}  // namespace dialtone

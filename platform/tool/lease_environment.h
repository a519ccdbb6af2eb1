// SPDX-License-Identifier: Apache-2.0
//
// What busybox udhcpc and udhcpc6 tell the script they run, as environment variables, read into a
// lease record. Pure. Called for `dialtone lease`.
//
// udhcpc names the options it knows (66 is $tftp) and gives the others in hex digits ($opt43).
// Where it finds in option 66 anything but letters, digits and "._-", it says `bad` instead of the
// value; the agent knows that word. The vendor class that udhcpc was started with it does not tell;
// dialtone-udhcpc does, in $DIALTONE_VENDOR_CLASS.
#pragma once

#include <span>
#include <string_view>

#include "agent/result.h"
#include "platform/common/lease_file.h"

namespace dialtone {

// "bound", "renew", "deconfig", "leasefail" and "nak", as the script's first argument.
// Errors: bad_usage for any other.
Result<LeaseNews> lease_news(std::string_view event);

// `variables` are NAME=VALUE, as environ(7) has them; those that mean nothing here are passed over,
// so are options over limits::dhcp_option_bytes. Options that name servers come first. A lease that
// is lost has no options.
// Errors: bad_usage, when $interface is missing or no interface's name.
Result<LeaseRecord> lease_from_environment(std::span<const std::string_view> variables,
                                           LeaseNews news, bool ipv6);

}  // namespace dialtone

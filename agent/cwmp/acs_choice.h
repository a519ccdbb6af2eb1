// SPDX-License-Identifier: Apache-2.0
//
// Which ACS the phone speaks to, and what that one may have: the one of the configuration, or,
// while none is kept there, the one that DHCP names. Pure; the ACS client asks it anew whenever
// settings, the lease or the pin change.
//
// Whoever answers DHCP names any server he likes. What he names is given a digest answer at most,
// as a provisioning server would be, and on a phone that something was proven to it hears an Inform
// and nothing else until it is the pinned host, by verified TLS (docs/trust.md).
#pragma once

#include <string>

#include "agent/clock/wall_clock.h"
#include "agent/cwmp/acs_option.h"
#include "agent/cwmp/exchange.h"
#include "agent/phone.h"
#include "agent/trust/trust.h"

namespace dialtone {

struct AcsChoice {
    AcsServer server = {};      // its URL is empty: there is no ACS
    std::string named_by = {};  // "option 43 of the lease"; empty: by the configuration
    bool only_inform = false;
    // What DHCP says beside its URL; nothing of it for an ACS of the configuration.
    AcsNews news = {};
};

AcsChoice choose_acs(const PhoneFacts& phone, const WallClock& clock, const Trust& trust);

}  // namespace dialtone

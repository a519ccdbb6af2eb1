// SPDX-License-Identifier: Apache-2.0
//
// How the phone stands with its ACS, as those need to know who do not speak to it: the pass, for
// which it is the last of the sources. The ACS client (cwmp/acs_client.h) says it, the agent hands
// it on.
#pragma once

#include <cstdint>
#include <string>

namespace dialtone {

enum class AcsContact : uint8_t {
    none,     // no ACS is known, or it has no say
    awaited,  // a session is under way, or about to begin
    well,     // the last session ended well
    failed,   // it did not, and the next one comes later
};

struct AcsStanding {
    AcsContact contact = AcsContact::none;
    std::string shown_url = {};  // masked
    std::string reason = {};     // why the session failed
    bool operator==(const AcsStanding&) const = default;
};

}  // namespace dialtone

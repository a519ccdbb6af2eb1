// SPDX-License-Identifier: Apache-2.0
//
// What every part of the agent may know of the phone it runs on: its profile and identity, its
// settings, its link, and its one source of chance. The agent owns them and is the only one to
// change it; the parts below it hold a reference.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "agent/address.h"
#include "agent/generation.h"
#include "agent/profile.h"
#include "agent/rng.h"
#include "agent/settings.h"
#include "agent/vendor_options.h"
#include "agent/voice_facts.h"

namespace dialtone {

// Where the ACS may ask for a session (TR-069 3.2.2 and Annex G). Kept by its engines.
struct AcsReach {
    uint16_t http_port = 0;  // 0: nobody listens
    std::string http_path = {};
    std::string udp_address = {};  // ADDRESS:PORT, as a STUN server sees it; empty: none
    bool nat_detected = false;
};
// The key of a generation that keeps it.
inline constexpr std::string_view parameter_key_name = "tr069.parameter_key";

struct PhoneFacts {
    const Profile* profile = nullptr;
    Identity identity = {};
    std::string interface = {};      // for the journal's words
    bool once = false;               // one life, then Exit
    Settings given_settings = {};    // what holds whatever the configuration says
    Settings settings = {};          // the same with what the active generation carries
    std::string parameter_key = {};  // with which the ACS changed something last (TR-069 A.3.2.1)
    bool link_up = false;
    Address address = {};
    bool speaks_cwmp = false;           // this build has an ACS client
    VendorOptions vendor_options = {};  // what DHCP has said that may name an ACS
    Rng rng{0};
    std::array<uint64_t, 4> secret = {};  // of this life; nonces and paths are derived from it
    AcsReach acs_reach = {};
    VoiceFacts voice = {};  // as the phone's software has said last

    // The settings as they would be with `generation`: what an operator or the ACS set by name, and
    // the keys of the profile that are settings of the agent. A value that a setting cannot take
    // is left out.
    Settings settings_with(const Generation& generation) const;
};

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// The DHCP options in which a network may name an auto-configuration server (ACS), as they came.
// The DHCP engine keeps them, the agent hands them to the ACS client, which alone knows what is in
// them (cwmp/acs_option.h). And the one in which the phone says who it is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/profile.h"

namespace dialtone {

// The codes of RFC 2132 8.4, RFC 3925 4 and RFC 8415 21.17.
inline constexpr uint16_t vendor_information_code = 43;
inline constexpr uint16_t vendor_identifying_code = 125;
inline constexpr uint16_t vendor_identifying_code_v6 = 17;

// Whose sub-options TR-069 has in the options of several enterprises.
inline constexpr uint32_t broadband_forum = 3561;

// What a phone that an ACS may manage says in option 125 of its own questions, so that the gateway
// knows it (TR-111 part 1): OUI, serial number and product class.
std::vector<uint8_t> own_vendor_option(const Identity& identity);

struct VendorOptions {
    std::string from = {};  // "the lease", or "192.0.2.1's answer to DHCPINFORM"
    std::vector<uint8_t> information = {};
    std::vector<uint8_t> identifying = {};
    std::vector<uint8_t> identifying_v6 = {};

    bool empty() const {
        return information.empty() && identifying.empty() && identifying_v6.empty();
    }
    bool operator==(const VendorOptions&) const = default;
};

}  // namespace dialtone

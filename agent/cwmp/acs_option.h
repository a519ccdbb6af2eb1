// SPDX-License-Identifier: Apache-2.0
//
// What DHCP says about an ACS and about the gateway that the phone is behind (TR-069 3.1, TR-111
// part 1). The ACS client reads by it what the DHCP engine has kept (vendor_options.h).
//
// Option 43 has the sub-options 1 to 4 (RFC 2132 8.4). Options 125 and, of DHCPv6, 17 have parts of
// several enterprises; that of the Broadband Forum counts. A text in option 43 that is no
// sub-option names a provisioning server, and nobody here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/vendor_options.h"

namespace dialtone {

struct GatewayIdentity {
    std::string oui = {};
    std::string serial_number = {};
    std::string product_class = {};
    bool operator==(const GatewayIdentity&) const = default;
};

struct AcsNews {
    std::string url = {};          // http or https, whole; empty: none is named
    std::string_view option = {};  // "43", "125", "v6 17": that named it
    std::string provisioning_code = {};
    uint32_t retry_minimum_s = 0;   // CWMPRetryMinimumWaitInterval; 0: not said
    uint32_t retry_multiplier = 0;  // CWMPRetryIntervalMultiplier, thousandths; 0: not said
    GatewayIdentity gateway = {};
    std::string remark = {};  // why what looked like an ACS is none, for people; quotes no value
    bool operator==(const AcsNews&) const = default;
};

// Where several options name an ACS, 43 comes before 125 and that before 17 of DHCPv6: it is what
// most servers write.
AcsNews acs_of_vendor_options(const VendorOptions& options);

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// What DHCP options say about servers, as text. Administrators, servers and DHCP clients write the
// same option in several ways (RFC 2132, 3361, 5859, 5970; docs/decisions.md), so it is the content
// that decides how a value is read. Called by the DHCP engine only; nothing here has a state.
//
// No error quotes a value: it may hold a password or a token.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/result.h"

namespace dialtone {

// The options with a form of their own; the others that may name a server hold text.
enum DhcpServerCode : uint16_t {
    dhcp_vendor_information = 43,  // text, or sub-options of which one holds a URL
    dhcp_bootfile_url_v6 = 59,     // of DHCPv6
    dhcp_tftp_server_name = 66,    // text
    dhcp_boot_file_name = 67,
    dhcp_sip_servers = 120,
    dhcp_tftp_servers = 150,  // IPv4 addresses, or text
};

// "66", "v6 59".
std::string dhcp_option_name(bool ipv6, uint16_t code);

// What a value names, and what had to be put right for that, in words that follow "option 66 of
// ..."; empty: nothing.
struct DhcpReading {
    std::vector<std::string> servers = {};  // best first
    std::string_view remark = {};           // of this program's own words
};

// The servers are URLs of a scheme that static.protocol knows, or HOST or HOST/PATH without a
// scheme. Blanks, NULs and 0xFF around one are off, placeholders as in $mac stay. Quotes around
// it, of any kind and as the angle brackets of RFC 3986 C, are taken off with a remark.
//
// - Option 67 never names a server: it is the file for boot loaders of other machines on the same
//   network. Only a whole URL in it counts; the phones' own lists of files go with option 66.
// - Option 43 may hold anything of any vendor. Text in it, or in its sub-options, counts if it has
//   a scheme, or its host is an address or a name with a dot that no number ends: "2.10.2" is a
//   version. Where the phone `speaks_cwmp`, a URL of a web server in sub-option 1 names its ACS
//   (TR-069 3.1, cwmp/acs_option.h), and no server of files.
//
// Errors: empty, too_big (over limits::url_bytes), malformed (control characters, no host),
// unsupported (an unknown scheme, nothing that names a server).
Result<DhcpReading> servers_of_option(bool ipv6, uint16_t code, std::span<const uint8_t> value,
                                      bool speaks_cwmp = false);

// Option 120: the first name or address, as HOST or HOST:PORT. RFC 3361, or the text that DHCP
// clients make of it. One server, or errors: empty, malformed.
Result<DhcpReading> sip_server_of_option(std::span<const uint8_t> value);

// busybox udhcpc hands over the word "bad" for a text option that is no bare host name. Of a lease
// only: in a server's own message it is a host.
bool was_mangled_by_client(bool ipv6, uint16_t code, std::span<const uint8_t> value);

}  // namespace dialtone

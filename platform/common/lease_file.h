// SPDX-License-Identifier: Apache-2.0
//
// What the phone's DHCP client has said last, as text: a small file in the runtime directory, and
// the argument of `lease` on the control socket. Pure.
//
//     family=ipv4                    or ipv6; each client has a file of its own
//     interface=eth0
//     news=bound                     or renewed, or lost
//     class=46616e76696c205834       the vendor class that the client has sent, if it is known
//     66=687474703a2f2f70627800      an option's code and its value in hex digits, best first
//
// Written by `dialtone lease`, read by the agent's process. Whatever is in the values comes from
// anybody on the link.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/event.h"
#include "agent/result.h"

namespace dialtone {

struct LeaseRecord {
    struct Option {
        uint16_t code = 0;
        std::vector<uint8_t> value = {};
        bool operator==(const Option&) const = default;
    };

    bool ipv6 = false;
    LeaseNews news = LeaseNews::bound;
    std::string interface = {};
    std::vector<Option> options = {};  // at most limits::lease_options, no code twice
    std::string vendor_class = {};     // at most limits::dhcp_vendor_class_bytes; empty: not known
    bool operator==(const LeaseRecord&) const = default;
};

// The file's content, at most limits::lease_file_bytes: options that do not fit any more are left
// out, the ones after them may fit.
std::string lease_text(const LeaseRecord& record);

// Errors: too_big, truncated, malformed with the line.
Result<LeaseRecord> parse_lease(std::string_view text);

// What a network interface may be called: not empty, at most 15 letters, no blank, no slash.
bool is_interface_name(std::string_view name);

}  // namespace dialtone

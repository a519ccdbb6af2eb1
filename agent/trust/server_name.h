// SPDX-License-Identifier: Apache-2.0
//
// A server as trust speaks of it: its host, and whether it is spoken to by TLS. The port says
// nothing of who it is. The record keeps such names; pin.h and credentials.h compare them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dialtone {

struct ServerName {
    std::string host = {};  // lower case, an IPv6 address without its brackets; empty: nobody
    bool by_tls = false;    // https or ftps
    bool operator==(const ServerName&) const = default;

    // What was meant for this server may go to the other one: the same host, and a scheme that is
    // no weaker.
    bool covers(const ServerName& other) const {
        return !host.empty() && host == other.host && (other.by_tls || !by_tls);
    }
};

}  // namespace dialtone

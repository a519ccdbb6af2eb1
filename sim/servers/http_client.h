// SPDX-License-Identifier: Apache-2.0
//
// What a client says to the phone's HTTP port, and how badly: an ACS that knocks, a browser,
// whoever scans the network. What the phone makes of it is http_ports.h; the conformance suite
// holds it to what the Linux world does.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/servers/web.h"

namespace dialtone::sim {

// What is wrong with a request.
enum class ClientFault : uint8_t {
    none,
    silent,           // nothing is said at all
    not_http,         // a line of another protocol
    no_version,       // HTTP/0.9
    unknown_version,  // HTTP/3.0
    no_host,          // in HTTP/1.1
    two_hosts,
    field_without_colon,
    folded_field,        // over two lines (RFC 9112 5.2)
    space_before_colon,  // RFC 9112 5.1
    bad_length,          // Content-Length is no number
    two_lengths,         // with different numbers
    length_and_chunked,  // RFC 9112 6.1
    unknown_coding,      // Transfer-Encoding: gzip
    bad_chunk,
    stalls_in_head,
    stalls_in_body,
    drips,           // so slowly that it is never whole in time
    leaves_in_head,  // the client closes
    leaves_in_body,
    half_closes,  // the client has said all it will ever say, and waits for the answer
};

struct ClientRequest {
    std::string method = "GET";
    std::string target = "/";
    std::string version = "HTTP/1.1";
    std::vector<std::pair<std::string, std::string>> fields = {};
    uint32_t filler_bytes = 0;  // of one more field's value
    uint32_t body_bytes = 0;    // all 'z'
    bool is_chunked = false;
    bool keeps_alive = false;  // Connection: keep-alive
    bool closes = false;       // Connection: close
    ClientFault fault = ClientFault::none;
};

// What a client hears.
struct ClientNews {
    bool is_closed = false;  // the connection; else it is an answer
    uint16_t status = 0;
    std::vector<std::pair<std::string, std::string>> fields = {};
    std::string body = {};
};

}  // namespace dialtone::sim

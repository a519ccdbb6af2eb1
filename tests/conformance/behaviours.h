// SPDX-License-Identifier: Apache-2.0
//
// The conformance suite's list: what a server may do to a GET or to an FTP RETR, as data, and the
// events that a world must make of it. platform/linux is held to it with real sockets
// (linux_test.cpp), the simulator with its own model (sim_test.cpp); a server that misbehaves in a
// new way gets a line here first.
//
// The expected sequence is text, its items separated by ", ":
//     head STATUS [length N] [verified] [location URL] [etag TAG] [retry-after TEXT] [type TYPE]
//     body N           N bytes in one or more chunks
//     end
//     failed FAULT     FAULT as in TransferFault
//     silence          the server waits and the world has nothing to tell
//     stopped          StopTransfer was asked for and nothing came after it
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "agent/effect.h"
#include "agent/instant.h"

namespace dialtone::conformance {

enum class Protocol : uint8_t { http, ftp };

// How the server is reached.
enum class Door : uint8_t {
    by_address,    // the URL names its address
    by_name,       // the URL names it "server.test", which a name server knows
    unknown_name,  // the URL names a host that the name server denies
    mute_name_server,
    refused,             // nobody listens at the port
    mute,                // connections are neither taken nor refused
    mute_after_connect,  // taken by the system, and never looked at
};

enum class Manner : uint8_t {
    proper,
    waits,     // until it may go on, then it is proper
    hangs_up,  // after the request, without a word
    cut,       // hangs up in the middle of the header
    field_without_colon,
    bad_length,      // Content-Length is no number
    two_lengths,     // Content-Length twice, with different numbers
    http_0_9,        // a body without any header
    not_http,        // a banner of another protocol
    endless_fields,  // header fields until the client leaves
    endless_line,    // one field without an end
};

enum class Framing : uint8_t {
    length,  // Content-Length
    chunked,
    until_close,  // neither; the connection's end is the body's
    nothing,      // neither, and no body (204, 304)
};

// What follows the body's bytes.
enum class After : uint8_t {
    ends,     // the last chunk where there are chunks; the connection stays
    closes,   // hangs up, without a last chunk
    drops,    // the same, without the goodbye of TLS
    resets,   // waits until it may go on, then breaks the connection (TCP RST)
    waits,    // until it may go on, then hangs up
    endless,  // more of the body until the client leaves
    breaks,   // something that is no chunk
};

enum class Demand : uint8_t {
    nothing,
    basic,
    digest,
    digest_stale,      // every nonce holds for one answer and is called stale then (RFC 7616 3.3)
    digest_forgetful,  // the same, without a word of it
    unknown_scheme,
};

enum class Certificate : uint8_t {
    none,     // plain http
    good,     // for server.test and 127.0.0.1, by an authority the phone has
    alone,    // the same, signed by itself
    other,    // for other.test, by that authority
    missing,  // https is asked for and plain http answers
};

// The replies of an FTP server (RFC 959 4.2) where it has a choice. 0: it stays silent until it may
// go on, and hangs up then.
struct FtpReplies {
    uint16_t greeting = 220;
    uint16_t protection = 200;  // to PROT (RFC 4217)
    uint16_t extended = 229;    // to EPSV (RFC 2428)
    uint16_t passive = 227;     // to PASV
    uint16_t size = 213;        // to SIZE (RFC 3659)
    uint16_t announcement = 150;
    uint16_t last = 226;         // when the data connection is closed
    bool names_other = false;    // PASV names the address of somebody else
    bool names_length = false;   // "150 ... (100 bytes)"
    bool plain_data = false;     // no TLS on the data connection, whatever was agreed
    bool mute_data = false;      // a TLS handshake there that never comes
    bool mute_farewell = false;  // QUIT is not answered
};

// Its fields stand in the order in which a reader asks. Manners of HTTP alone mean nothing to FTP;
// endless_fields is a reply without an end there, not_http a banner that is no reply.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct Behaviour {
    std::string_view name;
    Protocol protocol = Protocol::http;

    // The request.
    uint32_t requests = 1;  // so many after one another
    AuthPolicy auth = AuthPolicy::none;
    bool right_password = true;
    uint32_t credit_bytes = 64 * 1024;  // granted at the start, and given back as it is used up
                                        // unless `then` grants
    bool verify = true;
    bool knows_authority = true;
    bool shows_certificate = false;
    WallSeconds wall_s = 1'900'000'000;  // what the phone's clock says: 2030; certificates: 2020
                                         // to 2120
    uint32_t connect_ms = 5'000;

    // The server.
    Door door = Door::by_address;
    Certificate certificate = Certificate::none;
    bool wants_certificate = false;   // of the client
    bool tls_1_2 = false;             // and nothing newer
    Demand demand = Demand::nothing;  // anything but nothing is a login with a password for FTP
    bool interim_first = false;       // 100 and 103 before the answer
    Manner manner = Manner::proper;
    uint16_t status = 200;
    std::string_view fields = {};  // more of the header, each ended by LF
    Framing framing = Framing::length;
    uint32_t body_bytes = 100;   // really sent
    int64_t claimed_bytes = -1;  // in Content-Length, or by SIZE; -1: body_bytes
    bool drips = false;          // every byte on its own
    After after = After::ends;
    FtpReplies ftp = {};

    // What is to be seen. After a silence the server may go on, the transfer gets credit_bytes
    // more, or it is stopped.
    enum class Then : uint8_t { stop, go_on, grant };
    Then then = Then::stop;
    uint32_t grants = 0;  // so often, then stop
    std::string_view expected = {};
    std::string_view says = {};  // a part of the failure's reason, for worlds that have words
    uint32_t connections = 1;    // 0: does not matter
    uint32_t requests_seen = 0;  // by the server; 0: does not matter
    // Why the pretended world does not play it; empty: it does.
    std::string_view real_only = {};
};

std::span<const Behaviour> behaviours();
std::span<const Behaviour> ftp_behaviours();

// The behaviour of that name in both lists, null when there is none.
const Behaviour* behaviour_called(std::string_view name);

}  // namespace dialtone::conformance

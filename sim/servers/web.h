// SPDX-License-Identifier: Apache-2.0
//
// Web and FTP servers of the simulated network: what a URL answers, and how badly. What a client
// makes of it is sim/world/transfer_model.h; the conformance suite holds both to what the Linux
// world does.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/effect.h"

namespace dialtone::sim {

// How the end of a body is told (RFC 9112 6).
enum class Framing : uint8_t { length, chunked, until_close, no_body };

// What follows the last byte of a body that is sent.
enum class BodyEnd : uint8_t {
    stays_open,             // the last chunk where there are chunks; the connection stays
    closes,                 // the server closes the connection, without a last chunk
    closes_without_notify,  // the same, without the close_notify of TLS (RFC 8446 6.1)
    resets,                 // it breaks the connection (TCP RST)
    bad_chunk,              // something that is no chunk, then it closes
};

// What is wrong with the head of an answer, or with the greeting of an FTP server.
enum class HeadFault : uint8_t {
    none,
    no_response,  // the server closes the connection instead
    truncated,    // and closes the connection
    field_without_colon,
    bad_length,      // Content-Length is no number
    two_lengths,     // Content-Length twice, with different numbers
    no_head,         // a body without any header, as in HTTP/0.9
    other_protocol,  // the banner of one
    endless_fields,  // header fields, or lines of one FTP reply, until the client leaves
    endless_line,    // one field, or one line, without an end
};

// What a server makes of a request for a part of a file (RFC 9110 14).
enum class RangeSupport : uint8_t {
    none,          // it sends the whole file, as it may
    parts,         // 206 with the part, 416 when there is none
    other_part,    // 206 with the file's beginning, whatever was asked for
    part_unnamed,  // 206 without saying which part
};

// How a server asks for its user.
enum class Challenge : uint8_t {
    basic,
    digest,
    digest_stale,  // every nonce holds for one answer and is called stale then (RFC 7616 3.3)
    digest_stale_unmarked,  // the same, without stale=true
    digest_renewed,         // the first right answer to each request only gets a new nonce
    digest_renewed_always,  // and every other one, too
    unknown_scheme,
    unknown_algorithm,  // Digest with SHA-512-256
};

// What is wrong with a body in gzip (RFC 1952).
enum class GzipFault : uint8_t {
    none,
    cut,      // its last bytes are missing
    damaged,  // its checksum is of other bytes
    no_gzip,  // it is the file itself
};

// The replies of an FTP server where it has a choice (RFC 959 4.2). 0: it sends none.
struct FtpReplies {
    uint16_t greeting = 220;
    uint16_t protection = 200;           // to PROT (RFC 4217)
    uint16_t extended = 229;             // to EPSV (RFC 2428)
    uint16_t passive = 227;              // to PASV
    uint16_t size = 213;                 // to SIZE (RFC 3659)
    uint16_t preliminary = 150;          // to RETR, before the data
    uint16_t completion = 226;           // when the data connection is closed
    bool size_in_preliminary = false;    // "150 ... (100 bytes)"
    bool plain_data = false;             // no TLS on the data connection, whatever was agreed
    bool stalls_data_handshake = false;  // the TLS handshake of the data connection never ends
    uint32_t greeting_ms = 0;            // until it greets
    uint32_t login_ms = 0;               // and from there until it has looked at the password
};

struct Answer {
    uint16_t status = 200;
    std::string body = {};  // what is really sent of it
    std::string location = {};
    std::string retry_after = {};
    bool tls_verified = false;
    int64_t ends_after = -1;    // cut off after so many bytes of the body
    int64_t stalls_after = -1;  // silent after so many bytes of the body
    bool stalls_before_head = false;
    bool endless = false;   // the body is repeated for ever
    std::string user = {};  // credentials that are needed, else 401
    std::string password = {};
    uint32_t piece_interval_ms = 1;  // between two pieces of the body
    uint32_t latency_ms = 5;
    std::string etag = {};
    std::string content_type = {};
    std::string last_modified = {};
    std::string content_encoding = {};  // `body` is what a client makes of it
    GzipFault gzip_fault = GzipFault::none;
    std::string wants = {};  // of a 401: a challenge that no phone knows
    RangeSupport ranges = RangeSupport::none;
    std::string content_range = {};  // as it is sent; part_of() fills it
    // "name=value". Given with every answer; a request after the first one that does not bring it
    // back is answered 403.
    std::string cookie = {};
    Framing framing = Framing::length;
    int64_t stated_bytes = -1;  // in Content-Length, or by SIZE; -1: those of the body
    BodyEnd end = BodyEnd::stays_open;
    bool connection_close = false;  // Connection: close
    HeadFault head_fault = HeadFault::none;
    Challenge challenge = Challenge::basic;
    std::string challenge_page = "who are you?";
    uint32_t piece_bytes = 1400;  // of the body at a time, as a network would bring it
    FtpReplies ftp = {};
    std::string date = {};
    bool lacks_certificate = false;  // the phone was asked for one and had none
    WallSeconds valid_from_s = 0;    // of the certificate that was shown; 0: of none
    WallSeconds valid_to_s = 0;
};

// What a server's certificate says. Its authority is the CA file that knows it; empty: every
// system's.
struct Certificate {
    std::vector<std::string> names = {};
    std::string authority = {};
    WallSeconds from_s = 0;
    WallSeconds until_s = INT64_MAX;
    bool operator==(const Certificate&) const = default;
};

// Whether a server can be connected to.
enum class Reachability : uint8_t {
    open,
    refused,                    // nobody listens at the port
    unresponsive,               // connections are neither accepted nor refused
    unresponsive_after_accept,  // accepted by the system, and the server never reads from them
};

// How a server is connected to, whatever it answers.
struct WebServer {
    Reachability reachability = Reachability::open;
    std::optional<Certificate> certificate = {};  // none: the answers say what is verified
    bool demands_client_certificate = false;
    bool asks_client_certificate = false;  // the same, and it answers whoever shows none
    bool without_tls = false;              // plain HTTP or FTP answers where TLS is expected
};

// The answer instead of `whole` when a part was asked for, by the server's RangeSupport.
Answer part_of(const Answer& whole, const ByteRange& wanted);

class Web {
  public:
    // Answers `url` (as request_url() writes it). A URL nobody put answers 404, a host nobody
    // named refuses the connection.
    void put(std::string url, Answer answer);
    void put_body(std::string url, std::string body) {
        put(std::move(url), {.body = std::move(body)});
    }
    // The same, with an answer made for each request.
    using Responder = std::function<Answer(const StartTransfer&)>;
    void serve(std::string url, Responder responder);
    void remove(const std::string& url) { answers_.erase(url); }
    // `origin`: scheme, host and port of its URLs, without a slash behind them.
    void put_server(std::string origin, WebServer server);
    // The name does not exist, or (`times_out`) the name servers do not answer for it.
    void fail_name(std::string host, bool times_out) {
        failing_names_[std::move(host)] = times_out;
    }
    // All servers are gone until they are back.
    void set_down(bool down) { down_ = down; }

    // What a request comes to: a connection that fails, or an answer.
    struct Outcome {
        bool refused = false;  // the connection
        Answer answer = {};
        TransferFault fault = TransferFault::connect;  // when refused
        std::string reason = "the connection was refused";
        uint32_t refused_after_ms = 1;
    };
    // `wall_s` is the phone's clock.
    Outcome respond(const StartTransfer& request, WallSeconds wall_s);
    // The exchange is over as far as connections go: whether it `keeps` its one for the next.
    void note_connection(const StartTransfer& request, bool keeps);
    // Its connection, its cookies and what was proved on it are gone; 0: those of all sessions.
    void forget_session(RequestId session);

    // Every transfer that reached a server, in order.
    const std::vector<StartTransfer>& requests() const { return requests_; }
    void forget_requests() { requests_.clear(); }
    // Requests as the servers count them, with those that only got a challenge.
    uint32_t requests_seen() const { return requests_seen_; }
    uint32_t connections() const { return connections_; }

  private:
    bool knows_host(std::string_view url) const;
    bool refuses(const StartTransfer& request, Outcome& outcome) const;
    bool fails_in_tls(const StartTransfer& request, WallSeconds wall_s, Outcome& outcome) const;
    void challenge(const StartTransfer& request, Outcome& outcome);
    void demand_cookie(const StartTransfer& request, Outcome& outcome);

    std::map<std::string, Answer> answers_ = {};
    std::map<std::string, Responder> responders_ = {};  // of some of their URLs
    std::map<std::string, WebServer, std::less<>> servers_ = {};
    std::map<std::string, bool, std::less<>> failing_names_ = {};
    std::vector<StartTransfer> requests_ = {};
    // A client at an origin, in one of its sessions or in none.
    using Client = std::pair<RequestId, std::string>;
    std::set<Client> open_ = {};              // with a connection that is kept
    std::set<Client> logged_in_ = {};         // whose answer to a challenge was right
    std::set<Client> has_cookie_ = {};        // sessions
    std::set<std::string> gave_cookie_ = {};  // origins
    uint32_t requests_seen_ = 0;
    uint32_t connections_ = 0;
    bool down_ = false;
};

}  // namespace dialtone::sim

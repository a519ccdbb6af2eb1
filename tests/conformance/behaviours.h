// SPDX-License-Identifier: Apache-2.0
//
// The conformance suite's list: what a server may do to a request or to an FTP RETR, as data, and
// the events that a world must make of it. Servers are described in the simulator's own terms
// (sim/servers/web.h): the simulator plays them by its model (sim_test.cpp), and a server with real
// sockets plays them to platform/linux (linux_test.cpp). A server that misbehaves in a new way gets
// a line here first.
//
// The expected sequence is text, its items separated by ", ":
//     head STATUS [length N] [verified] [location URL] [etag TAG] [retry-after TEXT] [type TYPE]
//                 [changed DATE] [wants CHALLENGE] [lacks certificate] [part FIRST-LAST/TOTAL]
//                      * for what is not said
//     body N           N bytes in one or more chunks
//     end
//     failed FAULT     FAULT as in TransferFault
//     silence          the server waits and the world reports nothing
//     stopped          StopTransfer was asked for and nothing came after it
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/effect.h"
#include "agent/instant.h"
#include "agent/transfer/url.h"
#include "sim/servers/web.h"

namespace dialtone::conformance {

inline constexpr char user[] = "phone";
inline constexpr char password[] = "correct horse";

// The hosts of the URLs. The name server knows server_name and denies every other name.
inline constexpr std::string_view server_address = "127.0.0.1";
inline constexpr std::string_view server_name = "server.test";
inline constexpr std::string_view unknown_name = "unknown.test";

inline constexpr uint32_t challenge_page_bytes = 12;  // of the body of a 401

// What a real server does and the simulator has no form for.
struct RealServerExtra {
    bool tls_1_2_only = false;
    bool pasv_names_other_host = false;  // the reply to PASV has somebody else's address
    bool ignores_quit = false;           // QUIT is not answered
    // What is written in place of a head, and of a body with its framing. What it means stands in
    // the answer.
    std::string_view head_text = {};
    std::string_view body_text = {};
    // Challenges in place of the answer's, one a line, with @ for the nonce; and their realm.
    std::string_view challenges = {};
    std::string_view realm = "files";
    // Replies of an FTP server as they are written, "VERB REPLY" with '|' between them, in place of
    // what the answer's would be; GREETING and END are those behind no command, @ is the port.
    std::string_view ftp_replies = {};
    std::string_view ftp_line_end = "\r\n";
};

// Its fields stand in the order in which a reader asks.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct Behaviour {
    std::string_view name;

    // The request.
    Scheme scheme = Scheme::http;
    std::string_view host = server_address;
    HttpMethod method = HttpMethod::get;
    uint32_t sends_bytes = 0;   // of a body, all 'y'
    bool sends_stored = false;  // it lies in the state directory
    std::optional<ByteRange> range = {};
    uint32_t requests = 1;  // so many after one another
    // The session of each of them, one digit each, 0 or nothing: none. '/' before a digit: all
    // sessions are released first.
    std::string_view sessions = {};
    AuthPolicy auth = AuthPolicy::none;
    bool right_password = true;
    uint32_t credit_bytes = 64 * 1024;  // granted at the start, and given back as it is used up
                                        // unless `then` grants
    bool verify = true;
    bool clock_is_proven = true;
    bool knows_authority = true;
    bool shows_certificate = false;
    WallSeconds wall_s = 1'900'000'000;  // what the phone's clock says: 2030; certificates: 2020
                                         // to 2120
    uint32_t connect_ms = 5'000;
    uint32_t login_ms = 20'000;  // of FTP

    // The server. `answer` has no body of its own: answer_of() puts `body_bytes` times 'x' there.
    bool name_server_answers = true;
    sim::WebServer server = {};
    sim::Answer answer = {};
    uint32_t body_bytes = 100;
    RealServerExtra extra = {};

    // What is to be seen. After a silence the server may go on, the transfer gets credit_bytes
    // more, or it is stopped.
    enum class Then : uint8_t { stop, go_on, grant };
    Then then = Then::stop;
    uint32_t grants = 0;  // so often, then stop
    std::string_view expected = {};
    std::string_view says = {};  // a part of the failure's reason, for worlds that have words
    uint32_t connections = 1;    // 0: does not matter
    uint32_t requests_seen = 0;  // by the server; 0: does not matter
    // The last request as it reached the server: "METHOD", and behind it "N bytes", "part ..." and
    // "if ..." of what it has. Empty: does not matter.
    std::string_view seen = {};
    // Why the simulator does not play it; empty: it does.
    std::string_view real_only = {};
};

std::span<const Behaviour> behaviours();
std::span<const Behaviour> http_text_behaviours();  // how HTTP is written, coded and challenged
std::span<const Behaviour> ftp_behaviours();
std::vector<const Behaviour*> all_behaviours();

inline constexpr std::string_view stored_name = "upload.bin";

// What stands in Behaviour::seen for a request with these parts.
std::string seen_words(std::string_view method, uint64_t body_bytes, std::string_view range,
                       std::string_view if_range);

// The behaviour of that name in all lists, null when there is none.
const Behaviour* behaviour_called(std::string_view name);

// What the server answers, with its body, which is all 'x', and with that of a 401.
sim::Answer answer_of(const Behaviour& behaviour);

// What is asked for, of a server at that port.
std::string url_of(const Behaviour& behaviour, uint16_t port);
bool is_ftp(const Behaviour& behaviour);

}  // namespace dialtone::conformance

// SPDX-License-Identifier: Apache-2.0
//
// Everything the agent can want of the world, as one closed variant. The world drains
// Agent::next() after every handle() and answers requests by events that carry the same id.
//
// Effects own their bytes: an effect may wait in a world's queue for as long as it takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "agent/event.h"
#include "agent/http_method.h"
#include "agent/journal.h"

namespace dialtone {

enum class SocketKind : uint8_t {
    datagram,    // UDP, unconnected; multicast leaves by the agent's interface, one hop
    connection,  // TCP to `to`; Connected comes back
    listener,    // TCP; Accepted comes back for each connection, at most limits::accepted at a time
    dhcp,        // UDP from port 68 of the agent's interface, whoever else holds that port: what is
                 // sent goes out as broadcast to port 67, every server's answer is seen
};

// A socket that cannot be opened, or breaks, or whose peer ends it, is closed by the world and
// answers with SocketFailed.
struct OpenSocket {
    RequestId socket = 0;
    uint8_t octet_count = 4;  // 4: IPv4, 16: IPv6
    SocketKind kind = SocketKind::datagram;
    uint16_t port = 0;  // the local one; 0: any
    Address to = {};    // of a connection
    uint16_t to_port = 0;
};

struct CloseSocket {
    RequestId socket = 0;
};

struct DatagramOut {
    RequestId socket = 0;
    Address to = {};
    uint16_t to_port = 0;
    std::vector<uint8_t> bytes = {};
};

// Bytes of a connection, in order. What the peer does not take within limits::stream_out_bytes
// ends the connection.
struct BytesOut {
    RequestId socket = 0;
    std::vector<uint8_t> bytes = {};
};

struct Resolve {
    RequestId id = 0;
    std::string name = {};
};

enum class AuthPolicy : uint8_t {
    none,          // no credentials are sent, whatever the server asks
    on_challenge,  // Basic or Digest, when the server asks
    basic_always,  // Basic with the first request
    digest_only,   // Digest, when the server asks; never over FTP
};

struct TlsPolicy {
    bool verify = true;
    bool clock_is_proven = false;       // else a certificate of the future is accepted
    std::string ca_file = {};           // empty: the system's
    std::string certificate_file = {};  // client certificate, empty: none
    std::string key_file = {};
    bool only_1_3 = false;  // else 1.2, too
};

// What a PUT or POST sends, empty or not. A challenge makes the world send it once more.
struct TransferBody {
    std::vector<uint8_t> bytes = {};
    std::string stored_name = {};  // instead: a file of the state directory, by its bare name, as
                                   // it lies there; at most limits::stored_body_bytes
};

// A part of a file (RFC 9110 14.2).
struct ByteRange {
    uint64_t first = 0;
    std::optional<uint64_t> last = {};  // none: up to the end
    std::string if_range =
        {};  // a strong entity tag or a date (RFC 9110 13.1.5): if the file has
             // another one by now, the answer is the whole; empty: whatever it has
};

// One request for one URL, and its answer. The world follows no redirect and retries nothing, but
// sends a request anew when a kept connection has ended before the answer began (RFC 9112 9.3.1).
// No byte of the answer's body is delivered before credit was given. FTP knows no more than the GET
// of a whole file. transfer/request_check says what cannot be asked for; that fails as unsupported.
struct StartTransfer {
    RequestId id = 0;
    std::string url = {};  // without userinfo
    HttpMethod method = HttpMethod::get;
    std::string user_agent = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    TransferBody body = {};
    std::optional<ByteRange> range = {};
    // Transfers of one session come one after the other and share a connection, what was proved on
    // it, and the cookies (RFC 6265), which never leave the world. 0: of no session, and no cookie
    // is kept. A session begins with its first transfer and ends with ReleaseSession.
    RequestId session = 0;
    AuthPolicy auth = AuthPolicy::none;
    std::string user = {};
    std::string password = {};
    TlsPolicy tls = {};
    uint32_t connect_ms = limits::transfer_connect_ms;
    uint32_t login_ms = limits::ftp_login_ms;  // of FTP, behind the connection
};

struct CreditTransfer {
    RequestId id = 0;
    uint32_t bytes = 0;  // added to what is outstanding
};

struct StopTransfer {
    RequestId id = 0;
};

// Closes the session's connection and forgets all of it; a transfer that is under way in it stops.
struct ReleaseSession {
    RequestId session = 0;
};

// Answered with HttpOpened; then requests by HTTP/1.0 and 1.1 come as HttpRequest. A port that is
// not to be had, and a build that does not listen, answer with SocketFailed.
struct OpenHttp {
    RequestId listener = 0;
    uint8_t octet_count = 4;  // 4: IPv4, 16: IPv6
    uint16_t port = 0;
};

// Its connections end at once, answered or not.
struct CloseHttp {
    RequestId listener = 0;
};

// The answer to an HttpRequest, at most once; the world adds Content-Length and Connection. Ignored
// when the client has gone, or after limits::http_reply_ms.
struct HttpReply {
    RequestId request = 0;
    uint16_t status = 200;
    std::vector<std::pair<std::string, std::string>> fields = {};
    std::vector<uint8_t> body = {};
    bool closes = false;  // the connection, when it is sent
};

// Storage: files in the state directory by bare name, first in, first out, one step outstanding.
// None of the steps but sync_* promises that it survives a power cut.
enum class StorageStep : uint8_t {
    read,            // answers with the bytes, at most limits::generation_bytes
    write,           // the file holds exactly `bytes` afterwards; not atomic
    append,          // `bytes` come behind the file's `offset` bytes; refused when it has another
                     // number of them. A file that is not there has none
    sync_file,       // the file's bytes are on the medium
    sync_directory,  // names created, renamed and removed are on the medium
    rename,          // `name` becomes `new_name`
    remove,          // a name that is not there is no failure
    room,            // answers with how many bytes more the medium takes
};

// Whether the step may change what the medium holds.
constexpr bool is_mutating(StorageStep step) {
    return step != StorageStep::read && step != StorageStep::room;
}

struct Storage {
    RequestId id = 0;
    StorageStep step = StorageStep::read;
    std::string name = {};
    std::string new_name = {};
    std::vector<uint8_t> bytes = {};
    uint32_t offset = 0;  // of append
};

// A file that the phone's own software is to take.
struct HandedFile {
    std::string stored_name = {};  // of a staged file in the state directory; empty: there is none
    std::string type = {};         // as an ACS names it: "4 Tone File"
    std::string name = {};         // what it is to be called: a bare name
};

// Runs every program of the hook directory in the order of their names, each with the path of a
// file. It lists the changed keys as KEY=VALUE lines (the form of `dialtone show config`), or is
// the one that is handed over: then the programs are told its type and name, too.
struct RunHooks {
    RequestId id = 0;
    std::string directory = {};
    std::string key_lines = {};
    HandedFile file = {};
};

// The answer to a Command: what came of it in one line, and more lines where it asked for a list.
// The world keeps the lines within their bounds (agent/reply_lines.h).
struct Reply {
    RequestId id = 0;
    bool ok = true;
    std::string text = {};
    std::vector<std::string> lines = {};
};

struct Reboot {
    bool afresh = false;  // asked for: counts as power-on, not as one of those provisioning costs
};

// The life is over (--once, or an operator's stop). `why` is one line for standard error.
struct Exit {
    uint8_t status = 0;
    std::string why = {};
};

// TLS and logs read the wall clock through the world; this sets the world's idea of it, never
// the machine's.
struct SetWallClock {
    WallSeconds wall_s = 0;
};

using Effect =
    std::variant<OpenSocket, CloseSocket, DatagramOut, BytesOut, Resolve, StartTransfer,
                 CreditTransfer, StopTransfer, ReleaseSession, OpenHttp, CloseHttp, HttpReply,
                 Storage, RunHooks, Reply, Reboot, Exit, SetWallClock, JournalLine>;

}  // namespace dialtone

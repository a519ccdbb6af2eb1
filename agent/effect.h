// SPDX-License-Identifier: Apache-2.0
//
// Everything the agent can want of the world, as one closed variant. The world drains
// Agent::next() after every handle() and answers requests by events that carry the same id.
//
// Effects own their bytes: an effect may wait in a world's queue for as long as it takes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "agent/event.h"
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
};

struct TlsPolicy {
    bool verify = true;
    std::string ca_file = {};           // empty: the system's
    std::string certificate_file = {};  // client certificate, empty: none
    std::string key_file = {};
};

// GET of one URL. The world follows no redirect and retries nothing. No byte of the body is
// delivered before credit was given.
struct StartTransfer {
    RequestId id = 0;
    std::string url = {};  // without userinfo
    std::string user_agent = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    AuthPolicy auth = AuthPolicy::none;
    std::string user = {};
    std::string password = {};
    TlsPolicy tls = {};
    uint32_t connect_ms = limits::transfer_connect_ms;
};

struct CreditTransfer {
    RequestId id = 0;
    uint32_t bytes = 0;  // added to what is outstanding
};

struct StopTransfer {
    RequestId id = 0;
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

// Runs every program of the hook directory in the order of their names, each with the path of a
// file that lists the changed keys as KEY=VALUE lines (the form of `dialtone show config`).
struct RunHooks {
    RequestId id = 0;
    std::string directory = {};
    std::string key_lines = {};
};

struct Reply {
    RequestId id = 0;
    bool ok = true;
    std::string text = {};
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

using Effect = std::variant<OpenSocket, CloseSocket, DatagramOut, BytesOut, Resolve, StartTransfer,
                            CreditTransfer, StopTransfer, Storage, RunHooks, Reply, Reboot, Exit,
                            SetWallClock, JournalLine>;

}  // namespace dialtone

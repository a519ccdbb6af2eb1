// SPDX-License-Identifier: Apache-2.0
//
// Everything that can happen to the agent, as one closed variant. A world (platform/linux or
// sim/) makes Events and hands them to Agent::handle; the agent hands them on to its engines.
//
// Rules: every answer carries the id of the effect that asked for it, a stale id is ignored;
// spans and string_views in an event live only during handle().
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "agent/address.h"
#include "agent/http_method.h"
#include "agent/instant.h"
#include "agent/limits.h"

namespace dialtone {

using RequestId = uint32_t;  // 0 names nothing

enum class ResetCause : uint8_t {
    power_on,             // the phone had no power, or the daemon was started by hand
    provisioning_reboot,  // the Reboot effect asked for it
    crash,                // the agent died or the watchdog bit
};

// The clock as the world found it when the agent started. `now` of handle() belongs to the same
// moment, so that the agent can carry the wall clock on by itself.
struct Boot {
    ResetCause reset_cause = ResetCause::power_on;
    uint32_t provisioning_reboots = 0;  // since power-on, counted by the boot loader or the parent
    std::span<const uint8_t> record_copies[limits::record_copies] = {};  // empty: copy not there
    uint64_t entropy = 0;                  // from the system's random source
    std::array<uint64_t, 4> secret = {};   // from there too, for nonces and paths
    WallSeconds wall_s = 0;                // as the hardware clock says, may be wrong
    std::string_view settings_error = {};  // why the settings file was refused, empty: it was not
    uint32_t staged_files = 0;             // bit i: staged file i is there, left by an earlier life
    // Why what is stored is lost with a restart of the machine, as far as the world can tell,
    // naming the directory; empty: it lasts.
    std::string_view state_lost = {};
    bool state_in_memory = false;  // of the process: then no setting can know better
};

// The deadline() of the agent is due. Carries nothing: engines look at the time.
struct Wake {};

struct LinkChanged {
    bool up = false;       // carrier and at least one address that is not link-local
    Address address = {};  // the interface's first one
};

// An option of a DHCP lease as it stood in the server's message, the pieces of a split one joined.
struct LeaseOption {
    bool ipv6 = false;  // of DHCPv6, whose codes are others
    uint16_t code = 0;
    std::span<const uint8_t> value = {};
};

// What the phone's DHCP client has come to. The client is another program; it owns the lease and
// tells the world.
enum class LeaseNews : uint8_t { bound, renewed, lost };

struct Lease {
    LeaseNews news = LeaseNews::bound;
    std::span<const LeaseOption> options = {};  // at most limits::lease_options
    std::string_view vendor_class = {};  // option 60, as the client has sent it; empty: not known
};

struct WallClockSet {  // the world's clock was changed by somebody else
    WallSeconds wall_s = 0;
};

struct Resolved {
    RequestId id = 0;
    std::span<const Address> addresses = {};  // empty: failed, `reason` says why
    std::string_view reason = {};
};

struct DatagramIn {
    RequestId socket = 0;
    Address from = {};
    uint16_t from_port = 0;
    std::span<const uint8_t> bytes = {};
};

struct Connected {  // of a SocketKind::connection
    RequestId socket = 0;
};

// Somebody connected to a listener. The number of the new connection is the world's, with the
// highest bit set; CloseSocket and BytesOut take it.
struct Accepted {
    RequestId listener = 0;
    RequestId socket = 0;
    Address from = {};
    uint16_t from_port = 0;
};

struct BytesIn {  // of a connection, in order
    RequestId socket = 0;
    std::span<const uint8_t> bytes = {};
};

struct SocketFailed {
    RequestId socket = 0;
    std::string_view reason = {};
    bool opened = false;  // and then the network failed it; else it could not be opened at all
};

// Which part of a whole an answer brings (Content-Range, RFC 9110 14.4). -1: not said.
struct ContentRange {
    int64_t first = -1;
    int64_t last = -1;
    int64_t total = -1;  // a 416 tells this alone
};

// The head of the final answer: redirects are answers, authentication rounds are not. Whoever asked
// for a part and is told another status than 206 does not get one: a 200 brings the whole.
struct TransferHead {
    RequestId id = 0;
    uint16_t status = 0;             // HTTP status; FTP maps to 200 and 404
    int64_t content_length = -1;     // -1: not said
    bool tls_verified = false;       // certificate chain and name were checked and hold
    std::string_view location = {};  // resolved by nobody yet
    std::string_view etag = {};
    std::string_view retry_after = {};  // as sent
    std::string_view content_type = {};
    std::string_view last_modified = {};
    // Of a 401: what the server wants to have proved and no world knows how. Empty: it is known.
    std::string_view wants = {};
    ContentRange range = {};  // of a 206 with one part, or of a 416
    std::string_view date = {};
    // The server has asked for a client certificate, and the phone had none to show.
    bool lacks_certificate = false;
    // Within which time all certificates of the chain are valid; 0: not seen, as with a connection
    // that was kept.
    WallSeconds valid_from_s = 0;
    WallSeconds valid_to_s = 0;
};

// At most as many bytes as were granted by CreditTransfer and not delivered yet.
struct TransferChunk {
    RequestId id = 0;
    std::span<const uint8_t> bytes = {};
};

// The body is complete as far as its framing tells.
struct TransferEnd {
    RequestId id = 0;
};

enum class TransferFault : uint8_t {
    name,         // the name could not be resolved
    connect,      // refused, unreachable or no answer to the connection
    tls,          // the certificate or the handshake was not acceptable
    expired,      // the certificate was acceptable until a time before that of the phone's clock
    truncated,    // fewer bytes than Content-Length or chunk framing promised
    broken,       // reset, or not the protocol it claims to be
    credentials,  // FTP: the server wants a user and password, or others than were given
    unsupported,  // a scheme this build does not carry, or what no request may be
    stored_file,  // the file that is to be sent is not there, or too large
};

struct TransferFailed {
    RequestId id = 0;
    TransferFault fault = TransferFault::broken;
    std::string_view reason = {};  // the world's words, for the journal
};

// An HTTP listener is open, and takes requests from now on.
struct HttpOpened {
    RequestId listener = 0;
};

// A request that came to an HTTP listener, whole and within limits::http_*; what is not, or has
// another method, the world answers by itself, and the agent never hears of it. Requests of one
// connection come one after the other. The number is the world's, with the highest bit set.
struct HttpRequest {
    RequestId listener = 0;
    RequestId request = 0;
    HttpMethod method = HttpMethod::get;
    std::string_view target = {};  // of the request line, as it is: path and query
    std::string_view authorization =
        {};                              // at most limits::header_field_bytes each, as sent; longer
    std::string_view content_type = {};  // ones count as absent
    std::string_view host = {};
    std::span<const uint8_t> body = {};
    Address from = {};
    uint16_t from_port = 0;
};

// One storage step is done. `failure` is empty on success.
struct StorageDone {
    RequestId id = 0;
    std::string_view failure = {};
    bool not_found = false;               // there is no such file
    std::span<const uint8_t> bytes = {};  // of a read
    uint64_t room_bytes = 0;              // of a room
};

// All hook programs have run.
// Nothing ran and something failed: the world could not run them at all.
struct HooksDone {
    RequestId id = 0;
    uint32_t ran = 0;
    uint32_t failed = 0;
    std::string_view first_failure = {};  // "10-sip ended with status 3"
};

enum class CommandKind : uint8_t {
    resync,         // ask the source again now
    confirm,        // the phone works: ends a trial
    set,            // argument KEY=VALUE
    factory_reset,  // back to the profile
    stop,           // leave in good order
    notify,         // argument: a SIP NOTIFY that the phone's own SIP stack has accepted, whole
    voice,          // argument: what the phone's lines do, see cwmp/voice_report.h
    model,          // argument: FIRST PATH; what an ACS sees of the phone, from that line on
};

// What an operator or the phone asks for; answered by the Reply effect with the same id.
struct Command {
    RequestId id = 0;
    CommandKind kind = CommandKind::resync;
    std::string_view argument = {};
};

using Event =
    std::variant<Boot, Wake, LinkChanged, Lease, WallClockSet, Resolved, DatagramIn, Connected,
                 Accepted, BytesIn, SocketFailed, TransferHead, TransferChunk, TransferEnd,
                 TransferFailed, HttpOpened, HttpRequest, StorageDone, HooksDone, Command>;

}  // namespace dialtone

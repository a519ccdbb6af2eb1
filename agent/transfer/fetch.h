// SPDX-License-Identifier: Apache-2.0
//
// Gets one file into a sink: follows redirects, decides about credentials, watches the time, grants
// the server what the sink has room for. Its owner starts it for each file and takes its outcome;
// it never retries, because only the owner knows what else there is to try.
//
// A Machine in small: start(), then handle()/next()/deadline() until take_outcome() gives one.
// HTTP semantics by RFC 9110 (status 15, redirects 15.4, Retry-After 10.2.3, ranges 14). FTP
// answers come as statuses 200 and 404 and as faults.
//
// A redirect of a POST or PUT repeats it, body and all, whatever its status but 303: RFC
// 9110 15.4.2 and 15.4.3 allow a client to make a GET of it and do not ask it to, and TR-069 3.4.1
// wants the same message sent to the new place. 303 makes a GET of it (15.4.4). A body goes from
// https to nothing but https.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/engine.h"
#include "agent/limits.h"
#include "agent/provenance.h"
#include "agent/transfer/sink.h"
#include "agent/transfer/url.h"
#include "agent/trust/credentials.h"
#include "agent/trust/server_name.h"

namespace dialtone {

struct FetchRequest {
    std::string url = {};  // as given: userinfo, query, without scheme perhaps
    Scheme default_scheme = Scheme::http;
    std::string user_agent = {};
    std::string user = {};  // for a URL without userinfo
    std::string password = {};
    bool basic_always = false;
    std::vector<ServerName> credentials_meant_for = {};  // user and password (trust/credentials.h)
    SourceKind named_by = SourceKind::none;              // who named the URL
    TlsPolicy tls = {};
    // As StartTransfer has them.
    HttpMethod method = HttpMethod::get;
    std::vector<std::pair<std::string, std::string>> headers = {};
    TransferBody body = {};
    std::optional<ByteRange> range = {};
    RequestId session = 0;
    uint32_t total_ms = limits::transfer_total_ms;  // all in all
};

struct FetchOutcome {
    enum class Kind : uint8_t {
        body,         // the sink has what was asked for: the whole file, or see `first_byte`
        absent,       // the server says there is no such file
        withheld,     // the server has something and does not give it: 403
        refused,      // the answer cannot be used: 401, too big, redirect loop, unknown scheme
        unreachable,  // no whole answer, or the server asks to come back: worth another try
    };
    Kind kind = Kind::unreachable;
    // Of a request for a part: where the body begins in the file; 0 when the server sent the whole.
    uint64_t first_byte = 0;
    int64_t total_bytes = -1;    // of that file, -1: not said
    std::string validator = {};  // its entity tag, or without one its date; for If-Range
    bool tls_verified = false;   // on every hop
    ServerName server = {};      // of the last hop
    // What a verified hop says of the time, 0: nothing.
    WallSeconds valid_from_s = 0;
    WallSeconds valid_to_s = 0;
    WallSeconds date_s = 0;      // of the last hop
    bool expired = false;        // the server's certificate is too old for the phone's clock
    bool unwelcome = false;      // the server wants a user and password, or others
    bool answered = false;       // the server that was asked first gave an answer
    bool begun = false;          // a body had begun to come, or a PUT or POST was accepted
    uint32_t retry_after_s = 0;  // what the server asked for, bounded; 0: nothing
    std::string shown_url = {};  // masked, of the last hop
    std::string reason = {};     // for people; empty for body
};

enum class FetchState : uint8_t { idle, head, body, discard, count_ };
enum class FetchCue : uint8_t {
    start,
    head_file,      // 200, or the part that was asked for: the file follows
    head_redirect,  // 301, 302, 303, 307, 308
    head_no_file,   // any other answer
    chunk,
    flood,  // a head or a chunk that says more than may be read
    kept,   // the sink has room again
    end,
    fault,
    time_up,
    held_too_long,  // the sink has no room for too long
    stop,
    count_
};
enum class FetchAction : uint8_t {
    nothing,
    ask,
    accept,
    note_redirect,
    note_answer,
    collect,
    grant,
    discard,
    deliver,
    use_status,
    report_fault,
    report_flood,
    report_silence,
    report_hold,
    cancel,
};

class Fetch : public Engine<FetchOutcome> {
  public:
    explicit Fetch(RequestIds& ids) : Engine(ids) {}

    // Ends what is under way, without an outcome, and starts anew. The sink outlives the download.
    void start(Instant now, FetchRequest request, Sink& sink);
    // The sink has kept bytes.
    void sink_kept(Instant now);
    void stop(Instant now);
    bool busy() const { return state_ != FetchState::idle; }
    // While busy: the server that was asked has begun to answer.
    bool heard() const { return busy() && found_.answered; }

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

  private:
    void step(Instant now, FetchCue cue);
    void act(Instant now, FetchAction action);
    void take_head(Instant now, const TransferHead& head);
    void note_time(const TransferHead& head);
    bool brings_file(const TransferHead& head) const;
    void note_file(const TransferHead& head);
    void take_chunk(Instant now, std::span<const uint8_t> bytes);
    void grant(Instant now);
    bool sink_holds() const { return state_ == FetchState::body && credit_ == 0; }
    void send_request(Instant now);
    void send_transfer(const Url& url, std::string address);
    void report_fault(Instant now);
    void report_silence(Instant now);
    void follow_redirect(Instant now);
    bool alter_request();
    std::string redirect_refusal(const Url& here, const Url& there, bool is_altered) const;
    void conclude(Instant now, FetchOutcome::Kind kind, std::string reason);
    void stop_transfer();
    std::string shown() const;
    std::string answer_words() const;
    std::string absent_words() const;
    std::string withheld_words() const;
    std::string unauthorized_words() const;
    std::string certificate_words() const;
    uint32_t patience_ms() const;
    CredentialUse credential_use_for(const Url& url) const;
    bool by_ftp() const;

    FetchState state_ = FetchState::idle;
    FetchRequest request_ = {};
    Sink* sink_ = nullptr;
    RequestId id_ = 0;     // of the transfer under way
    uint32_t credit_ = 0;  // granted for the body, and not used up yet
    std::string url_ = {};
    std::vector<std::string> visited_ = {};  // request URLs of all hops, for loops
    bool all_hops_verified_ = true;
    uint16_t status_ = 0;
    std::string location_ = {};
    std::string wants_ = {};          // of a 401, as TransferHead has it
    bool lacks_certificate_ = false;  // as TransferHead has it
    std::string page_ = {};           // the beginning of what came with a refusal
    FetchOutcome found_ = {};         // what is known so far of the outcome
    uint32_t discarded_bytes_ = 0;
    Instant asked_at_ = {};
    Instant began_at_ = {};
    Instant heard_at_ = {};
    uint32_t head_patience_ms_ = 0;  // for the head of this request
    std::string fault_reason_ = {};
    TransferFault fault_ = TransferFault::broken;
    std::span<const uint8_t> chunk_ = {};
};

}  // namespace dialtone

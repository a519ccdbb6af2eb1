// SPDX-License-Identifier: Apache-2.0
//
// One HTTP exchange after the other with an ACS (TR-069 3.4): posts a message or an empty body and
// brings what comes back, through redirects, a demanded user and the limits of time and size.
// Driven by the session (session.h), which knows what the bodies mean.
//
// A redirect gets the same body sent to the new place, which then counts for the rest of the
// session. User and password go to the server of the configured URL, and to one by https that this
// server names over verified TLS; to nobody else.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agent/effect.h"
#include "agent/engine.h"
#include "agent/transfer/url.h"
#include "agent/trust/server_name.h"

namespace dialtone {

struct AcsServer {
    std::string url = {};  // as it is set; its userinfo counts where `user` is empty
    std::string user = {};
    std::string password = {};
    AuthPolicy auth = AuthPolicy::on_challenge;  // what it may have of these
    std::string user_agent = {};
    TlsPolicy tls = {};
};

struct ExchangeOutcome {
    bool answered = false;  // with a status that can bring a message: 200, 204 or 500
    uint16_t status = 0;
    std::string body = {};
    uint32_t retry_after_s = 0;  // what a busy server asked for, bounded
    std::string reason = {};     // for people, when not answered
};

enum class ExchangeState : uint8_t { idle, asking, reading, count_ };
enum class ExchangeCue : uint8_t {
    send,
    head_answer,
    head_redirect,
    head_refusal,  // any other status
    chunk,
    flood,  // a chunk that makes it more than a message may have
    end,
    fault,
    time_up,
    stop,
    count_
};
enum class ExchangeAction : uint8_t {
    nothing,
    post,
    grant,
    follow,
    report_refusal,
    collect,
    report_flood,
    deliver,
    report_fault,
    report_silence,
    cancel,
};

class Exchange : public Engine<ExchangeOutcome> {
  public:
    explicit Exchange(RequestIds& ids) : Engine(ids) {}

    // A new session, in which nothing is known of the server yet.
    void begin(AcsServer server);
    // `body` empty: the phone has nothing to say.
    void send(Instant now, std::string body);
    // The session is over: its connection and cookies go.
    void end(Instant now);

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

    // Every answer of this session came over TLS with a certificate that holds.
    bool is_verified() const { return heads_ > 0 && all_verified_; }
    // Where messages go now, masked.
    std::string shown_url() const { return masked_url(url_, Scheme::http); }

  private:
    void step(Instant now, ExchangeCue cue);
    void act(Instant now, ExchangeAction action);
    void take_head(Instant now, const TransferHead& head);
    void take_chunk(Instant now, std::span<const uint8_t> bytes);
    void post(Instant now);
    void follow(Instant now);
    std::string redirect_refusal(const Url& here, const Url& there) const;
    void report(std::string reason);
    void stop_transfer();
    std::string refusal_words() const;

    ExchangeState state_ = ExchangeState::idle;
    AcsServer server_ = {};
    RequestId session_ = 0;
    std::string url_ = {};
    bool has_credentials_ = false;  // the server of url_ may be told them
    uint32_t redirects_ = 0;        // of this session
    std::string request_ = {};
    RequestId id_ = 0;
    uint16_t status_ = 0;
    bool tls_verified_ = false;
    uint32_t heads_ = 0;  // of this session
    bool all_verified_ = true;
    std::string location_ = {};
    std::string wants_ = {};
    std::string fault_reason_ = {};
    ExchangeOutcome found_ = {};
    std::span<const uint8_t> chunk_ = {};
    Instant heard_at_ = {};
};

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// Keeps a way through NATs open, on which the ACS may ask the phone for a session by UDP (TR-069
// Annex G): asks a STUN server where it sees the phone, says so again before the NAT forgets the
// way, finds out how long that is, and takes the connection requests that come. The ACS client
// owns it, and begins a session for each outcome. It runs where tr069.stun_enable is set.
//
// A server that says nothing is asked again, ever more seldom; nothing else waits for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/clock/wall_clock.h"
#include "agent/cwmp/connection_request.h"
#include "agent/cwmp/stun_lifetime.h"
#include "agent/cwmp/stun_transaction.h"
#include "agent/cwmp/udp_connection_request.h"
#include "agent/engine.h"
#include "agent/phone.h"

namespace dialtone {

enum class StunState : uint8_t {
    idle,
    resolving,  // the server's name
    asking,     // a Binding Request is out
    bound,      // and was answered; the next one waits
    silent,     // the server is of no use for now
    count_
};
enum class StunCue : uint8_t {
    start,
    stop,
    resolved,
    unresolved,
    mapped,      // where the server sees the phone
    challenged,  // the server wants the message protected
    refused,
    unanswered,
    time_up,
    lost,  // the socket
    count_
};
enum class StunAction : uint8_t {
    nothing,
    resolve,
    close,
    ask,
    ask_protected,
    take_mapped,
    repeat,
    wait_unresolved,
    wait_silent,
    wait_refused,
    wait_lost,
};

class StunClient : public Engine<ConnectionRequested> {
  public:
    // Both outlive it; the phone's acs_reach says under which address it is seen.
    StunClient(RequestIds& ids, PhoneFacts& phone, const WallClock& clock);

    // Other settings count, or the phone may speak to an ACS now, or not any more (`wanted`).
    void take_settings(Instant now, bool wanted);

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

  private:
    struct Setup {
        bool enabled = false;
        std::string host = {};
        uint16_t port = 0;
        uint16_t local_port = 0;
        std::string user = {};
        std::string password = {};
        uint32_t min_s = 0;
        uint32_t max_s = 0;
        Address address = {};  // of the phone
        bool operator==(const Setup&) const = default;
    };

    Setup setup() const;
    void arrange(Instant now);
    void step(Instant now, StunCue cue);
    void act(Instant now, StunAction action);
    void resolve(Instant now);
    void open();
    void ask(Instant now);
    void take_mapped(Instant now);
    void begin_search(Instant now);
    void take_lifetime(const StunLifetimeOutcome& outcome);
    void fall_silent(Instant now, std::string_view reason);
    void close();
    void take_datagram(Instant now, const DatagramIn& datagram);
    void take_failure(Instant now, const SocketFailed& failed);
    void take_request(Instant now, const DatagramIn& datagram);
    std::optional<StunCue> cue_of(const DatagramIn& datagram);
    std::string server_name() const;

    PhoneFacts& phone_;
    const WallClock& clock_;
    StunTransactions transactions_ = {};
    StunLifetime lifetime_;
    UdpRequestCheck check_ = {};
    RequestRate rate_ = {};
    bool wanted_ = false;
    Setup setup_ = {};
    StunState state_ = StunState::idle;
    RequestId resolve_ = 0;
    RequestId socket_ = 0;
    uint16_t local_port_ = 0;  // 0: any
    StunServer server_ = {};
    StunRequest request_ = {};
    std::optional<StunEndpoint> mapped_ = {};  // as it is known
    StunEndpoint found_ = {};                  // in the response at hand
    std::string refusal_ = {};
    bool change_is_due_ = false;  // the server is to be told that the binding is another one
    bool was_searched_ = false;   // how long the NAT keeps the way open
    uint32_t period_s_ = 0;       // between two messages
    uint32_t failures_ = 0;       // in a row
    Instant due_ = {};
};

}  // namespace dialtone

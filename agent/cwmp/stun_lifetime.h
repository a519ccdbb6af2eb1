// SPDX-License-Identifier: Apache-2.0
//
// Finds out for how long a NAT keeps a way open on which nothing is sent (RFC 3489 10.2, TR-069
// G.2.1.2), by halving. One socket asks a STUN server and stays silent for a while; then another
// one asks the server to answer to where it has seen the first. What arrives there shows that the
// way is still open. Both sockets are of this search alone: the one on which connection requests
// come is kept open meanwhile.
//
// The STUN client owns it. A server that does not know RESPONSE-ADDRESS, as one by RFC 5389, ends
// the search with nothing found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/cwmp/stun_transaction.h"
#include "agent/engine.h"

namespace dialtone {

struct StunLifetimeOutcome {
    uint32_t proven_s = 0;  // so long a silent way was still open; 0: nothing was found out
};

enum class StunLifetimeState : uint8_t {
    idle,
    opening,  // the first socket asks where it is seen
    waiting,  // nothing is sent
    probing,  // the other one asks for an answer to the first
    count_
};
enum class StunLifetimeCue : uint8_t {
    start,
    stop,
    mapped,       // the first socket is seen at an address
    arrived,      // the answer to the other one's question reached the first
    unsupported,  // an error, or the answer went to who asked
    time_up,
    unanswered,  // whatever was asked
    count_
};
enum class StunLifetimeAction : uint8_t {
    nothing,
    open,
    close,
    wait,
    probe,
    repeat,
    lengthen,
    shorten,
    conclude,
};

class StunLifetime : public Engine<StunLifetimeOutcome> {
  public:
    // Outlives it: the ids of its messages.
    StunLifetime(RequestIds& ids, StunTransactions& transactions)
        : Engine(ids), transactions_(transactions) {}

    // Between `low_s` and `high_s`; the first is believed without proof.
    void start(Instant now, const StunServer& server, uint32_t low_s, uint32_t high_s);
    void stop() { step({}, StunLifetimeCue::stop); }
    bool busy() const { return state_ != StunLifetimeState::idle; }

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

  private:
    void step(Instant now, StunLifetimeCue cue);
    void act(Instant now, StunLifetimeAction action);
    void open(Instant now);
    void probe(Instant now);
    void next_round(Instant now);
    void close();
    void conclude();
    std::optional<StunLifetimeCue> cue_of(const DatagramIn& datagram);

    StunTransactions& transactions_;
    StunServer server_ = {};
    StunLifetimeState state_ = StunLifetimeState::idle;
    RequestId silent_ = 0;  // the socket of which the way is measured
    RequestId asking_ = 0;  // the other one
    StunRequest request_ = {};
    StunEndpoint mapped_ = {};
    uint32_t low_s_ = 0;
    uint32_t high_s_ = 0;
    uint32_t wait_s_ = 0;  // of this round; 0 in the first, which tells whether the server can
    Instant due_ = {};
};

}  // namespace dialtone

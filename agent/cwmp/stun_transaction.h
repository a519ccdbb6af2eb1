// SPDX-License-Identifier: Apache-2.0
//
// What the STUN engines have in common: the server they ask, the ids of their messages, and a
// message that is sent again until it is answered (RFC 3489 9.3).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/cwmp/stun_message.h"
#include "agent/effect.h"
#include "agent/instant.h"

namespace dialtone {

struct StunServer {
    StunEndpoint endpoint = {};
    std::string user = {};
    std::string password = {};
    bool wants_integrity = false;  // it has asked for MESSAGE-INTEGRITY
};

// Nobody can guess the ids of a life who has not its secret.
class StunTransactions {
  public:
    void set_secret(const std::array<uint64_t, 4>& secret) { secret_ = secret; }
    StunTransaction next();

  private:
    std::array<uint64_t, 4> secret_ = {};
    uint64_t count_ = 0;
};

// Ends a message as the server wants it, by user and integrity.
std::vector<uint8_t> finished_request(StunWriter&& writer, const StunServer& server);

// A message of the server; nothing for what is none, comes from elsewhere, or lacks the integrity
// that the server itself has asked for (RFC 3489 9.4).
std::optional<StunMessage> response_of(const StunServer& server, const DatagramIn& datagram);

// One message that is out.
class StunRequest {
  public:
    // `requests`: how often it is sent at most.
    DatagramOut start(Instant now, RequestId socket, const StunServer& server,
                      const StunTransaction& transaction, std::vector<uint8_t> bytes,
                      uint32_t requests = limits::stun_requests,
                      uint32_t wait_ms = limits::stun_first_wait_ms);
    // Once more; nothing when it was sent often enough.
    std::optional<DatagramOut> repeat(Instant now);
    Instant due() const { return due_; }
    const StunTransaction& transaction() const { return transaction_; }

  private:
    DatagramOut send(Instant now);

    DatagramOut out_ = {};
    StunTransaction transaction_ = {};
    uint32_t left_ = 0;
    uint64_t wait_ms_ = 0;
    Instant due_ = {};
};

}  // namespace dialtone

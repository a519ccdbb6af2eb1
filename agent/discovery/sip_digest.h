// SPDX-License-Identifier: Apache-2.0
//
// The digest challenge to whoever sends a NOTIFY that is no answer to a request of the phone: RFC
// 2617 with MD5, as SIP servers use it (RFC 3261 22.4), with qop=auth and without. Called by the
// plug and play engine.
//
// A challenge takes no memory: its nonce holds the second it was made in and a hash of that second,
// the sender's address and a secret drawn at each start. A nonce is accepted once.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/address.h"
#include "agent/discovery/sip_message.h"
#include "agent/instant.h"

namespace dialtone {

class SipDigest {
  public:
    using Secret = std::array<uint64_t, 4>;

    // False without a user: then no NOTIFY can authenticate itself.
    SipDigest(const Secret& secret, std::string user, std::string password)
        : secret_(secret), user_(std::move(user)), password_(std::move(password)) {}

    bool enabled() const { return !user_.empty(); }
    // The WWW-Authenticate line, CR LF included.
    std::string challenge(Instant now, const Address& from) const;
    // Whether the message proves the password. True at most once for a nonce.
    bool accepts(Instant now, const Address& from, const SipMessage& message);

  private:
    std::string nonce(uint32_t second, const Address& from) const;
    bool is_fresh(Instant now, const Address& from, std::string_view nonce) const;
    std::string expected(const SipMessage& message) const;

    Secret secret_;
    std::string user_;
    std::string password_;
    std::vector<std::string> used_ = {};  // oldest first, at most limits::pnp_nonces_used
};

}  // namespace dialtone

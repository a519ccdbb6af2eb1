// SPDX-License-Identifier: Apache-2.0
//
// Connection requests over UDP (TR-069 Annex G.2.2.3): one datagram that looks like a GET, signed
// by HMAC-SHA1 with the connection request's password, sent several times over and never answered.
// Called by the STUN engine, on whose way through the NATs they come.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agent/instant.h"
#include "agent/result.h"

namespace dialtone {

struct UdpConnectionRequest {
    uint64_t timestamp_s = 0;    // since 1970
    std::string timestamp = {};  // as sent, for the signature
    std::string id = {};
    std::string user = {};
    std::string cnonce = {};
    std::string signature = {};  // 40 hex digits
};

// Errors: malformed, too_big. Other parameters are passed over, header fields not read.
Result<UdpConnectionRequest> read_udp_connection_request(std::span<const uint8_t> bytes);

// Its signature in hex.
std::string udp_request_signature(const UdpConnectionRequest& request, std::string_view password);

class UdpRequestCheck {
  public:
    struct Judgement {
        bool accepted = false;
        bool is_repeated = false;  // of one that was: nothing to be told
        std::string_view reason = {};
    };
    // `proven_wall_s`: what time it is, if the phone's clock is proven. Of all requests that are
    // accepted each is newer than the last one, so that one number is all that is remembered.
    Judgement judge(std::span<const uint8_t> bytes, std::string_view user,
                    std::string_view password, std::optional<WallSeconds> proven_wall_s);

  private:
    uint64_t last_s_ = 0;
    std::string last_signature_ = {};
};

}  // namespace dialtone

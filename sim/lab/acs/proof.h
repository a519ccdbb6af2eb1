// SPDX-License-Identifier: Apache-2.0
//
// Whether a request proves user and password: HTTP's Basic (RFC 7617) and Digest with MD5 and qop
// auth (RFC 7616, RFC 2617).
//
// Who calls it: the session, for each request where the script wants a proof.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/lab/acs/http_message.h"
#include "sim/lab/acs/script.h"

namespace dialtone::sim::acs {

class ProofCheck {
  public:
    // `script` outlives it.
    explicit ProofCheck(const Script& script) : script_(script) {}

    // Empty: the request is proved, or no proof is wanted. Else the challenge that it gets, a whole
    // header field.
    std::string challenge(const HttpRequest& request);

  private:
    bool is_digest_right(const HttpRequest& request, std::string_view authorization);
    const Script& script_;
    uint32_t nonces_ = 0;
    uint32_t last_count_ = 0;  // nc of the nonce that is valid
};

}  // namespace dialtone::sim::acs

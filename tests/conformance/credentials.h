// SPDX-License-Identifier: Apache-2.0
//
// The server's side of Basic (RFC 7617) and Digest with MD5 (RFC 7616) for the one user of the
// conformance suite.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dialtone::conformance {

// The value of a WWW-Authenticate field.
std::string digest_challenge(uint32_t nonce, bool is_stale);

// Whether the request carries the right user and password in its Authorization field.
bool has_basic_credentials(std::string_view request);
bool has_digest_credentials(std::string_view request, uint32_t nonce);

}  // namespace dialtone::conformance

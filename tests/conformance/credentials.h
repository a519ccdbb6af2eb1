// SPDX-License-Identifier: Apache-2.0
//
// The server's side of Basic (RFC 7617) and Digest (RFC 7616, and RFC 2069 without qop) for the one
// user of the conformance suite. The client says by which of the challenges it answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dialtone::conformance {

// The value of a WWW-Authenticate field.
std::string digest_challenge(uint32_t nonce, bool is_stale);

// Whether the request carries the right user and password in its Authorization field.
bool has_basic_credentials(std::string_view request);
bool has_digest_credentials(std::string_view request, uint32_t nonce,
                            std::string_view realm = "files");

}  // namespace dialtone::conformance

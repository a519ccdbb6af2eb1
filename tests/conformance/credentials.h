// SPDX-License-Identifier: Apache-2.0
//
// The server's side of Basic (RFC 7617) and Digest with MD5 (RFC 7616) for the one user of the
// conformance suite.
#pragma once

#include <string>
#include <string_view>

namespace dialtone::conformance {

inline constexpr std::string_view digest_challenge =
    "Digest realm=\"files\", nonce=\"0123456789abcdef\", qop=\"auth\", algorithm=MD5";

// Whether the request carries the right user and password in its Authorization field.
bool has_basic_credentials(std::string_view request);
bool has_digest_credentials(std::string_view request);

}  // namespace dialtone::conformance

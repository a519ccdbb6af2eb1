// SPDX-License-Identifier: Apache-2.0
//
// The server's side of HTTP digest authentication (RFC 7616 and, for MD5, RFC 2617): challenges,
// and the judgement of what a client proves. Only with qop=auth; Basic and a response without qop
// prove nothing. Called by the connection requests, by which an ACS asks for a session.
//
// A challenge takes no memory: its nonce holds the moment it was made in and an HMAC of that moment
// by a secret of this life. It belongs to no connection and no address, so that a client may answer
// it from another one. What was proved with a nonce is remembered for as long as the nonce is good,
// so that nobody says it again; when that memory is full, all nonces made so far have become old.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/http_method.h"
#include "agent/instant.h"
#include "agent/result.h"

namespace dialtone {

// The parameters of an Authorization that counts, unquoted.
struct DigestAuthorization {
    std::string username = {};
    std::string realm = {};
    std::string nonce = {};
    std::string uri = {};
    std::string response = {};
    std::string qop = {};
    std::string nc = {};
    std::string cnonce = {};
    std::optional<std::string> algorithm = {};
};

// Reads the value of an Authorization field. Unknown parameters are passed over.
// Errors: malformed, in words for the journal: another scheme, no list of parameters, one that is
// there twice or not at all, more than limits::digest_parameters of them.
Result<DigestAuthorization> read_digest_authorization(std::string_view field);

enum class DigestAlgorithm : uint8_t { md5, sha256 };

// In hex: what a client that knows the password answers. Of the authorization, `response` is not
// read.
std::string digest_response(DigestAlgorithm algorithm, const DigestAuthorization& said,
                            std::string_view password, HttpMethod method);

struct DigestCredentials {
    std::string user = {};
    std::string password = {};
    std::vector<DigestAlgorithm> algorithms = {};  // the preferred one first
    bool operator==(const DigestCredentials&) const = default;
};

struct DigestJudgement {
    bool accepted = false;
    bool is_stale = false;  // right but for the age of its nonce
    std::string_view reason = {};
};

class DigestCheck {
  public:
    // Of which the phone has 256 bits for each life.
    using Secret = std::array<uint64_t, 4>;
    void set_secret(const Secret& secret) { secret_ = secret; }
    void set_credentials(DigestCredentials credentials) { credentials_ = std::move(credentials); }
    // Without user, password and algorithm nobody is accepted.
    bool has_credentials() const;

    // The values of the WWW-Authenticate fields, one for each algorithm.
    std::vector<std::string> challenges(Instant now, bool is_stale);
    // Whether the request proves the password; what it has proved is not accepted again.
    DigestJudgement judge(Instant now, HttpMethod method, std::string_view target,
                          std::string_view authorization);

  private:
    struct UsedNonce {
        uint64_t made_ms = 0;
        uint32_t count = 0;  // the highest one
    };

    std::string nonce(uint64_t made_ms) const;
    std::optional<uint64_t> age_ms(Instant now, std::string_view nonce, uint64_t& made_ms) const;
    std::optional<DigestAlgorithm> algorithm_of(const DigestAuthorization& said) const;
    std::string_view first_flaw(const DigestAuthorization& said, std::string_view target) const;
    bool was_used(Instant now, uint64_t made_ms, uint32_t count);

    Secret secret_ = {};
    DigestCredentials credentials_ = {};
    uint64_t last_made_ms_ = 0;                // no two nonces are of one moment
    std::optional<uint64_t> void_to_ms_ = {};  // nonces made up to then are old
    std::vector<UsedNonce> used_ = {};         // at most limits::connection_request_nonces_used
};

}  // namespace dialtone

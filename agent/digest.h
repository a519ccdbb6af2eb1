// SPDX-License-Identifier: Apache-2.0
//
// Digests of bytes: SHA-256 (FIPS 180-4), by which files, plans and durable records are compared,
// MD5 (RFC 1321), which HTTP and SIP digest authentication still ask for, and SHA-1, on which STUN
// and UDP connection requests stand. hex_of() writes them out.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace dialtone {

using Sha256 = std::array<uint8_t, 32>;
using Sha1 = std::array<uint8_t, 20>;
using Md5 = std::array<uint8_t, 16>;

Sha256 sha256_of(std::span<const uint8_t> bytes);
Sha256 sha256_of(std::string_view text);

// The SHA-256 of bytes that come piece by piece.
class Sha256Sum {
  public:
    Sha256Sum();
    ~Sha256Sum();
    Sha256Sum(Sha256Sum&& other) noexcept;
    Sha256Sum& operator=(Sha256Sum&& other) noexcept;

    void add(std::span<const uint8_t> bytes);
    Sha256 digest() const;  // of what was added so far

  private:
    struct State;  // mbedTLS's, whose headers an integrator need not have
    std::unique_ptr<State> state_;
};

Md5 md5_of(std::string_view text);
Sha1 sha1_of(std::span<const uint8_t> bytes);

// HMAC (RFC 2104) with a key of any length.
Sha256 hmac_sha256(std::span<const uint8_t> key, std::span<const uint8_t> bytes);
Sha256 hmac_sha256(std::string_view key, std::string_view text);
Sha1 hmac_sha1(std::span<const uint8_t> key, std::span<const uint8_t> bytes);
Sha1 hmac_sha1(std::string_view key, std::string_view text);

// Whether both are the same, in a time that does not depend on where they differ.
bool same_secret(std::string_view one, std::string_view other);

}  // namespace dialtone

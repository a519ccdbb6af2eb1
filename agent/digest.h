// SPDX-License-Identifier: Apache-2.0
//
// Digests of bytes: SHA-256 (FIPS 180-4), by which files, plans and durable records are compared,
// and MD5 (RFC 1321), which HTTP and SIP digest authentication still ask for. hex_of() writes them
// out.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace dialtone {

using Sha256 = std::array<uint8_t, 32>;
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

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/digest.h"

#include <mbedtls/sha256.h>

#include <cassert>
#include <string_view>

namespace dialtone {
namespace {

// mbedTLS hashes in software cannot fail; their return value is for hardware.
class Hash {
  public:
    Hash() {
        mbedtls_sha256_init(&context_);
        check(mbedtls_sha256_starts(&context_, 0));
    }
    ~Hash() { mbedtls_sha256_free(&context_); }
    Hash(const Hash&) = delete;
    Hash& operator=(const Hash&) = delete;

    void add(std::span<const uint8_t> bytes) {
        check(mbedtls_sha256_update(&context_, bytes.data(), bytes.size()));
    }

    // The length goes first, so that no two lists of texts run together to the same bytes.
    void add_text(std::string_view text) {
        const auto size = static_cast<uint32_t>(text.size());
        const uint8_t length[] = {static_cast<uint8_t>(size >> 24),
                                  static_cast<uint8_t>(size >> 16), static_cast<uint8_t>(size >> 8),
                                  static_cast<uint8_t>(size)};
        add(length);
        add({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    }

    Sha256 finish() {
        Sha256 digest = {};
        check(mbedtls_sha256_finish(&context_, digest.data()));
        return digest;
    }

  private:
    static void check([[maybe_unused]] int status) { assert(status == 0); }

    mbedtls_sha256_context context_;
};

}  // namespace

Sha256 sha256_of(std::span<const uint8_t> bytes) {
    Hash hash;
    hash.add(bytes);
    return hash.finish();
}

Sha256 plan_digest(std::span<const FileDigest> files) {
    Hash hash;
    for (const FileDigest& file : files) {
        hash.add_text(file.role);
        hash.add_text(file.name);
        hash.add(file.sha256);
    }
    return hash.finish();
}

std::string digest_text(const Sha256& digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * digest.size());
    for (const uint8_t byte : digest) {
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 0xF]);
    }
    return text;
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/digest.h"

#include <mbedtls/md5.h>

#include <cassert>

namespace dialtone {
namespace {

std::span<const uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// mbedTLS hashes in software cannot fail; their return value is for hardware.
void check([[maybe_unused]] int failure) {
    assert(failure == 0);
}

}  // namespace

Sha256 sha256_of(std::span<const uint8_t> bytes) {
    Sha256 digest = {};
    check(mbedtls_sha256(bytes.data(), bytes.size(), digest.data(), 0));
    return digest;
}

Sha256 sha256_of(std::string_view text) {
    return sha256_of(bytes_of(text));
}

Sha256Sum::Sha256Sum() : context_() {
    mbedtls_sha256_init(&context_);
    check(mbedtls_sha256_starts(&context_, 0));
}

void Sha256Sum::add(std::span<const uint8_t> bytes) {
    check(mbedtls_sha256_update(&context_, bytes.data(), bytes.size()));
}

Sha256 Sha256Sum::digest() const {
    Sha256 digest = {};
    mbedtls_sha256_context copy = context_;
    check(mbedtls_sha256_finish(&copy, digest.data()));
    return digest;
}

Md5 md5_of(std::string_view text) {
    Md5 digest = {};
    check(mbedtls_md5(bytes_of(text).data(), text.size(), digest.data()));
    return digest;
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/digest.h"

#include <mbedtls/md5.h>
#include <mbedtls/sha256.h>

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

struct Sha256Sum::State {
    mbedtls_sha256_context context = {};  // holds no memory of its own
};

Sha256Sum::Sha256Sum() : state_(std::make_unique<State>()) {
    mbedtls_sha256_init(&state_->context);
    check(mbedtls_sha256_starts(&state_->context, 0));
}

Sha256Sum::~Sha256Sum() = default;
Sha256Sum::Sha256Sum(Sha256Sum&& other) noexcept = default;
Sha256Sum& Sha256Sum::operator=(Sha256Sum&& other) noexcept = default;

void Sha256Sum::add(std::span<const uint8_t> bytes) {
    check(mbedtls_sha256_update(&state_->context, bytes.data(), bytes.size()));
}

Sha256 Sha256Sum::digest() const {
    Sha256 digest = {};
    mbedtls_sha256_context copy = state_->context;
    check(mbedtls_sha256_finish(&copy, digest.data()));
    return digest;
}

Md5 md5_of(std::string_view text) {
    Md5 digest = {};
    check(mbedtls_md5(bytes_of(text).data(), text.size(), digest.data()));
    return digest;
}

}  // namespace dialtone

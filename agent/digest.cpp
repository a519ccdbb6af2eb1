// SPDX-License-Identifier: Apache-2.0
#include "agent/digest.h"

#include <mbedtls/md5.h>
#include <mbedtls/sha1.h>
#include <mbedtls/sha256.h>

#include <cassert>
#include <vector>

namespace dialtone {
namespace {

std::span<const uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// FIPS 180-4: of SHA-1 and SHA-256 alike.
constexpr uint32_t block_bytes = 64;

template <typename Digest>
Digest hmac(Digest (*hash)(std::span<const uint8_t>), std::span<const uint8_t> key,
            std::span<const uint8_t> bytes) {
    Digest short_key = {};
    if (key.size() > block_bytes) {
        short_key = hash(key);
        key = short_key;
    }
    std::vector<uint8_t> inner(block_bytes, 0x36);
    std::vector<uint8_t> outer(block_bytes, 0x5c);
    for (uint32_t i = 0; i < key.size(); ++i) {
        inner[i] ^= key[i];
        outer[i] ^= key[i];
    }
    inner.insert(inner.end(), bytes.begin(), bytes.end());
    const Digest middle = hash(inner);
    outer.insert(outer.end(), middle.begin(), middle.end());
    return hash(outer);
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

Sha1 sha1_of(std::span<const uint8_t> bytes) {
    Sha1 digest = {};
    check(mbedtls_sha1(bytes.data(), bytes.size(), digest.data()));
    return digest;
}

Sha256 hmac_sha256(std::span<const uint8_t> key, std::span<const uint8_t> bytes) {
    return hmac<Sha256>(sha256_of, key, bytes);
}

Sha256 hmac_sha256(std::string_view key, std::string_view text) {
    return hmac_sha256(bytes_of(key), bytes_of(text));
}

Sha1 hmac_sha1(std::span<const uint8_t> key, std::span<const uint8_t> bytes) {
    return hmac<Sha1>(sha1_of, key, bytes);
}

Sha1 hmac_sha1(std::string_view key, std::string_view text) {
    return hmac_sha1(bytes_of(key), bytes_of(text));
}

bool same_secret(std::string_view one, std::string_view other) {
    if (one.size() != other.size()) return false;
    uint32_t different = 0;
    for (uint32_t i = 0; i < one.size(); ++i)
        different |= static_cast<uint8_t>(one[i] ^ other[i]);
    return different == 0;
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/signature.h"

#include <mbedtls/base64.h>
#include <mbedtls/pk.h>

#include <string>

#include "agent/digest.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

constexpr std::string_view armour_begin = "-----BEGIN PUBLIC KEY-----";
constexpr std::string_view armour_end = "-----END PUBLIC KEY-----";

class PublicKey {
  public:
    PublicKey() { mbedtls_pk_init(&context_); }
    ~PublicKey() { mbedtls_pk_free(&context_); }
    PublicKey(const PublicKey&) = delete;
    PublicKey& operator=(const PublicKey&) = delete;

    std::string_view read(std::string_view text);
    bool signed_this(const Sha256& digest, std::span<const uint8_t> signature) {
        return mbedtls_pk_verify(&context_, MBEDTLS_MD_SHA256, digest.data(), digest.size(),
                                 signature.data(), signature.size()) == 0;
    }

  private:
    bool is_of_a_kind_that_counts() const;

    mbedtls_pk_context context_;
};

std::string without_armour(std::string_view text) {
    std::string base64;
    if (text.starts_with(armour_begin) && text.ends_with(armour_end)) {
        text.remove_prefix(armour_begin.size());
        text.remove_suffix(armour_end.size());
    }
    for (const char letter : text) {
        if (letter != ' ') base64 += letter;
    }
    return base64;
}

// The fault, or nothing; called once.
std::string_view PublicKey::read(std::string_view text) {
    const std::string base64 = without_armour(text);
    uint8_t der[limits::setting_value_bytes];
    size_t der_bytes = 0;
    const auto* const letters = reinterpret_cast<const uint8_t*>(base64.data());
    uint8_t* at = der;
    if (mbedtls_base64_decode(der, sizeof der, &der_bytes, letters, base64.size()) != 0 ||
        mbedtls_pk_parse_subpubkey(&at, der + der_bytes, &context_) != 0 || at != der + der_bytes)
        return "takes a public key as openssl pkey -pubout writes it, in one line";
    if (!is_of_a_kind_that_counts())
        return "takes a key of ECDSA on P-256 or P-384, or of RSA with 2048 to 4096 bits";
    return {};
}

bool PublicKey::is_of_a_kind_that_counts() const {
    const size_t bits = mbedtls_pk_get_bitlen(&context_);
    if (mbedtls_pk_get_type(&context_) == MBEDTLS_PK_RSA)
        return bits >= limits::rsa_bits_least && bits <= limits::rsa_bits_most;
    if (!mbedtls_pk_can_do(&context_, MBEDTLS_PK_ECDSA)) return false;
    const mbedtls_ecp_group_id group = mbedtls_ecp_keypair_get_group_id(mbedtls_pk_ec(context_));
    return group == MBEDTLS_ECP_DP_SECP256R1 || group == MBEDTLS_ECP_DP_SECP384R1;
}

}  // namespace

std::string_view public_key_fault(std::string_view text) {
    return PublicKey().read(text);
}

std::optional<uint32_t> signer_of(std::span<const uint8_t> file, std::span<const uint8_t> signature,
                                  std::span<const std::string_view> keys) {
    const Sha256 digest = sha256_of(file);
    for (uint32_t number = 0; number < keys.size(); ++number) {
        PublicKey key;
        if (key.read(keys[number]).empty() && key.signed_this(digest, signature)) return number;
    }
    return std::nullopt;
}

}  // namespace dialtone

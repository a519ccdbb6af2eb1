// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/openssl_enc.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <vector>

#include <mbedtls/aes.h>

#include "agent/digest.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t block_bytes = 16;
constexpr std::string_view salt = "dialtone";  // eight bytes

}  // namespace

std::string openssl_enc(std::string_view password, std::string_view plain) {
    uint8_t key_and_iv[3 * block_bytes];
    std::string chained;
    for (uint32_t at = 0; at < sizeof key_and_iv; at += block_bytes) {
        ((chained += password) += salt);
        const Md5 digest = md5_of(chained);
        std::copy(digest.begin(), digest.end(), key_and_iv + at);
        chained.assign(reinterpret_cast<const char*>(key_and_iv + at), block_bytes);
    }
    const auto padding = static_cast<uint8_t>(block_bytes - plain.size() % block_bytes);
    std::vector<uint8_t> bytes(plain.begin(), plain.end());
    bytes.insert(bytes.end(), padding, padding);

    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    int failure = mbedtls_aes_setkey_enc(&aes, key_and_iv, 256);
    failure |= mbedtls_aes_crypt_cbc(&aes, MBEDTLS_AES_ENCRYPT, bytes.size(),
                                     key_and_iv + 2 * block_bytes, bytes.data(), bytes.data());
    mbedtls_aes_free(&aes);
    assert(failure == 0);
    static_cast<void>(failure);
    return "Salted__" + std::string(salt) + std::string(bytes.begin(), bytes.end());
}

}  // namespace dialtone::sim

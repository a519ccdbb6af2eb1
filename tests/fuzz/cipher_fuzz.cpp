// SPDX-License-Identifier: Apache-2.0
//
// Any bytes twice: as a file that may be encrypted, and as the plaintext of one, which must come
// back byte by byte. PBKDF2 is left out: it would be all the fuzzer spends its time on, and only
// makes a key of what the other derivations make a key of too.
#include <mbedtls/aes.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "agent/config/cipher.h"
#include "agent/config/sniff.h"
#include "agent/limits.h"

using namespace dialtone;

namespace {

constexpr std::string_view passwords[] = {"wrong", "password"};
constexpr FileCipher quick[] = {FileCipher::aes_256_cbc_md5, FileCipher::aes_256_cbc_md5_nosalt,
                                FileCipher::aes_256_cbc_sha256,
                                FileCipher::aes_256_cbc_sha256_nosalt};

// What MD5 without salt makes of "password".
constexpr uint8_t key[32] = {0x5f, 0x4d, 0xcc, 0x3b, 0x5a, 0xa7, 0x65, 0xd6, 0x1d, 0x83, 0x27,
                             0xde, 0xb8, 0x82, 0xcf, 0x99, 0x2b, 0x95, 0x99, 0x0a, 0x91, 0x51,
                             0x37, 0x4a, 0xbd, 0x8f, 0xf8, 0xc5, 0xa7, 0xa0, 0xfe, 0x08};
constexpr uint8_t first_iv[16] = {0xb7, 0xb4, 0x37, 0x2c, 0xdf, 0xbc, 0xb3, 0xd1,
                                  0x6a, 0x26, 0x31, 0xb5, 0x9b, 0x50, 0x9e, 0x94};

void demand(bool holds) {
    if (!holds) std::abort();
}

bool any_head(std::span<const uint8_t>) {
    return true;
}

void check_bounds(const Result<Decrypted>& result, std::span<const uint8_t> file) {
    if (!result) {
        demand(!result.error().detail.empty());
        return;
    }
    demand(result->plain.data() >= file.data());
    demand(result->plain.data() + result->plain.size() < file.data() + file.size());
}

void decrypt_as_file(std::span<const uint8_t> input) {
    std::vector<uint8_t> file(input.begin(), input.end());
    check_bounds(decrypt_openssl(file, passwords, opens_like_document, nullptr, quick), file);
    file.assign(input.begin(), input.end());
    check_bounds(decrypt_openssl(file, passwords, any_head, nullptr, quick), file);
}

std::vector<uint8_t> encrypted(std::span<const uint8_t> plain) {
    std::vector<uint8_t> file(plain.begin(), plain.end());
    const auto padding = static_cast<uint8_t>(16 - plain.size() % 16);
    file.insert(file.end(), padding, padding);
    uint8_t iv[16];
    std::copy_n(first_iv, sizeof iv, iv);
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    demand(mbedtls_aes_setkey_enc(&aes, key, 256) == 0);
    demand(mbedtls_aes_crypt_cbc(&aes, MBEDTLS_AES_ENCRYPT, file.size(), iv, file.data(),
                                 file.data()) == 0);
    mbedtls_aes_free(&aes);
    return file;
}

void decrypt_what_was_encrypted(std::span<const uint8_t> plain) {
    std::vector<uint8_t> file = encrypted(plain);
    if (std::string_view(reinterpret_cast<const char*>(file.data()), 8) == "Salted__") return;
    const std::string_view right[] = {passwords[1]};
    const auto result = decrypt_openssl(file, right, any_head, nullptr, quick);
    if (file.size() > limits::config_file_bytes) {
        demand(!result && result.error().code == ErrorCode::too_big);
    } else if (!result) {
        demand(result.error().code == ErrorCode::malformed);  // it looks padded already
        demand(plain.size() % 16 == 0);
    } else {
        demand(std::equal(plain.begin(), plain.end(), result->plain.begin(), result->plain.end()));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    decrypt_as_file({data, size});
    decrypt_what_was_encrypted({data, size});
    return 0;
}

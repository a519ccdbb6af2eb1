// SPDX-License-Identifier: Apache-2.0
#include "agent/document.h"

namespace dialtone {

std::string_view cipher_name(FileCipher cipher) {
    switch (cipher) {
        case FileCipher::none:
            return "none";
        case FileCipher::aes_256_cbc_md5:
            return "AES-256-CBC, MD5";
        case FileCipher::aes_256_cbc_sha256:
            return "AES-256-CBC, SHA-256";
        case FileCipher::aes_256_cbc_pbkdf2:
            return "AES-256-CBC, PBKDF2";
        case FileCipher::aes_256_cbc_md5_nosalt:
            return "AES-256-CBC, MD5, no salt";
        case FileCipher::aes_256_cbc_sha256_nosalt:
            return "AES-256-CBC, SHA-256, no salt";
        case FileCipher::aes_256_cbc_pbkdf2_nosalt:
            return "AES-256-CBC, PBKDF2, no salt";
    }
    return "none";
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
//
// How a vendor's encrypted configuration files are made, for the reader. One of these values stands
// in each profile; which settings hold the keys stands there as well (Profile::keys).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "agent/config/cipher.h"
#include "agent/config/sniff.h"
#include "agent/result.h"

namespace dialtone {

struct FileEncryption {
    std::string_view key_name;  // in sentences: "although KEY is set"
    // So many of a file's keys, from the first, are its own: while one of them is set, the profile
    // may refuse the file if it is plain.
    uint32_t own_keys;
    // Decrypts in place a file that is `content`: openssl_salted or binary. Empty keys count as not
    // set. `vendor` is for the error's words, `judge` as in cipher.h.
    Result<Decrypted> (*decrypt)(std::span<uint8_t> file, Content content,
                                 std::span<const std::string_view> keys, std::string_view vendor,
                                 PlaintextJudge* judge);
};

// openssl enc with config.password, or with the password before that one.
extern const FileEncryption openssl_encryption;
// AES with a key in hex. Nobody has published how these files are made, so they are refused, in
// words that say so.
extern const FileEncryption unpublished_aes_encryption;

}  // namespace dialtone

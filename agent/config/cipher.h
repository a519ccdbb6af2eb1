// SPDX-License-Identifier: Apache-2.0
//
// Configuration files encrypted by `openssl enc -aes-256-cbc -k PASSWORD`, as Grandstream's guides
// tell administrators to. The file says neither which digest made the key nor, with -nosalt,
// that it is encrypted at all; so every derivation is tried, and the plaintext has to prove the
// key. Called by reader.
//
//     file = [ "Salted__" salt:8 ] AES-256-CBC ciphertext, PKCS #7 padding (RFC 5652 6.3)
//     key:32 iv:16 = EVP_BytesToKey with MD5 or SHA-256, one round
//                  | PBKDF2-HMAC-SHA256 (RFC 8018 5.2), limits::pbkdf2_rounds
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "agent/document.h"
#include "agent/result.h"

namespace dialtone {

struct Decrypted {
    FileCipher cipher = FileCipher::none;
    std::span<uint8_t> plain = {};  // within the bytes that were handed in, padding taken off
};

// Says whether a plaintext can begin with `head`. It is given the first 64 bytes, or all of a
// shorter text. Called once for every key that is tried.
using HeadTest = bool (*)(std::span<const uint8_t> head);

// All six in the order they are tried: cheap before dear, old before new.
std::span<const FileCipher> openssl_ciphers();

// Judges a whole plaintext where nothing but a key vouches for it. CBC says nothing of what was
// altered: whoever is on the path can turn any bit of a block, at the price of garbage in the one
// before, and tries until the phone takes the file.
class PlaintextJudge {
  public:
    virtual bool accepts(const Decrypted& decrypted) = 0;

  protected:
    ~PlaintextJudge() = default;
};

// Decrypts `file` in place with the first of `ciphers` and `passwords` whose plaintext passes
// `head_test` and is padded correctly. Ciphers that need a salt are tried on files with one, the
// others on files without. Empty passwords count as not set. On an error `file` is unchanged,
// but for a plaintext that was padded twice.
//
// With a `judge` the first plaintext that it accepts counts. Whatever is wrong with a file then
// costs all ciphers and passwords and has one reason, wrong_key: how long the phone takes, and what
// it says, must not tell right padding from wrong padding.
//
// PBKDF2 costs 150 million instructions a password and is only reached when nothing else fits.
//
// Errors: too_big; truncated (shorter than a block, no multiple of one, or a key fits and the end
// is missing); key_missing (no password is set); wrong_key (none fits); malformed (padded twice);
// bad_usage (a password over limits::config_password_bytes).
Result<Decrypted> decrypt_openssl(std::span<uint8_t> file,
                                  std::span<const std::string_view> passwords, HeadTest head_test,
                                  PlaintextJudge* judge = nullptr,
                                  std::span<const FileCipher> ciphers = openssl_ciphers());

}  // namespace dialtone

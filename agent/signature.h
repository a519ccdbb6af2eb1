// SPDX-License-Identifier: Apache-2.0
//
// Detached signatures of files, as `openssl dgst -sha256 -sign KEY` makes them: of the SHA-256 of
// the bytes as they lie on the server, by ECDSA (FIPS 186-5 6; DER as in RFC 3279 2.2.3) or by RSA
// (RFC 8017 8.2, PKCS1-v1_5). The settings judge their public keys here; a plan run (pass/) asks
// which of them made a signature.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace dialtone {

// What is wrong with a public key, to follow its name; empty: it is one. `text` is its
// SubjectPublicKeyInfo (RFC 5280 4.1) in base64, as `openssl pkey -pubout` writes it, with or
// without that form's first and last line and with blanks anywhere. ECDSA on P-256 and P-384, RSA
// from 2048 to 4096 bits. Nothing of the text is said again: it may be a private key.
std::string_view public_key_fault(std::string_view text);

// Which of `keys` signed `file`; nothing when none did. What is no key, an empty text for
// instance, has signed nothing.
std::optional<uint32_t> signer_of(std::span<const uint8_t> file, std::span<const uint8_t> signature,
                                  std::span<const std::string_view> keys);

}  // namespace dialtone

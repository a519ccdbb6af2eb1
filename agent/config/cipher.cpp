// SPDX-License-Identifier: Apache-2.0
#include "agent/config/cipher.h"

#include <mbedtls/aes.h>
#include <mbedtls/md5.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <string>

#include "agent/limits.h"

namespace dialtone {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr std::string_view salt_magic = "Salted__";
constexpr uint32_t salt_bytes = 8;
constexpr uint32_t header_bytes = 16;  // magic and salt
constexpr uint32_t block_bytes = 16;
constexpr uint32_t key_bytes = 32;
constexpr uint32_t key_bits = 8 * key_bytes;
constexpr uint32_t head_bytes = 4 * block_bytes;
constexpr uint32_t sha256_bytes = 32;
constexpr uint32_t sha256_block_bytes = 64;

// mbedTLS's software ciphers fail only for wrong arguments, which the callers rule out.
void check([[maybe_unused]] int status) {
    assert(status == 0);
}

Bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Memory for a password or a key; its destructor overwrites it.
template <uint32_t size>
struct Secret {
    uint8_t bytes[size] = {};

    Secret() = default;
    ~Secret() { mbedtls_platform_zeroize(bytes, size); }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
};

using KeyAndIv = Secret<key_bytes + block_bytes>;

struct Sha256Context {
    mbedtls_sha256_context state;

    Sha256Context() { mbedtls_sha256_init(&state); }
    ~Sha256Context() { mbedtls_sha256_free(&state); }
    Sha256Context(const Sha256Context&) = delete;
    Sha256Context& operator=(const Sha256Context&) = delete;
};

// HMAC-SHA256 (RFC 2104) that keeps the two hashes of the key, so that each code of a short
// message costs two compressions instead of four. PBKDF2 is nothing but such codes.
class Hmac {
  public:
    explicit Hmac(Bytes key) {
        Secret<sha256_block_bytes> pad;
        if (key.size() > sha256_block_bytes) {
            check(mbedtls_sha256(key.data(), key.size(), pad.bytes, 0));
        } else {
            std::copy(key.begin(), key.end(), pad.bytes);
        }
        begin(inner_.state, pad, 0x36);
        begin(outer_.state, pad, 0x36 ^ 0x5C);
    }

    void code(Bytes message, uint8_t (&out)[sha256_bytes]) {
        finish(inner_.state, message, out);
        finish(outer_.state, out, out);
    }

  private:
    // Changes the pad and hashes it.
    static void begin(mbedtls_sha256_context& state, Secret<sha256_block_bytes>& pad,
                      uint8_t change) {
        for (uint8_t& byte : pad.bytes)
            byte ^= change;
        check(mbedtls_sha256_starts(&state, 0));
        check(mbedtls_sha256_update(&state, pad.bytes, sha256_block_bytes));
    }

    void finish(const mbedtls_sha256_context& begun, Bytes message, uint8_t (&out)[sha256_bytes]) {
        mbedtls_sha256_clone(&scratch_.state, &begun);
        check(mbedtls_sha256_update(&scratch_.state, message.data(), message.size()));
        check(mbedtls_sha256_finish(&scratch_.state, out));
    }

    Sha256Context inner_;
    Sha256Context outer_;
    Sha256Context scratch_;
};

using Digest = int (*)(const unsigned char* input, size_t size, unsigned char* output);

int sha256_digest(const unsigned char* input, size_t size, unsigned char* output) {
    return mbedtls_sha256(input, size, output, 0);
}

// EVP_BytesToKey with one round: D1 = H(password salt), D2 = H(D1 password salt) and so on, one
// after the other until there is enough.
void derive_by_chain(Digest digest, uint32_t digest_bytes, Bytes password, Bytes salt,
                     KeyAndIv& out) {
    Secret<sha256_bytes + limits::config_password_bytes + salt_bytes> input;
    uint8_t* const tail = input.bytes + digest_bytes;
    std::copy(salt.begin(), salt.end(), std::copy(password.begin(), password.end(), tail));
    const auto tail_bytes = static_cast<uint32_t>(password.size() + salt.size());

    check(digest(tail, tail_bytes, input.bytes));
    for (uint32_t at = 0; at < sizeof out.bytes;) {
        const uint32_t part = std::min<uint32_t>(digest_bytes, sizeof out.bytes - at);
        std::copy_n(input.bytes, part, out.bytes + at);
        at += part;
        Secret<sha256_bytes> next;
        check(digest(input.bytes, digest_bytes + tail_bytes, next.bytes));
        std::copy_n(next.bytes, digest_bytes, input.bytes);
    }
}

void derive_md5(Bytes password, Bytes salt, KeyAndIv& out) {
    derive_by_chain(mbedtls_md5, 16, password, salt, out);
}

void derive_sha256(Bytes password, Bytes salt, KeyAndIv& out) {
    derive_by_chain(sha256_digest, sha256_bytes, password, salt, out);
}

// RFC 8018 5.2, the notation is the RFC's: T_i = U_1 ^ U_2 ^ ..., U_1 = PRF(P, S || INT(i)).
void derive_pbkdf2(Bytes password, Bytes salt, KeyAndIv& out) {
    Hmac prf(password);
    uint8_t block_number = 1;
    for (uint32_t at = 0; at < sizeof out.bytes; at += sha256_bytes, ++block_number) {
        uint8_t first[salt_bytes + 4] = {};
        std::copy(salt.begin(), salt.end(), first);
        first[salt.size() + 3] = block_number;
        Secret<sha256_bytes> u;
        Secret<sha256_bytes> t;
        prf.code({first, salt.size() + 4}, u.bytes);
        std::copy_n(u.bytes, sha256_bytes, t.bytes);
        for (uint32_t round = 1; round < limits::pbkdf2_rounds; ++round) {
            prf.code(u.bytes, u.bytes);
            for (uint32_t i = 0; i < sha256_bytes; ++i)
                t.bytes[i] ^= u.bytes[i];
        }
        const uint32_t part = std::min<uint32_t>(sha256_bytes, sizeof out.bytes - at);
        std::copy_n(t.bytes, part, out.bytes + at);
    }
}

struct Derivation {
    FileCipher cipher;
    bool salted;
    void (*derive)(Bytes password, Bytes salt, KeyAndIv& out);
};

constexpr Derivation derivations[] = {
    {FileCipher::aes_256_cbc_md5, true, derive_md5},
    {FileCipher::aes_256_cbc_md5_nosalt, false, derive_md5},
    {FileCipher::aes_256_cbc_sha256, true, derive_sha256},
    {FileCipher::aes_256_cbc_sha256_nosalt, false, derive_sha256},
    {FileCipher::aes_256_cbc_pbkdf2, true, derive_pbkdf2},
    {FileCipher::aes_256_cbc_pbkdf2_nosalt, false, derive_pbkdf2},
};

constexpr FileCipher all_ciphers[] = {
    FileCipher::aes_256_cbc_md5,    FileCipher::aes_256_cbc_md5_nosalt,
    FileCipher::aes_256_cbc_sha256, FileCipher::aes_256_cbc_sha256_nosalt,
    FileCipher::aes_256_cbc_pbkdf2, FileCipher::aes_256_cbc_pbkdf2_nosalt,
};

// One key on one ciphertext of whole blocks.
class Opener {
  public:
    explicit Opener(const KeyAndIv& secret) : secret_(secret) {
        mbedtls_aes_init(&aes_);
        check(mbedtls_aes_setkey_dec(&aes_, secret.bytes, key_bits));
    }
    ~Opener() { mbedtls_aes_free(&aes_); }
    Opener(const Opener&) = delete;
    Opener& operator=(const Opener&) = delete;

    // `size` bytes from a block's beginning at `at`. `out` may be the same place.
    void decrypt(Bytes ciphertext, uint32_t at, uint32_t size, uint8_t* out) {
        Secret<block_bytes> before;
        const uint8_t* const previous =
            at == 0 ? secret_.bytes + key_bytes : ciphertext.data() + (at - block_bytes);
        std::copy_n(previous, block_bytes, before.bytes);
        check(mbedtls_aes_crypt_cbc(&aes_, MBEDTLS_AES_DECRYPT, size, before.bytes,
                                    ciphertext.data() + at, out));
    }

  private:
    const KeyAndIv& secret_;
    mbedtls_aes_context aes_;
};

// Makes the ciphertext of what an Opener with the same key has decrypted in place.
void encrypt_again(std::span<uint8_t> plaintext, const KeyAndIv& secret) {
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    check(mbedtls_aes_setkey_enc(&aes, secret.bytes, key_bits));
    Secret<block_bytes> before;
    std::copy_n(secret.bytes + key_bytes, block_bytes, before.bytes);
    check(mbedtls_aes_crypt_cbc(&aes, MBEDTLS_AES_ENCRYPT, plaintext.size(), before.bytes,
                                plaintext.data(), plaintext.data()));
    mbedtls_aes_free(&aes);
}

// How many bytes of PKCS #7 padding end `text`; 0 when it does not end in right padding.
uint32_t padding_bytes(Bytes text) {
    if (text.empty()) return 0;
    const uint32_t count = text.back();
    if (count == 0 || count > block_bytes || count > text.size()) return 0;
    const Bytes padding = text.last(count);
    const bool right = std::all_of(padding.begin(), padding.end(),
                                   [count](uint8_t byte) { return byte == count; });
    return right ? count : 0;
}

enum class Fit : uint8_t {
    none,    // another key
    head,    // the beginning makes sense and the padding does not: the end is missing
    opened,  // the ciphertext has become plaintext
};

// Looks at both ends before it decrypts all of it, so that a wrong key costs five blocks and
// leaves the ciphertext as it was.
Fit try_key(std::span<uint8_t> ciphertext, const KeyAndIv& secret, HeadTest head_test,
            uint32_t& plain_bytes) {
    Opener opener(secret);
    const auto size = static_cast<uint32_t>(ciphertext.size());
    Secret<block_bytes> last;
    opener.decrypt(ciphertext, size - block_bytes, block_bytes, last.bytes);
    const uint32_t padding = padding_bytes(last.bytes);
    Secret<head_bytes> head;
    const uint32_t begin_bytes = std::min(size, head_bytes);
    opener.decrypt(ciphertext, 0, begin_bytes, head.bytes);

    if (!head_test({head.bytes, std::min(begin_bytes, size - padding)})) return Fit::none;
    if (padding == 0) return Fit::head;
    opener.decrypt(ciphertext, 0, size, ciphertext.data());
    plain_bytes = size - padding;
    return Fit::opened;
}

// A tool that pads before openssl pads again leaves a whole block of padding behind its own. For
// a few lengths its padding is tabs or line ends; those are refused like the others, so that
// it is not the length that decides.
Status check_padded_once(Bytes plain, uint32_t ciphertext_bytes) {
    const uint32_t inner = padding_bytes(plain);
    if (inner == 0 || ciphertext_bytes - plain.size() != block_bytes) return {};
    return fail(ErrorCode::malformed,
                "the text was padded twice: by " + std::to_string(inner) +
                    " bytes before it was encrypted, which openssl enc does by itself",
                Position::at_offset(static_cast<uint32_t>(plain.size()) - inner));
}

Status check_size(uint32_t file_bytes, uint32_t ciphertext_bytes) {
    if (file_bytes > limits::config_file_bytes) {
        return fail(ErrorCode::too_big, "the file has " + std::to_string(file_bytes) +
                                            " bytes, the limit is " +
                                            std::to_string(limits::config_file_bytes));
    }
    if (ciphertext_bytes == 0) {
        return fail(ErrorCode::truncated, "the encrypted file ends before its first block",
                    Position::at_offset(file_bytes));
    }
    if (ciphertext_bytes % block_bytes != 0) {
        return fail(ErrorCode::truncated,
                    "the encrypted file ends within a block of 16 bytes: it was cut short",
                    Position::at_offset(file_bytes));
    }
    return {};
}

Status check_passwords(std::span<const std::string_view> passwords) {
    bool any = false;
    for (const std::string_view password : passwords) {
        if (password.size() > limits::config_password_bytes) {
            return fail(ErrorCode::bad_usage, "a password is longer than " +
                                                  std::to_string(limits::config_password_bytes) +
                                                  " bytes");
        }
        any = any || !password.empty();
    }
    if (any) return {};
    return fail(ErrorCode::key_missing, "the file is encrypted and config.password is not set");
}

const Derivation& derivation_of(FileCipher cipher) {
    return *std::find_if(std::begin(derivations), std::end(derivations),
                         [cipher](const Derivation& row) { return row.cipher == cipher; });
}

}  // namespace

std::span<const FileCipher> openssl_ciphers() {
    return all_ciphers;
}

Result<Decrypted> decrypt_openssl(std::span<uint8_t> file,
                                  std::span<const std::string_view> passwords, HeadTest head_test,
                                  PlaintextJudge* judge, std::span<const FileCipher> ciphers) {
    const auto file_bytes = static_cast<uint32_t>(file.size());
    if (passwords.size() > limits::config_key_tries) {
        passwords = passwords.first(limits::config_key_tries);
    }
    const Bytes magic = bytes_of(salt_magic);
    const bool salted =
        file_bytes >= magic.size() && std::equal(magic.begin(), magic.end(), file.begin());
    const std::span<uint8_t> ciphertext =
        file.subspan(salted ? std::min(header_bytes, file_bytes) : 0);
    TRY(check_size(file_bytes, static_cast<uint32_t>(ciphertext.size())));
    TRY(check_passwords(passwords));

    const Bytes salt = salted ? file.subspan(magic.size(), salt_bytes) : std::span<uint8_t>();
    bool head_fits = false;
    for (const FileCipher cipher : ciphers) {
        const Derivation& derivation = derivation_of(cipher);
        if (derivation.salted != salted) continue;
        for (const std::string_view password : passwords) {
            if (password.empty()) continue;
            KeyAndIv secret;
            derivation.derive(bytes_of(password), salt, secret);
            uint32_t plain_bytes = 0;
            const Fit fit = try_key(ciphertext, secret, head_test, plain_bytes);
            head_fits = head_fits || fit == Fit::head;
            if (fit != Fit::opened) continue;
            const Decrypted decrypted = {cipher, ciphertext.first(plain_bytes)};
            if (judge == nullptr) {
                TRY(check_padded_once(decrypted.plain, static_cast<uint32_t>(ciphertext.size())));
                return decrypted;
            }
            if (judge->accepts(decrypted)) return decrypted;
            encrypt_again(ciphertext, secret);
        }
    }
    if (judge != nullptr) {
        return fail(ErrorCode::wrong_key,
                    "no password that is set makes a configuration of the file: it was encrypted "
                    "with another one, or is damaged, or somebody has altered it on its way; "
                    "'dialtone inspect' says more of the original");
    }
    if (head_fits) {
        return fail(ErrorCode::truncated,
                    "the password fits and the end of the file does not: it was cut or damaged",
                    Position::at_offset(file_bytes));
    }
    return fail(
        ErrorCode::wrong_key,
        "no password that is set opens the file; keys by MD5, SHA-256 and PBKDF2 were tried");
}

}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "agent/config/cipher.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "agent/config/sniff.h"
#include "agent/hex.h"
#include "agent/limits.h"
#include "tests/agent/config/vectors.h"

using namespace dialtone;

namespace {

using Passwords = std::vector<std::string_view>;

Result<Decrypted> decrypt(std::vector<uint8_t>& file, const Passwords& passwords) {
    return decrypt_openssl(file, passwords, opens_like_document);
}

std::string_view text_of(const Decrypted& decrypted) {
    return {reinterpret_cast<const char*>(decrypted.plain.data()), decrypted.plain.size()};
}

std::vector<uint8_t> vector_for(FileCipher cipher) {
    for (const test::CipherVector& vector : test::cipher_vectors) {
        if (vector.cipher == cipher) return *bytes_of_hex(vector.hex);
    }
    return {};
}

ErrorCode code_of(const Result<Decrypted>& result) {
    REQUIRE(!result);
    return result.error().code;
}

}  // namespace

TEST_CASE("all six forms of openssl enc are decrypted and named") {
    for (const test::CipherVector& vector : test::cipher_vectors) {
        CAPTURE(cipher_name(vector.cipher));
        auto file = *bytes_of_hex(vector.hex);
        const auto decrypted = decrypt(file, {test::vector_password});
        REQUIRE(decrypted);
        CHECK(decrypted->cipher == vector.cipher);
        CHECK(text_of(*decrypted) == test::vector_plain);
    }
}

TEST_CASE("the plaintext lies within the bytes that were handed in") {
    auto file = vector_for(FileCipher::aes_256_cbc_md5);
    const auto decrypted = decrypt(file, {test::vector_password});
    REQUIRE(decrypted);
    CHECK(decrypted->plain.data() == file.data() + 16);
}

TEST_CASE("each password that is set is tried, and empty ones count as not set") {
    auto file = vector_for(FileCipher::aes_256_cbc_sha256);
    CHECK(decrypt(file, {"", "new", test::vector_password}));
    file = vector_for(FileCipher::aes_256_cbc_sha256);
    CHECK(code_of(decrypt(file, {"", ""})) == ErrorCode::key_missing);
}

TEST_CASE("no more passwords are tried than the limit allows") {
    Passwords passwords(limits::config_key_tries, "wrong");
    passwords.push_back(test::vector_password);
    auto file = vector_for(FileCipher::aes_256_cbc_md5);
    CHECK(code_of(decrypt(file, passwords)) == ErrorCode::wrong_key);
}

TEST_CASE("bad input: a file encrypted with another password is refused and left as it was") {
    for (const test::CipherVector& vector : test::cipher_vectors) {
        const auto before = *bytes_of_hex(vector.hex);
        auto file = before;
        const auto result = decrypt(file, {"Password"});
        CHECK(code_of(result) == ErrorCode::wrong_key);
        CHECK(file == before);
    }
}

TEST_CASE("bad input: an encrypted file while no password is set is refused") {
    auto file = vector_for(FileCipher::aes_256_cbc_md5);
    CHECK(code_of(decrypt(file, {})) == ErrorCode::key_missing);
}

TEST_CASE("bad input: a ciphertext that was cut within a block is refused as truncated") {
    const auto whole = vector_for(FileCipher::aes_256_cbc_md5);
    for (uint32_t size = 0; size < whole.size(); ++size) {
        if (size % 16 == 0 && size > 16) continue;
        std::vector<uint8_t> file(whole.begin(), whole.begin() + size);
        const auto result = decrypt(file, {test::vector_password});
        CHECK(code_of(result) == ErrorCode::truncated);
        CHECK(result.error().where == Position::at_offset(size));
    }
}

TEST_CASE("bad input: a ciphertext that was cut between blocks is refused as truncated") {
    for (const test::CipherVector& vector : test::cipher_vectors) {
        const auto whole = *bytes_of_hex(vector.hex);
        for (auto size = static_cast<uint32_t>(whole.size()) - 16; size > 16; size -= 16) {
            std::vector<uint8_t> file(whole.begin(), whole.begin() + size);
            const auto result = decrypt_openssl(file, Passwords{test::vector_password},
                                                opens_like_document, nullptr, {&vector.cipher, 1});
            CHECK(code_of(result) == ErrorCode::truncated);
        }
    }
}

TEST_CASE("bad input: a text that was padded twice is refused and says so") {
    auto file = *bytes_of_hex(test::padded_twice_hex);
    const auto result = decrypt(file, {test::vector_password});
    CHECK(code_of(result) == ErrorCode::malformed);
    CHECK(result.error().detail.find("padded twice") != std::string::npos);
}

TEST_CASE("a damaged last block seldom passes for right padding") {
    const auto whole = vector_for(FileCipher::aes_256_cbc_md5);
    uint32_t accepted = 0;
    for (auto at = static_cast<uint32_t>(whole.size()) - 16; at < whole.size(); ++at) {
        for (uint32_t change = 1; change < 256; ++change) {
            auto file = whole;
            file[at] ^= static_cast<uint8_t>(change);
            if (decrypt_openssl(file, Passwords{test::vector_password}, opens_like_document,
                                nullptr, openssl_ciphers().first(1))) {
                ++accepted;
            }
        }
    }
    // A damaged block is as good as random: one in 256 ends in 01, fewer in longer padding.
    CHECK(accepted < 16 * 255 / 128);
}

TEST_CASE("bad input: an encrypted file over the limit is refused before any key is made") {
    std::vector<uint8_t> file(limits::config_file_bytes + 16, 0x5A);
    CHECK(code_of(decrypt(file, {test::vector_password})) == ErrorCode::too_big);
}

TEST_CASE("bad input: a password over the limit is refused") {
    const std::string password(limits::config_password_bytes + 1, 'p');
    auto file = vector_for(FileCipher::aes_256_cbc_md5);
    CHECK(code_of(decrypt(file, {password})) == ErrorCode::bad_usage);
}

TEST_CASE("the longest password is tried without harm") {
    const std::string password(limits::config_password_bytes, 'p');
    auto file = vector_for(FileCipher::aes_256_cbc_md5);
    CHECK(code_of(decrypt(file, {password})) == ErrorCode::wrong_key);
}

TEST_CASE("a password longer than a hash block makes the keys OpenSSL makes of it") {
    std::string password;
    for (uint32_t i = 0; i < 8; ++i)
        password += "0123456789";
    for (const std::string_view block :
         {"4d0fdda7418c115a114c662941cfe2e5", "ee0dcf07c25f60bbfa22d9ae0b3ddfdb",
          "c6acd6a6a7376f618583f876d28bcf86"}) {
        auto file = *bytes_of_hex("53616c7465645f5f0102030405060708" + std::string(block));
        const auto decrypted = decrypt(file, {password});
        REQUIRE(decrypted);
        CHECK(text_of(*decrypted) == "<a/>\n");
    }
}

TEST_CASE("ciphers that the caller leaves out are not tried") {
    auto file = vector_for(FileCipher::aes_256_cbc_pbkdf2);
    const FileCipher quick[] = {FileCipher::aes_256_cbc_md5, FileCipher::aes_256_cbc_sha256};
    CHECK(code_of(decrypt_openssl(file, Passwords{test::vector_password}, opens_like_document,
                                  nullptr, quick)) == ErrorCode::wrong_key);
}

TEST_CASE("every cipher has a name of its own") {
    std::vector<std::string_view> names = {cipher_name(FileCipher::none)};
    for (const FileCipher cipher : openssl_ciphers())
        names.push_back(cipher_name(cipher));
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

namespace {

class Refusal : public PlaintextJudge {
  public:
    bool accepts(const Decrypted&) override { return false; }
};

uint32_t heads_tried = 0;

bool counted_head(std::span<const uint8_t> head) {
    ++heads_tried;
    return opens_like_document(head);
}

}  // namespace

TEST_CASE("a plaintext that its judge refuses costs what a wrong key costs, and changes nothing") {
    const FileCipher quick[] = {FileCipher::aes_256_cbc_md5, FileCipher::aes_256_cbc_sha256};
    const Passwords passwords = {test::vector_password, "another"};
    const auto whole = vector_for(FileCipher::aes_256_cbc_md5);
    const auto cut = std::vector(whole.begin(), whole.end() - 16);
    std::vector<std::string> reasons;
    for (const auto& content : {whole, cut}) {
        Refusal judge;
        heads_tried = 0;
        auto file = content;
        const auto result = decrypt_openssl(file, passwords, counted_head, &judge, quick);
        CHECK(code_of(result) == ErrorCode::wrong_key);
        CHECK(heads_tried == 4);
        CHECK(file == content);
        reasons.push_back(result.error().detail);
    }
    CHECK(reasons[0] == reasons[1]);
}

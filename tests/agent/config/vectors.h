// SPDX-License-Identifier: Apache-2.0
//
// One small Grandstream file, encrypted in every way `openssl enc -aes-256-cbc` can: password
// "password", salt 0102030405060708 where there is one. The same files lie in tests/data/config.
// SHA-256 and PBKDF2 without salt are OpenSSL 3.0's, all others agree with it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "agent/document.h"

namespace dialtone::test {

inline constexpr std::string_view vector_password = "password";

inline constexpr std::string_view vector_plain =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n"
    "<gs_provision version=\"1\"><mac>000b82123456</mac>"
    "<config version=\"1\"><P271>0</P271></config></gs_provision>\n";

struct CipherVector {
    FileCipher cipher;
    std::string_view hex;
};

inline constexpr CipherVector cipher_vectors[] = {
    {FileCipher::aes_256_cbc_md5,
     "53616c7465645f5f0102030405060708c8d9136d8761c63bf35bcca77cbba642"
     "55004d60433509c18f8aa8644c088887844d38ab8091df55a174230a830985ea"
     "f0fe6ef8996626b6d18ff1fd7257e5ba8551b01e2c8a61f9ee533450cc79d3d9"
     "7efc02d6cd8c9c1fb8d9eab06402341bbc5d3d87dee4981462886db26cc76897"
     "746f1c8063a6a7f9cd9339cbee0a2e6bb8593817f10d5503094edc10ca6f6db3"
     "85da56c42fcd6ae7c76253b56393418a"},
    {FileCipher::aes_256_cbc_sha256,
     "53616c7465645f5f0102030405060708f76b927b0a39cb609a1da74786277ae9"
     "6124721368dbc73b957b9313d55f1093a7661227d01d58c93a8e4a0f4ef7be62"
     "2e2efcf8c06cdb95172ebbc6619fe2e7bef432cc1983e300dd4c616607fe72c7"
     "f4ef6cb1fe0595a3995510f1de41eb6b6e3924d2f43defeb7959eea55769a6d9"
     "e58353fa728fe4967ac23bd36f469a755ce3e55572ceff1a908289fcad3a43f1"
     "4cfd20073dcf0d30d7ee57d2b193d057"},
    {FileCipher::aes_256_cbc_pbkdf2,
     "53616c7465645f5f0102030405060708522d7bad77adc9839a33bb2c9fc8feb9"
     "76b40dac7b00a2100c0e1b04c323431f6e4f2465411ffb47b4297a603f58405e"
     "f733fd7f370e86ff29b32f9bda903be9d86a866ff3c88b2d83d8f6bbeebee0c4"
     "d7f7fbe55766ddb616a6b0e8963a5f8e2fa9b272e91ef60f9795bbaf924bd346"
     "0c982a7a31062ab49392d9acfbdcb706ebc2d11ecad5a1f6860171c4c0a673f6"
     "75cb3e0c6aa2b024c43386e638dec699"},
    {FileCipher::aes_256_cbc_md5_nosalt,
     "d86ecc26fe0b2c8f88375e0b914585383b0aa8be495c1aa73ddea5a24317113c"
     "9301e641e163cef8eb29d5fe5695771fd2d4b13ee9a19d1948edd833f596446d"
     "5c85b1d17684d678d61c0c0fecba5df023bd29394b3357cc37c91dab46ef57cd"
     "985f70026ef1a66d3c26fd083bdd20df4e7d9efda8d731bce13b2a8d80f8cfcb"
     "6b3d50562036bcf4e89fabd094f84f37ed80bfb35d5e17e675cf0737c6375c7b"},
    {FileCipher::aes_256_cbc_sha256_nosalt,
     "1fc2f0c518a7e2921d9432db08d86928647cd9c7cb2cde6ff4ee87b104392fe0"
     "99c01f5bbc634ffc5d7f1f7ac91506917ad66f510564b8d1715d069a320ff8b0"
     "f749cdac2d1941fc884cfdb16d78fbf3add3fdc45775ef839237e8247aef867e"
     "7135bdba6d028e1777ae14762b5a81fbd08ec192a450576582731c976ad4ec6f"
     "0d0b569728652850601255fda5e3e6c7ef13dde82a863322d7cd6623b7a7955c"},
    {FileCipher::aes_256_cbc_pbkdf2_nosalt,
     "eef46eb535d073cbd8eb8724e9bafdd1270422847c77f5deb10fdd8be456f40f"
     "a5a27a389c2291b29e109b1e14e1613cc0dc839aac6dfde5dd5106fb7f3bf55a"
     "a9f1686a3ddd65b23320044a107147c4a877b0eb331a844ffb13c3c96d27ec8f"
     "89755b8a4f57a763112836cc2587c328a187196585cbc6684b76e116878d067d"
     "14c895e6294c7b138e97827e343fd5e2c9c3b559377e5dce5936d0f0361749c9"},
};

// The same text as sha256, after a tool had padded it to whole blocks.
inline constexpr std::string_view padded_twice_hex =
    "53616c7465645f5f0102030405060708"
    "f76b927b0a39cb609a1da74786277ae96124721368dbc73b957b9313d55f1093"
    "a7661227d01d58c93a8e4a0f4ef7be622e2efcf8c06cdb95172ebbc6619fe2e7"
    "bef432cc1983e300dd4c616607fe72c7f4ef6cb1fe0595a3995510f1de41eb6b"
    "6e3924d2f43defeb7959eea55769a6d9e58353fa728fe4967ac23bd36f469a75"
    "5ce3e55572ceff1a908289fcad3a43f14cfd20073dcf0d30d7ee57d2b193d057"
    "7780edb957bbfc866aab06887b51123a";

inline std::vector<uint8_t> bytes_of_text(std::string_view text) {
    return {text.begin(), text.end()};
}

inline std::string_view text_of_bytes(const std::vector<uint8_t>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace dialtone::test

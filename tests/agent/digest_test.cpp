// SPDX-License-Identifier: Apache-2.0
#include "agent/digest.h"

#include <doctest/doctest.h>

#include "agent/hex.h"
#include "tests/agent/config/vectors.h"

using namespace dialtone;

TEST_CASE("the digest of bytes is SHA-256 as FIPS 180-4 gives it") {
    CHECK(hex_of(sha256_of("abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex_of(sha256_of("")) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hex_of(sha256_of(test::bytes_of_text(test::vector_plain))) ==
          "439c5f814c3e1be8ce82934ed1017540abfb72fb421064120d1787034da9f3b3");
}

TEST_CASE("MD5 is that of RFC 1321") {
    CHECK(hex_of(md5_of("")) == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK(hex_of(md5_of("message digest")) == "f96b697d7cb7938d525a2f31aaf161d0");
}

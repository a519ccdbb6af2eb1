// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/tls_words.h"

#include <doctest/doctest.h>

namespace dialtone {
namespace {

TEST_CASE("an error and an alert are read out of curl's words") {
    struct Row {
        const char* words;
        TlsFault fault;
    };
    const Row rows[] = {
        {"ssl_handshake returned: (-0x7780) alert 70 SSL - A fatal alert", {0x7780, 70}},
        {"ssl_handshake returned: (-0x7100) alert 0 ", {0x7100, 0}},
        {"ssl_read returned: (-0x7780) alert 116 ", {0x7780, 116}},
        {"ssl_handshake returned: (-0x2562) alert 0 ", {0x2562, 0}},
        {"peer certificate could not be verified", {}},
        {"ssl_handshake returned: (", {}},
        {"", {}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.words);
        CHECK(read_tls_fault(row.words) == row.fault);
    }
}

TEST_CASE("every fault of a TLS handshake has words for an administrator") {
    struct Row {
        TlsFault fault;
        const char* words;
    };
    constexpr const char* nothing_in_common =
        "the server and this phone have no cipher, no curve and no kind of certificate in common";
    constexpr const char* not_accepted = "the server does not accept the phone's certificate";
    const Row rows[] = {
        {{0x7780, 10}, "the server did not expect what the phone said"},
        {{0x7780, 20}, "the server could not decrypt what the phone said"},
        {{0x7780, 40}, nothing_in_common},
        {{0x7780, 42}, not_accepted},
        {{0x7780, 43}, not_accepted},
        {{0x7780, 44}, not_accepted},
        {{0x7780, 45}, not_accepted},
        {{0x7780, 46}, not_accepted},
        {{0x7780, 48}, not_accepted},
        {{0x7780, 49}, not_accepted},
        {{0x7780, 116}, not_accepted},
        {{0x7780, 47}, "the server takes what the phone said for a breach of TLS"},
        {{0x7780, 50}, "the server cannot read what the phone said"},
        {{0x7780, 51}, "the server could not check what the phone has signed"},
        {{0x7780, 70}, "the server speaks neither TLS 1.2 nor 1.3"},
        {{0x7780, 71}, "the server finds the ciphers of this phone too weak"},
        {{0x7780, 80}, "the server says that it has a fault of its own"},
        {{0x7780, 109}, "the server misses an extension of TLS"},
        {{0x7780, 110}, "the server does not take an extension of TLS"},
        {{0x7780, 112}, "the server has no site of this name"},
        {{0x7780, 120}, "the server does not speak HTTP/1.1"},
        {{0x7780, 99}, "the server ended it with alert 99"},
        {{0x6E80, 0}, "the server speaks neither TLS 1.2 nor 1.3"},
        {{0x6E00, 0}, nothing_in_common},
        {{0x7100, 0}, "the server's certificates are larger than 16 KB together"},
        {{0x7180, 0}, "what the server said cannot be decrypted"},
        {{0x7200, 0}, "what the server said is not TLS"},
        {{0x7280, 0}, "the server hung up"},
        {{0x7880, 0}, "the server hung up"},
        {{0x7300, 0}, "what the server said breaks TLS"},
        {{0x6600, 0}, "what the server said breaks TLS"},
        {{0x7500, 0}, "the server uses an extension of TLS that this phone has not offered"},
        {{0x7700, 0}, "the server said what nobody had asked for"},
        {{0x7A00, 0},
         "the server's certificate is not made for this use, or its key is on a curve that is not "
         "supported"},
        {{0x6D00, 0}, "the server's certificate has a kind of key that does not fit the cipher"},
        {{0x3000, 0},
         "there are more than 8 certificates between the server's and its authority's"},
        {{0x2562, 0},
         "one of the server's certificates has a critical extension that is not supported"},
        {{0x2080, 0},
         "one of the server's certificates has a critical extension that is not supported"},
        {{0x262E, 0}, "one of the server's certificates is signed in a way that is not supported"},
        {{0x3CAE, 0}, "one of the server's certificates has a kind of key that is not supported"},
        {{0x3A2E, 0},
         "one of the server's certificates has a key on a curve that is not supported"},
        {{0x3B60, 0}, "one of the server's certificates has a key that cannot be read"},
        {{0x3D00, 0}, "one of the server's certificates has a key that cannot be read"},
        {{0x7F00, 0}, "mbedTLS calls it -0x7F00"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.words);
        CHECK(tls_fault_words(row.fault, true) == row.words);
    }
}

TEST_CASE("a phone without a certificate is told that the server demands one, or may") {
    const TlsFault required = {0x7780, 116}, vague = {0x7780, 40}, version = {0x7780, 70};
    CHECK(tls_fault_words(required, false) == "the server demands a client certificate");
    CHECK(tls_fault_words(vague, false).ends_with(", or it demands a client certificate"));
    CHECK(tls_fault_words(version, false) == tls_fault_words(version, true));
}

}  // namespace
}  // namespace dialtone

// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/tls_words.h"

#include <doctest/doctest.h>

namespace dialtone {
namespace {

TEST_CASE("what a connection came to is read out of curl's words") {
    using S = TlsStage;
    struct Row {
        const char* words;
        TlsFault fault;
    };
    const Row rows[] = {
        {"ssl_handshake returned: (-0x7780) alert 70 state 2 of 303 wanted 0 SSL - A fatal",
         {0x7780, 70, S::hello}},
        {"ssl_handshake returned: (-0x7280) alert 0 state 19 of 304 wanted 0 ",
         {0x7280, 0, S::server}},
        {"ssl_handshake returned: (-0x7780) alert 40 state 12 of 303 wanted 1 ",
         {0x7780, 40, S::client, true}},
        {"ssl_handshake returned: (-0x7780) alert 40 state 16 of 303 wanted 1 ",
         {0x7780, 40, S::client, true}},
        {"ssl_handshake returned: (-0x7780) alert 40 state 13 of 304 wanted 1 ",
         {0x7780, 40, S::server, true}},
        {"ssl_handshake returned: (-0x0001) alert 0 state 7 of 303 wanted 1 ",
         {0x0001, 0, S::client, true}},
        {"ssl_handshake returned: (-0x0001) alert 0 state 11 of 304 wanted 1 ",
         {0x0001, 0, S::client, true}},
        {"ssl_handshake returned: (-0x0001) alert 0 state 9 of 304 wanted 1 ",
         {0x0001, 0, S::server, true}},
        {"ssl_write returned: (-0x0001) alert 0 state 27 of 304 wanted 1 ",
         {0x0001, 0, S::answer, true}},
        {"ssl_read returned: (-0x7780) alert 116 state 27 of 304 wanted 1 ",
         {0x7780, 116, S::answer, true}},
        {"ssl_read returned: (-0x7880) alert 0 state 27 of 303 wanted 2 ",
         {0x7880, 0, S::answer, false, true}},
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

constexpr TlsAsker bare = {};
constexpr TlsAsker with_certificate = {.shows_certificate = true};
constexpr TlsAsker by_address = {.names_host = false};
constexpr const char* nothing_in_common =
    "the server and this phone have no cipher, no curve and no kind of certificate in common (keys "
    "for RSA-PSS alone and of Ed25519 are not known here)";

TEST_CASE("every alert and error of a TLS handshake has words for an administrator") {
    struct Row {
        TlsFault fault;
        const char* words;
    };
    const Row rows[] = {
        {{0x7780, 10}, "the server did not expect what the phone said"},
        {{0x7780, 20}, "the server could not decrypt what the phone said"},
        {{0x7780, 40}, nothing_in_common},
        {{0x7780, 47}, "the server takes what the phone said for a breach of TLS"},
        {{0x7780, 49}, "the server lets this phone not in"},
        {{0x7780, 50}, "the server cannot read what the phone said"},
        {{0x7780, 51}, "the server could not check what the phone has signed"},
        {{0x7780, 70}, "the server speaks neither TLS 1.2 nor 1.3"},
        {{0x7780, 71}, "the server finds the ciphers of this phone too weak"},
        {{0x7780, 80},
         "the server says that it has a fault of its own, as some do that have no site of this "
         "name"},
        {{0x7780, 80, TlsStage::answer}, "the server says that it has a fault of its own"},
        {{0x7780, 86}, "the server knows a newer TLS than the one it was offered"},
        {{0x7780, 109}, "the server misses an extension of TLS"},
        {{0x7780, 110}, "the server does not take an extension of TLS"},
        {{0x7780, 112}, "the server has no site of this name"},
        {{0x7780, 120}, "the server does not speak HTTP/1.1"},
        {{0x7780, 99}, "the server ended it with alert 99"},
        {{0x7780, 0}, "mbedTLS calls it -0x7780"},
        {{0x6E80, 0}, "the server speaks neither TLS 1.2 nor 1.3"},
        {{0x6E00, 0}, nothing_in_common},
        {{0x7100, 0}, "the server's certificates are larger than 16 KB together"},
        {{0x7180, 0}, "what the server said cannot be decrypted"},
        {{0x7200, 0}, "what the server said is not TLS"},
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
        CHECK(tls_fault_words(row.fault, bare) == row.words);
    }
}

TEST_CASE("a client certificate is named where the server has asked for one, and nowhere else") {
    struct Row {
        int alert;
        TlsStage stage;
    };
    const Row rows[] = {
        {42, TlsStage::answer},  {43, TlsStage::answer}, {44, TlsStage::answer},
        {45, TlsStage::answer},  {46, TlsStage::answer}, {48, TlsStage::answer},
        {49, TlsStage::answer},  {40, TlsStage::client}, {42, TlsStage::client},
        {116, TlsStage::answer}, {40, TlsStage::answer},
    };
    for (const auto& [alert, stage] : rows) {
        CAPTURE(alert);
        const TlsFault asked = {0x7780, alert, stage, true};
        CHECK(tls_fault_words(asked, bare) ==
              "the server demands a client certificate, and the phone has none (tls.cert)");
        CHECK(tls_fault_words(asked, with_certificate) ==
              "the server does not accept the phone's certificate");
        for (const TlsStage other : {stage, TlsStage::hello, TlsStage::server}) {
            const TlsFault unasked = {0x7780, alert, other, other != stage};
            CHECK(tls_fault_words(unasked, bare).find("client certificate") == std::string::npos);
        }
    }
}

TEST_CASE("a server that is asked by its address may miss a name") {
    const auto words = [](int alert) { return tls_fault_words({0x7780, alert}, by_address); };
    CHECK(words(112) ==
          "the server has no site of this name: it is asked by its address, and serves sites by "
          "their names alone");
    CHECK(words(80).ends_with("no site of this name: it is asked by its address"));
    CHECK(words(40) ==
          std::string(nothing_in_common) + ", or it has no site for an address, without a name");
    CHECK(words(70) == "the server speaks neither TLS 1.2 nor 1.3");
    CHECK(tls_fault_words({0x7780, 112, TlsStage::answer}, by_address) ==
          "the server has no site of this name");
}

TEST_CASE("a server that wants to negotiate anew is told as what it is, however it ends") {
    for (const int alert : {0, 40}) {
        for (const int error : {0x7780, 0x7880, 0x7280, 0x0001}) {
            const TlsFault fault = {error, alert, TlsStage::answer, false, true};
            CHECK(tls_fault_words(fault, bare).starts_with("the server wants to negotiate anew"));
            CHECK(tls_end_words(fault, with_certificate) == tls_fault_words(fault, bare));
        }
    }
}

TEST_CASE("a connection that just ends is told by how far it had come") {
    for (const int error : {0x7280, 0x7880, 0x0001}) {
        CAPTURE(error);
        const auto words = [error](TlsStage stage, const TlsAsker& asker = bare) {
            return tls_fault_words({error, 0, stage}, asker);
        };
        CHECK(words(TlsStage::hello) ==
              "the server hung up without a word: it may speak neither TLS 1.2 nor 1.3, or have no "
              "site of this name");
        CHECK(words(TlsStage::hello, by_address)
                  .ends_with("no site for an address, without a "
                             "name"));
        CHECK(words(TlsStage::server) == "the server hung up in the middle of it");
        CHECK(words(TlsStage::client) == "the server hung up");
        CHECK(tls_end_words({error, 0, TlsStage::answer}, bare).empty());
        const TlsFault asked = {error, 0, TlsStage::answer, true};
        CHECK(tls_end_words(asked, bare) ==
              "the server hung up after it had asked for a client certificate, and the phone has "
              "none (tls.cert)");
        CHECK(tls_end_words(asked, with_certificate) ==
              "the server hung up after it had seen the phone's certificate");
        CHECK(tls_fault_words({error, 0, TlsStage::client, true}, bare) ==
              tls_end_words(asked, bare));
    }
}

}  // namespace
}  // namespace dialtone

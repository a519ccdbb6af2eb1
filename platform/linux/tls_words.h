// SPDX-License-Identifier: Apache-2.0
//
// Why a TLS connection ended before an answer, in words an administrator can act on: mbedTLS's
// error, the server's alert (RFC 8446 section 6), how far the handshake had come and what the
// server had asked for, all of which a patched curl tells
// (toolchains/patches/curl-alert-number.patch). Called by transfer_words.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dialtone {

// How far the connection had come. The same alert means another thing later: nobody judges a client
// before having heard of it.
enum class TlsStage : uint8_t {
    hello,   // the server has said nothing yet but that it does not go on
    server,  // it says who it is
    client,  // the client speaks, or under TLS 1.2 waits for what the server makes of it
    answer,  // the handshake is over for the client; under TLS 1.3 the server judges it now
};

struct TlsFault {
    int error = 0;  // mbedTLS's, without its sign; 0: none is known
    int alert = 0;  // that the server has sent; 0: none
    TlsStage stage = TlsStage::hello;
    bool wants_certificate = false;    // it has sent a CertificateRequest
    bool wants_renegotiation = false;  // it has sent a HelloRequest, and the phone has refused

    bool operator==(const TlsFault&) const = default;
};

// What the words depend on beside the fault.
struct TlsAsker {
    bool shows_certificate = false;  // the phone has one of its own
    bool names_host = true;          // the URL has a name; with an address no site is named
};

// Out of "ssl_handshake returned: (-0x7780) alert 40 state 2 of 303 wanted 0 ..." and the same of
// ssl_read and ssl_write.
TlsFault read_tls_fault(std::string_view curl_words);

// "the server speaks neither TLS 1.2 nor 1.3". A fault without words of its own is named by its
// number.
std::string tls_fault_words(const TlsFault& fault, const TlsAsker& asker);

// The same of a connection that ended with no more than that, when the handshake was over; empty
// where that says nothing about TLS.
std::string tls_end_words(const TlsFault& fault, const TlsAsker& asker);

}  // namespace dialtone

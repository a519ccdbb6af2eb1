// SPDX-License-Identifier: Apache-2.0
//
// Why a TLS connection ended before an answer, in words an administrator can act on: mbedTLS's
// error and the server's alert (RFC 8446 section 6), of which a patched curl tells both
// (toolchains/patches/curl-alert-number.patch). Called by transfer_words.cpp.
#pragma once

#include <string>
#include <string_view>

namespace dialtone {

struct TlsFault {
    int error = 0;  // mbedTLS's, without its sign; 0: none is known
    int alert = 0;  // that the server has sent; 0: none

    bool operator==(const TlsFault&) const = default;
};

// Out of "ssl_handshake returned: (-0x7780) alert 40 ..." and "ssl_read returned: ...".
TlsFault read_tls_fault(std::string_view curl_words);

// "the server speaks neither TLS 1.2 nor 1.3". `shows_certificate`: the phone has one to show, so
// that the server's judgement may be on it. A fault without words of its own is named by its
// number.
std::string tls_fault_words(const TlsFault& fault, bool shows_certificate);

}  // namespace dialtone

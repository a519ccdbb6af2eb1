// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/tls_words.h"

#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace dialtone {
namespace {

constexpr const char* nothing_in_common =
    "the server and this phone have no cipher, no curve and no kind of certificate in common";

struct AlertWords {
    int alert;
    const char* words;
};

constexpr AlertWords alert_words[] = {
    {MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE, nothing_in_common},
    {MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION, "the server speaks neither TLS 1.2 nor 1.3"},
    {MBEDTLS_SSL_ALERT_MSG_INSUFFICIENT_SECURITY,
     "the server finds the ciphers of this phone too weak"},
    {MBEDTLS_SSL_ALERT_MSG_UNRECOGNIZED_NAME, "the server has no site of this name"},
    {MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL, "the server does not speak HTTP/1.1"},
    {MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR, "the server says that it has a fault of its own"},
    {MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER,
     "the server takes what the phone said for a breach of TLS"},
    {MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR, "the server cannot read what the phone said"},
    {MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE, "the server did not expect what the phone said"},
    {MBEDTLS_SSL_ALERT_MSG_DECRYPT_ERROR, "the server could not check what the phone has signed"},
    {MBEDTLS_SSL_ALERT_MSG_BAD_RECORD_MAC, "the server could not decrypt what the phone said"},
    {MBEDTLS_SSL_ALERT_MSG_MISSING_EXTENSION, "the server misses an extension of TLS"},
    {MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_EXT, "the server does not take an extension of TLS"},
};

// Judgements on the certificate that the phone has shown, or has not.
constexpr int certificate_alerts[] = {
    MBEDTLS_SSL_ALERT_MSG_BAD_CERT,      MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT,
    MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED,  MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED,
    MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN,  MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA,
    MBEDTLS_SSL_ALERT_MSG_ACCESS_DENIED, MBEDTLS_SSL_ALERT_MSG_CERT_REQUIRED,
};

struct ErrorWords {
    int error;
    const char* words;
};

constexpr ErrorWords error_words[] = {
    {MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION, "the server speaks neither TLS 1.2 nor 1.3"},
    {MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE, nothing_in_common},
    {MBEDTLS_ERR_SSL_INVALID_RECORD, "what the server said is not TLS"},
    {MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE, "the server said what nobody had asked for"},
    {MBEDTLS_ERR_SSL_CONN_EOF, "the server hung up"},
    {MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY, "the server hung up"},
    {MBEDTLS_ERR_SSL_INVALID_MAC, "what the server said cannot be decrypted"},
    {MBEDTLS_ERR_SSL_DECODE_ERROR, "what the server said breaks TLS"},
    {MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER, "what the server said breaks TLS"},
    {MBEDTLS_ERR_SSL_UNSUPPORTED_EXTENSION,
     "the server uses an extension of TLS that this phone has not offered"},
    {MBEDTLS_ERR_SSL_BAD_INPUT_DATA, "the server's certificates are larger than 16 KB together"},
    {MBEDTLS_ERR_SSL_BAD_CERTIFICATE,
     "the server's certificate is not made for this use, or its key is on a curve that is not "
     "supported"},
    {MBEDTLS_ERR_SSL_PK_TYPE_MISMATCH,
     "the server's certificate has a kind of key that does not fit the cipher"},
    {MBEDTLS_ERR_X509_FATAL_ERROR,
     "there are more than 8 certificates between the server's and "
     "its authority's"},
    {MBEDTLS_ERR_X509_INVALID_EXTENSIONS,
     "one of the server's certificates has a critical extension that is not supported"},
    {MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE,
     "one of the server's certificates has a critical extension that is not supported"},
    {MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG,
     "one of the server's certificates is signed in a way that is not supported"},
    {MBEDTLS_ERR_PK_UNKNOWN_PK_ALG,
     "one of the server's certificates has a kind of key that is not supported"},
    {MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE,
     "one of the server's certificates has a key on a curve that is not supported"},
    {MBEDTLS_ERR_PK_KEY_INVALID_FORMAT,
     "one of the server's certificates has a key that cannot be read"},
    {MBEDTLS_ERR_PK_INVALID_PUBKEY,
     "one of the server's certificates has a key that cannot be read"},
};

constexpr int own_bits = 0x7F;  // of an error within an error: ASN.1's, for instance

int number_behind(std::string_view text, std::string_view mark, int base) {
    const size_t at = text.find(mark);
    if (at == std::string_view::npos) return 0;
    int number = 0;
    std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), number, base);
    return number;
}

std::string numbered(const TlsFault& fault) {
    char text[64] = "";
    if (fault.alert != 0) {
        std::snprintf(text, sizeof text, "the server ended it with alert %d", fault.alert);
    } else {
        std::snprintf(text, sizeof text, "mbedTLS calls it -0x%04X",
                      static_cast<unsigned>(fault.error));
    }
    return text;
}

}  // namespace

TlsFault read_tls_fault(std::string_view curl_words) {
    if (curl_words.find(" returned: (") == std::string_view::npos) return {};
    return {number_behind(curl_words, "(-0x", 16), number_behind(curl_words, ") alert ", 10)};
}

std::string tls_fault_words(const TlsFault& fault, bool shows_certificate) {
    if (std::ranges::count(certificate_alerts, fault.alert) != 0) {
        return shows_certificate ? "the server does not accept the phone's certificate"
                                 : "the server demands a client certificate";
    }
    if (fault.alert != 0) {
        const auto* const found = std::ranges::find(alert_words, fault.alert, &AlertWords::alert);
        if (found == std::end(alert_words)) return numbered(fault);
        // Under TLS 1.2 a server that wants to see a certificate may say no more than that.
        const bool is_vague =
            !shows_certificate && fault.alert == MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE;
        return found->words + std::string(is_vague ? ", or it demands a client certificate" : "");
    }
    for (const ErrorWords& entry : error_words) {
        // The macros are negative, and an error may carry a smaller one.
        if ((fault.error & ~own_bits) == -entry.error) return entry.words;
    }
    return numbered(fault);
}

}  // namespace dialtone

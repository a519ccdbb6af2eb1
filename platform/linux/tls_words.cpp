// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/tls_words.h"

#include <mbedtls/error.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>

namespace dialtone {
namespace {

constexpr const char* nothing_in_common =
    "the server and this phone have no cipher, no curve and no kind of certificate in common (keys "
    "for RSA-PSS alone and of Ed25519 are not known here)";
constexpr const char* demands_certificate =
    "the server demands a client certificate, and the phone has none (tls.cert)";
constexpr const char* refuses_certificate = "the server does not accept the phone's certificate";
constexpr const char* renegotiates =
    "the server wants to negotiate anew, as it does where a folder alone demands a client "
    "certificate; this phone does not, it can show one where the whole site demands it";
constexpr const char* hung_up = "the server hung up";

constexpr uint32_t at(TlsStage stage) {
    return 1U << static_cast<uint32_t>(stage);
}
constexpr uint32_t first = at(TlsStage::hello);
constexpr uint32_t any = ~0U;

struct AlertWords {
    int alert;
    uint32_t stages;  // at which it has these words
    const char* words;
    const char* without_name;  // what may be behind it when no site was named; null: nothing
};

// Of an alert the first row whose stage fits.
constexpr AlertWords alert_words[] = {
    {MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE, any, nothing_in_common,
     ", or it has no site for an address, without a name"},
    {MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION, any, "the server speaks neither TLS 1.2 nor 1.3",
     nullptr},
    {MBEDTLS_SSL_ALERT_MSG_INSUFFICIENT_SECURITY, any,
     "the server finds the ciphers of this phone too weak", nullptr},
    {MBEDTLS_SSL_ALERT_MSG_UNRECOGNIZED_NAME, any, "the server has no site of this name",
     ": it is asked by its address, and serves sites by their names alone"},
    {MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL, any, "the server does not speak HTTP/1.1",
     nullptr},
    // What servers written in Go say (Caddy, Traefik) when no certificate fits the name.
    {MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR, first,
     "the server says that it has a fault of its own, as some do that have no site of this name",
     ": it is asked by its address"},
    {MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR, any, "the server says that it has a fault of its own",
     nullptr},
    {MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER, any,
     "the server takes what the phone said for a breach of TLS", nullptr},
    {MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR, any, "the server cannot read what the phone said",
     nullptr},
    {MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE, any, "the server did not expect what the phone said",
     nullptr},
    {MBEDTLS_SSL_ALERT_MSG_DECRYPT_ERROR, any,
     "the server could not check what the phone has "
     "signed",
     nullptr},
    {MBEDTLS_SSL_ALERT_MSG_BAD_RECORD_MAC, any, "the server could not decrypt what the phone said",
     nullptr},
    {MBEDTLS_SSL_ALERT_MSG_MISSING_EXTENSION, any, "the server misses an extension of TLS",
     nullptr},
    {MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_EXT, any, "the server does not take an extension of TLS",
     nullptr},
    {MBEDTLS_SSL_ALERT_MSG_ACCESS_DENIED, any, "the server lets this phone not in", nullptr},
    {MBEDTLS_SSL_ALERT_MSG_INAPROPRIATE_FALLBACK, any,
     "the server knows a newer TLS than the one it was offered", nullptr},
};

// Judgements on the certificate that the phone has shown, or has not, once one was asked for. Under
// TLS 1.2 handshake_failure is one, too: there is nothing else left that could be missing.
constexpr int certificate_alerts[] = {
    MBEDTLS_SSL_ALERT_MSG_BAD_CERT,          MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT,
    MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED,      MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED,
    MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN,      MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA,
    MBEDTLS_SSL_ALERT_MSG_ACCESS_DENIED,     MBEDTLS_SSL_ALERT_MSG_CERT_REQUIRED,
    MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE,
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

// The number behind `mark` in `text`, 0 when there is none.
int number_behind(std::string_view text, std::string_view mark, int base) {
    const size_t place = text.find(mark);
    if (place == std::string_view::npos) return 0;
    int number = 0;
    std::from_chars(text.data() + place + mark.size(), text.data() + text.size(), number, base);
    return number;
}

// Of a handshake that has failed. Under TLS 1.2 the client speaks, and waits to be judged, from its
// certificate on. Under TLS 1.3 its last words end the handshake, and some states are the server's.
TlsStage stage_of(int state, int version) {
    if (state <= MBEDTLS_SSL_SERVER_HELLO) return TlsStage::hello;
    const bool is_early = state < MBEDTLS_SSL_CLIENT_CERTIFICATE;
    if (version == MBEDTLS_SSL_VERSION_TLS1_2) {
        const bool is_behind = state > MBEDTLS_SSL_NEW_SESSION_TICKET;
        return is_early || is_behind ? TlsStage::server : TlsStage::client;
    }
    const bool speaks = state == MBEDTLS_SSL_CLIENT_CERTIFICATE ||
                        state == MBEDTLS_SSL_CLIENT_CERTIFICATE_VERIFY ||
                        state == MBEDTLS_SSL_CLIENT_CCS_AFTER_SERVER_FINISHED ||
                        state == MBEDTLS_SSL_CLIENT_FINISHED || state == MBEDTLS_SSL_FLUSH_BUFFERS;
    return speaks ? TlsStage::client : TlsStage::server;
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

// The connection was closed or reset, and no more.
bool has_ended(const TlsFault& fault) {
    return fault.alert == 0 && (fault.error == -MBEDTLS_ERR_SSL_CONN_EOF ||
                                fault.error == -MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY ||
                                fault.error == -MBEDTLS_ERR_ERROR_GENERIC_ERROR);
}

bool judges_certificate(const TlsFault& fault) {
    const bool is_late = fault.stage == TlsStage::client || fault.stage == TlsStage::answer;
    return fault.wants_certificate && is_late &&
           std::ranges::count(certificate_alerts, fault.alert) != 0;
}

std::string words_of_alert(const TlsFault& fault, const TlsAsker& asker) {
    for (const AlertWords& row : alert_words) {
        if (row.alert != fault.alert || (row.stages & at(fault.stage)) == 0) continue;
        const bool may_miss_name = !asker.names_host && fault.stage == TlsStage::hello;
        return std::string(row.words) +
               (may_miss_name && row.without_name != nullptr ? row.without_name : "");
    }
    return numbered(fault);
}

std::string words_of_end(const TlsFault& fault, const TlsAsker& asker) {
    if (const std::string words = tls_end_words(fault, asker); !words.empty()) return words;
    if (fault.stage == TlsStage::server) return "the server hung up in the middle of it";
    if (fault.stage != TlsStage::hello) return hung_up;
    return std::string(
               "the server hung up without a word: it may speak neither TLS 1.2 nor 1.3, "
               "or have no site ") +
           (asker.names_host ? "of this name" : "for an address, without a name");
}

}  // namespace

TlsFault read_tls_fault(std::string_view curl_words) {
    if (curl_words.find(" returned: (") == std::string_view::npos) return {};
    TlsFault fault = {.error = number_behind(curl_words, "(-0x", 16),
                      .alert = number_behind(curl_words, ") alert ", 10)};
    fault.stage = !curl_words.starts_with("ssl_handshake")
                      ? TlsStage::answer
                      : stage_of(number_behind(curl_words, " state ", 10),
                                 number_behind(curl_words, " of ", 16));
    const int wanted = number_behind(curl_words, " wanted ", 10);
    fault.wants_certificate = (wanted & MBEDTLS_SSL_WANTED_CERTIFICATE) != 0;
    fault.wants_renegotiation = (wanted & MBEDTLS_SSL_WANTED_RENEGOTIATION) != 0;
    return fault;
}

std::string tls_fault_words(const TlsFault& fault, const TlsAsker& asker) {
    if (fault.wants_renegotiation) return renegotiates;
    if (judges_certificate(fault))
        return asker.shows_certificate ? refuses_certificate : demands_certificate;
    if (fault.alert != 0) return words_of_alert(fault, asker);
    if (has_ended(fault)) return words_of_end(fault, asker);
    for (const ErrorWords& entry : error_words) {
        // The macros are negative, and an error may carry a smaller one.
        if ((fault.error & ~own_bits) == -entry.error) return entry.words;
    }
    return numbered(fault);
}

std::string tls_end_words(const TlsFault& fault, const TlsAsker& asker) {
    if (fault.wants_renegotiation) return renegotiates;
    const bool is_late = fault.stage == TlsStage::client || fault.stage == TlsStage::answer;
    if (!fault.wants_certificate || !is_late) return {};
    return asker.shows_certificate
               ? "the server hung up after it had seen the phone's certificate"
               : "the server hung up after it had asked for a client certificate, and the phone "
                 "has none (tls.cert)";
}

}  // namespace dialtone

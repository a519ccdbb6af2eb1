// SPDX-License-Identifier: Apache-2.0
//
// What a TLS connection's certificates were found to be, in words an administrator can act on.
// mbedTLS does the verification (RFC 5280); this takes note of its findings, compares the names
// (certificate_names.h) and makes it read the world's clock. Called by transfers.cpp.
#pragma once

#include <cstdint>
#include <string>

#include "agent/instant.h"
#include "platform/linux/authorities.h"
#include "platform/linux/clock.h"

namespace dialtone {

struct CertificateFindings {
    bool verify = true;                        // false: whatever is found is accepted
    bool clock_is_proven = true;               // else a certificate may begin in its future
    std::string host = {};                     // whom the server's certificate has to stand for
    const Authorities* authorities = nullptr;  // in whose certificates the phone trusts
    uint32_t flags = 0;            // MBEDTLS_X509_BADCERT_*, of all certificates of the chain
    std::string names = {};        // for whom it stands instead
    WallSeconds valid_from_s = 0;  // of the first one whose time is not now
    WallSeconds valid_to_s = 0;
    // Within which time all certificates that were shown are valid; 0: none was.
    WallSeconds chain_from_s = 0;
    WallSeconds chain_to_s = 0;
};

// mbedTLS reads `clock` from now on, in the whole process, until another one is named or
// stop_judging_by() ends this one's time: then the machine's clock counts.
void judge_certificates_by(const Clock& clock);
void stop_judging_by(const Clock& clock);

// Has `findings` filled in during the handshake of a connection with this mbedtls_ssl_config, and
// demands of signatures what a phone of today may (SHA-256, RSA 2048, the NIST curves and 25519).
void watch_certificates(void* mbedtls_ssl_config, CertificateFindings& findings);

// Whether the server at the other end has asked for a client certificate.
bool wants_certificate(const void* mbedtls_ssl_context);

// Nothing speaks against it but that it was valid until a time before the clock's.
bool has_only_expired(const CertificateFindings& findings);

// "certificate has expired on 2026-01-01 00:00:00 UTC, the phone's clock says ...". Empty when
// nothing was found.
std::string certificate_words(const CertificateFindings& findings, WallSeconds wall_s);

}  // namespace dialtone
